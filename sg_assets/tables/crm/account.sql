/*
description: |
  One row per account in Salesforce that was neither deleted, erased nor merged into another (key: account_id).

  The one place where deleted accounts are left out. Somebody who knows an account by the number of one that was merged
  into it finds it through `unique_account_ids`.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [account_id]
columns:
  account_id: {type: STRING, description: "Salesforce id of the account."}
  account_name: {type: STRING, description: "Name of the company."}
  unique_account_id:
    type: STRING
    description: "The company's own number: the end of its username on sourcegraph.com."
  unique_account_ids:
    type: ARRAY<STRING>
    description: "Its own number and those of all accounts merged into it, in alphabetical order."
  account_type: {type: STRING, description: "What sales calls it: Customer, Prospect, …"}
  has_contract: {type: BOOL, description: "Whether a contract runs today (UTC)."}
  industry: {type: STRING, description: "Industry of the company."}
  country: {type: STRING, description: "Country of the billing address."}
  employees: {type: INT64, description: "Employees of the company."}
  website: {type: STRING, description: "Website of the company, as written in Salesforce."}
  parent_account_id: {type: STRING, description: "Parent account, where there is one."}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owns the account: `crm.user`."}
  owner_name: {type: STRING, class: personal, description: "Name of that colleague."}
  owner_email: {type: STRING, class: personal, description: "E-mail address of that colleague."}
  contract_ends_on: {type: DATE, description: "Last day of the contract that runs now; null without one."}
  arr_usd: {type: NUMERIC, description: "Annual recurring revenue, in US dollars."}
  contact_count: {type: INT64, description: "People at the account that we know."}
  open_opportunity_count: {type: INT64, description: "Opportunities neither won nor lost yet."}
  open_pipeline_usd: {type: NUMERIC, description: "Sum of their amounts, in US dollars, not weighted."}
  qualified_pipeline_usd: {type: NUMERIC, description: "Of that, what has reached stage 2 or more, in US dollars."}
  first_won_on: {type: DATE, description: "Day on which the first opportunity was won; null before that."}
  next_close_on: {type: DATE, description: "Earliest day on which an open opportunity is expected to close."}
  created_at: {type: TIMESTAMP, description: "When the account was created."}
*/
with recursive
merged as (
    select
        id,
        unique_account_id,
        master_record_id as account_id,
        1 as steps
    from raw_salesforce.account
    where master_record_id is not null
    union all
    select
        merged.id,
        merged.unique_account_id,
        account.master_record_id,
        merged.steps + 1 as steps
    from merged
    inner join raw_salesforce.account on merged.account_id = account.id
    where account.master_record_id is not null and merged.steps < 20
),

known_number as (
    select
        account_id,
        unique_account_id
    from merged
    union distinct
    select
        id as account_id,
        unique_account_id
    from raw_salesforce.account
),

number as (
    select
        account_id,
        array_agg(unique_account_id order by unique_account_id) as unique_account_ids
    from known_number
    where unique_account_id is not null
    group by account_id
),

contact as (
    select
        account_id,
        count(*) as contact_count
    from crm.contact
    group by account_id
),

opportunity as (
    select
        account_id,
        countif(not is_closed) as open_opportunity_count,
        sum(if(not is_closed, amount_usd, 0)) as open_pipeline_usd,
        sum(if(not is_closed and is_qualified, amount_usd, 0)) as qualified_pipeline_usd,
        min(if(is_won, close_on, null)) as first_won_on,
        min(if(not is_closed, close_on, null)) as next_close_on
    from crm.opportunity
    group by account_id
)

select
    account.id as account_id,
    account.name as account_name,
    account.unique_account_id,
    coalesce(number.unique_account_ids, []) as unique_account_ids,
    account.type as account_type,
    coalesce(account.active_contract_period_end_on >= current_date(), false) as has_contract,
    account.industry,
    account.billing_country as country,
    account.number_of_employees as employees,
    account.website,
    account.parent_id as parent_account_id,
    account.owner_id,
    owner.full_name as owner_name,
    owner.email as owner_email,
    account.active_contract_period_end_on as contract_ends_on,
    account.arr_usd,
    coalesce(contact.contact_count, 0) as contact_count,
    coalesce(opportunity.open_opportunity_count, 0) as open_opportunity_count,
    coalesce(opportunity.open_pipeline_usd, 0) as open_pipeline_usd,
    coalesce(opportunity.qualified_pipeline_usd, 0) as qualified_pipeline_usd,
    opportunity.first_won_on,
    opportunity.next_close_on,
    account.created_at
from raw_salesforce.account
left join crm.user as owner on account.owner_id = owner.user_id
left join number on account.id = number.account_id
left join contact on account.id = contact.account_id
left join opportunity on account.id = opportunity.account_id
left join raw_salesforce.deleted_record
    on
        deleted_record.object_name = 'Account'
        and account.id = deleted_record.id
        and account.system_modstamp <= deleted_record.deleted_at  -- else it was restored since
where not coalesce(account.is_deleted, false) and deleted_record.id is null
