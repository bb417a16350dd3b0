/*
description: |
  One row per instance that sends no telemetry, or that the list of offline customers names (key: instance_id).

  Two things are put together: instances that pinged once and have `no telemetry` now (`customers.instance_telemetry`
  has that rule), and the list that people keep by hand of customers from which nothing can come, behind an air gap or
  with pings switched off, with what those said when they were last asked. An entry of the list that names no instance
  is an instance named after its account; of two that name the same one, the entry asked about last counts.

  `known offline`: on the list. `stopped`: not on it, and nobody has written down why it is silent. `sends again`: still
  on the list although telemetry comes. Pings of an instance that was silent for three years are to be deleted.
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [instance_id]
columns:
  instance_id:
    type: STRING
    class: pseudonymous
    description: "Identifier of the instance (Site ID in Looker), or `instance of` and the account where it is unknown."
  offline_status: {type: STRING, description: "`known offline`, `stopped` or `sends again`."}
  account_id: {type: STRING, description: "Salesforce account that it belongs to: `crm.account`; null for nobody's."}
  account_name: {type: STRING, description: "Name of that account, else the customer's as the list has it."}
  has_contract: {type: BOOL, description: "Whether that account has a contract today."}
  as_of_on: {type: DATE, description: "UTC day for which this is said."}
  offline_since_on:
    type: DATE
    description: "First UTC day without telemetry: as the list says, else the day after the last ping."
  offline_days: {type: INT64, description: "Days from then to `as_of_on`; null for one that sends again."}
  last_ping_at: {type: TIMESTAMP, description: "When its newest ping was received; null when it never pinged."}
  is_air_gapped:
    type: BOOL
    description: "Whether the list says that it has no way out; false: pings were switched off; null: not on the list."
  version: {type: STRING, description: "Version of Sourcegraph, as the newest ping or the last talk has it."}
  user_accounts: {type: INT64, description: "User accounts on it, as the newest ping or the last talk has it."}
  asked_on: {type: DATE, description: "Day on which the customer was last asked; null for one that is not on the list."}
  asked_by: {type: STRING, class: personal, description: "E-mail address of who asked."}
  is_ping_data_due_for_deletion:
    type: BOOL
    description: "Whether it has been silent for over three years, after which its pings are to be deleted."
*/
with
as_of as (
    select coalesce(max(as_of_on), current_date()) as day_on
    from customers.instance_telemetry
),

listed as (
    select
        coalesce(nullif(trim(site_id), ''), concat('instance of ', account_id)) as instance_id,
        account_id,
        customer,
        is_air_gapped,
        offline_since_on,
        version,
        user_accounts,
        asked_on,
        asked_by
    from raw_google_sheets.offline_customer
    where _deleted_at is null
    qualify row_number() over (
        partition by coalesce(nullif(trim(site_id), ''), concat('instance of ', account_id))
        order by asked_on desc, account_id asc
    ) = 1
),

pinged as (
    select
        instance_telemetry.instance_id,
        instance_telemetry.telemetry_level,
        instance_telemetry.last_ping_at,
        instance.version,
        instance.user_accounts,
        instance_link.account_id
    from customers.instance_telemetry
    left join pings.instance on instance_telemetry.instance_id = instance.instance_id
    left join customers.instance_link on instance_telemetry.instance_id = instance_link.instance_id
),

joined as (
    select
        coalesce(pinged.instance_id, listed.instance_id) as instance_id,
        case
            when listed.instance_id is null then 'stopped'
            when pinged.telemetry_level > 0 then 'sends again'
            else 'known offline'
        end as offline_status,
        coalesce(pinged.account_id, listed.account_id) as account_id,
        listed.customer,
        coalesce(listed.offline_since_on, date_add(date(pinged.last_ping_at), interval 1 day)) as offline_since_on,
        pinged.last_ping_at,
        listed.is_air_gapped,
        if(pinged.last_ping_at >= timestamp(listed.asked_on), pinged.version, listed.version) as told_version,
        if(
            pinged.last_ping_at >= timestamp(listed.asked_on), pinged.user_accounts, listed.user_accounts
        ) as told_accounts,
        pinged.version,
        pinged.user_accounts,
        listed.asked_on,
        listed.asked_by
    from pinged
    full join listed on pinged.instance_id = listed.instance_id
    where listed.instance_id is not null or pinged.telemetry_level = 0
)

select
    joined.instance_id,
    joined.offline_status,
    account.account_id,
    coalesce(account.account_name, joined.customer) as account_name,
    account.has_contract,
    as_of.day_on as as_of_on,
    joined.offline_since_on,
    if(
        joined.offline_status = 'sends again', null, date_diff(as_of.day_on, joined.offline_since_on, day)
    ) as offline_days,
    joined.last_ping_at,
    joined.is_air_gapped,
    coalesce(joined.told_version, joined.version) as version,
    coalesce(joined.told_accounts, joined.user_accounts) as user_accounts,
    joined.asked_on,
    joined.asked_by,
    coalesce(date(joined.last_ping_at) < date_sub(as_of.day_on, interval 3 year), false)
        as is_ping_data_due_for_deletion
from joined
cross join as_of
left join crm.account on joined.account_id = account.account_id
