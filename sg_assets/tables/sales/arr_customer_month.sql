/*
description: |
  One row per month and customer: how its annual recurring revenue (ARR) moved (key: month_on, account_id).

  Finance's ARR tracker, which is the source of truth for revenue, read in this place only; blank cells are nothing.
  The newest month is up to now. A check holds what is computed from it while a movement does not add up to the
  difference of its balances, or a month does not begin as the one before it ended.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, account_id]
columns:
  month_on: {type: DATE, description: "First day of the calendar month."}
  account_id: {type: STRING, description: "Salesforce account of the customer: `crm.account`."}
  customer_name: {type: STRING, description: "Name of the customer, as finance writes it."}
  opening_arr_usd: {type: NUMERIC, description: "ARR when the month began, in US dollars."}
  new_arr_usd: {type: NUMERIC, description: "Of who did not pay when it began, also one that came back, in US dollars."}
  expansion_arr_usd: {type: NUMERIC, description: "What a paying customer pays more, in US dollars."}
  churned_arr_usd: {type: NUMERIC, description: "What a paying customer pays less, or all of it, in US dollars, >= 0."}
  closing_arr_usd: {type: NUMERIC, description: "ARR when the month ended, or so far, in US dollars."}
  committed_users: {type: INT64, description: "Users that the contract is for when the month ends, or so far."}
*/
select
    month_on,
    account_id,
    customer as customer_name,
    coalesce(opening_arr_usd, 0) as opening_arr_usd,
    coalesce(new_arr_usd, 0) as new_arr_usd,
    coalesce(expansion_arr_usd, 0) as expansion_arr_usd,
    coalesce(churned_arr_usd, 0) as churned_arr_usd,
    coalesce(closing_arr_usd, 0) as closing_arr_usd,
    coalesce(committed_users, 0) as committed_users
from raw_google_sheets.arr_tracker
where _deleted_at is null
