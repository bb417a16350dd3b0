/*
description: |
  One row per day and account: what Salesforce said of the account at the end of that day (key: day_on, account_id).

  At 23:59:59 UTC, or, where Salesforce was read only later, at the next instant that is known: `known_at`. What an
  account says today is in `crm.account`, from which each day is written once. Whether a contract ran on the day:
  `contract_ends_on >= day_on`.
owner: team:sales-ops
promise: {cron: "30 6 * * *", timezone: UTC, warn: 50h, fail: 74h}
snapshot: day
key: [account_id]
columns:
  account_id: {type: STRING, description: "Salesforce id of the account: `crm.account`."}
  account_name: {type: STRING, description: "Name of the company."}
  account_type: {type: STRING, description: "What sales called it: Customer, Prospect, …"}
  industry: {type: STRING, description: "Industry of the company."}
  country: {type: STRING, description: "Country of the billing address."}
  employees: {type: INT64, description: "Employees of the company."}
  parent_account_id: {type: STRING, description: "Parent account, where there was one."}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owned the account: `crm.user`."}
  contract_ends_on: {type: DATE, description: "Last day of the contract that ran; null without one."}
  arr_usd: {type: NUMERIC, description: "Annual recurring revenue as Salesforce had it, in US dollars."}
  contact_count: {type: INT64, description: "People at the account whom we knew."}
  open_opportunity_count: {type: INT64, description: "Opportunities neither won nor lost."}
  open_pipeline_usd: {type: NUMERIC, description: "Sum of their amounts, in US dollars, not weighted."}
  qualified_pipeline_usd: {type: NUMERIC, description: "Of that, what had reached stage 2 or more, in US dollars."}
  next_close_on: {type: DATE, description: "Earliest day on which an open opportunity was expected to close."}
*/
select
    account_id,
    account_name,
    account_type,
    industry,
    country,
    employees,
    parent_account_id,
    owner_id,
    contract_ends_on,
    arr_usd,
    contact_count,
    open_opportunity_count,
    open_pipeline_usd,
    qualified_pipeline_usd,
    next_close_on
from crm.account
