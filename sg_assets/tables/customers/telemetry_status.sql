/*
description: |
  One row per customer: its telemetry status now, since when, the evidence, and who can see it (key: account_id).

  A customer is an account in Salesforce that is called one, now or formerly, has a contract, or runs an instance. One
  without any instance that we know of, behind an air gap perhaps, has `no telemetry`. The status is that of its best
  instance, so that a silent staging instance does not make a customer look silent; the history behind `since_on` is
  that of all instances which belong to the customer today.

  What the tools can show follows from the status: Looker shows pings, of a critical ping only the licence, version,
  monthly users, accounts and repository size; Amplitude shows user-level events.
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [account_id]
columns:
  account_id: {type: STRING, description: "Salesforce account: `crm.account`."}
  account_name: {type: STRING, description: "Name of the company."}
  telemetry_status:
    type: STRING
    description: "`no telemetry`, `critical pings`, `full pings` or `full pings + user-level data`."
  since_on:
    type: DATE
    description: "UTC day since which it has had this status without a break; null when that is before our history."
  as_of_on: {type: DATE, description: "UTC day for which the status is given."}
  evidence: {type: STRING, description: "Why it has this status, in words: of its best instance."}
  best_instance_id:
    type: STRING
    class: pseudonymous
    description: "Instance that the status comes from; null without instances."
  instance_count: {type: INT64, description: "Instances linked to the customer, silent ones included."}
  sending_instance_count: {type: INT64, description: "Of these, the ones that send telemetry now."}
  last_ping_at: {type: TIMESTAMP, description: "When the newest ping of any of its instances was received."}
  last_event_on: {type: DATE, description: "UTC day of the newest user-level event of any of them in the last 30 days."}
  is_in_looker: {type: BOOL, description: "Whether Looker can show anything of the customer."}
  is_in_looker_in_full: {type: BOOL, description: "Whether Looker can show usage too, not only critical fields."}
  is_in_amplitude:
    type: BOOL
    description: "Whether Amplitude can show the customer's events, in project Managed instances."
*/
with
as_of as (
    select coalesce(max(as_of_on), current_date()) as day_on
    from customers.instance_telemetry
),

linked as (
    select account_id
    from customers.instance_link
    where account_id is not null
    group by account_id
),

customer as (
    select
        account.account_id,
        account.account_name
    from crm.account
    left join linked on account.account_id = linked.account_id
    where
        account.has_contract
        or account.account_type in ('Customer', 'Former Customer')
        or linked.account_id is not null
),

customer_instance as (
    select
        instance_link.account_id,
        instance_telemetry.*,
        row_number() over (
            partition by instance_link.account_id
            order by
                instance_telemetry.telemetry_level desc,
                instance_telemetry.last_ping_at desc,
                instance_telemetry.instance_id desc
        ) as place
    from customers.instance_link
    inner join customers.instance_telemetry on instance_link.instance_id = instance_telemetry.instance_id
),

total as (
    select
        account_id,
        count(*) as instance_count,
        countif(telemetry_level > 0) as sending_instance_count,
        max(last_ping_at) as last_ping_at,
        max(last_event_on) as last_event_on
    from customer_instance
    group by account_id
),

customer_day as (
    select
        instance_link.account_id,
        instance_telemetry_day.day_on,
        max(instance_telemetry_day.telemetry_level) as telemetry_level
    from customers.instance_link
    inner join customers.instance_telemetry_day on instance_link.instance_id = instance_telemetry_day.instance_id
    group by instance_link.account_id, instance_telemetry_day.day_on
),

followed as (
    select
        *,
        lag(day_on) over (partition by account_id order by day_on) as previous_on,
        lag(telemetry_level) over (partition by account_id order by day_on) as previous_level
    from customer_day
),

history as (
    select
        account_id,
        max(day_on) as last_on,
        max(if(
            previous_on = date_sub(day_on, interval 1 day) and previous_level = telemetry_level, null, day_on
        )) as changed_on
    from followed
    group by account_id
)

select
    customer.account_id,
    customer.account_name,
    coalesce(best.telemetry_status, 'no telemetry') as telemetry_status,
    if(best.telemetry_level > 0, history.changed_on, date_add(history.last_on, interval 1 day)) as since_on,
    as_of.day_on as as_of_on,
    coalesce(best.evidence, 'no instance is known') as evidence,
    best.instance_id as best_instance_id,
    coalesce(total.instance_count, 0) as instance_count,
    coalesce(total.sending_instance_count, 0) as sending_instance_count,
    total.last_ping_at,
    total.last_event_on,
    coalesce(best.telemetry_level, 0) >= 1 as is_in_looker,
    coalesce(best.telemetry_level, 0) >= 2 as is_in_looker_in_full,
    coalesce(best.telemetry_level, 0) >= 3 as is_in_amplitude
from customer
cross join as_of
left join customer_instance as best on customer.account_id = best.account_id and best.place = 1
left join total on customer.account_id = total.account_id
left join history on customer.account_id = history.account_id
