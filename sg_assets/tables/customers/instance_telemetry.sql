/*
description: |
  One row per instance that ever pinged: its telemetry status now, and the evidence (key: instance_id).

  *Now* is `as_of_on`, the newest day of `customers.instance_telemetry_day`, which has the rule: today, once its first
  pings are in. When pings stop arriving altogether it stays behind for up to 30 days, rather than call all silent.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [instance_id]
columns:
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  telemetry_status:
    type: STRING
    description: "`no telemetry`, `critical pings`, `full pings` or `full pings + user-level data`."
  telemetry_level: {type: INT64, description: "The same as a number, to compare: 0, 1, 2 or 3."}
  since_on:
    type: DATE
    description: "UTC day since which it has had this status without a break; null when that is before our history."
  as_of_on: {type: DATE, description: "UTC day for which the status is given."}
  evidence: {type: STRING, description: "Why it has this status, in words."}
  last_ping_at: {type: TIMESTAMP, description: "When its newest ping was received."}
  is_critical_only:
    type: BOOL
    description: "Whether that ping held critical fields only; null when it is in the archive."
  last_full_ping_on:
    type: DATE
    description: "Newest UTC day whose last ping held usage too; null when there was none."
  last_event_on:
    type: DATE
    description: "UTC day of its newest user-level event of the last 30 days; null without one."
*/
with
as_of as (
    select coalesce(max(day_on), current_date()) as day_on
    from customers.instance_telemetry_day
    where day_on between date_sub(current_date(), interval 30 day) and current_date()
),

history as (
    select
        instance_telemetry_day.instance_id,
        max(instance_telemetry_day.day_on) as last_on,
        max(
            if(before.telemetry_status = instance_telemetry_day.telemetry_status, null, instance_telemetry_day.day_on)
        ) as changed_on
    from customers.instance_telemetry_day
    left join customers.instance_telemetry_day as before
        on
            instance_telemetry_day.instance_id = before.instance_id
            and date_sub(instance_telemetry_day.day_on, interval 1 day) = before.day_on
    group by instance_telemetry_day.instance_id
)

select
    instance.instance_id,
    coalesce(now.telemetry_status, 'no telemetry') as telemetry_status,
    coalesce(now.telemetry_level, 0) as telemetry_level,
    if(now.day_on is not null, history.changed_on, date_add(history.last_on, interval 1 day)) as since_on,
    as_of.day_on as as_of_on,
    concat(
        'last ping on ',
        cast(date(instance.last_ping_at) as string),
        case
            when now.telemetry_level is null then ''
            when now.telemetry_level = 1 then ', critical fields only'
            else ', with usage'
        end,
        case
            when now.telemetry_level is null then ', none in the last 30 days'
            when now.last_event_on is null then '; no user-level events in the last 30 days'
            else concat('; last user-level event on ', cast(now.last_event_on as string))
        end
    ) as evidence,
    instance.last_ping_at,
    instance.is_critical_only,
    instance.last_full_ping_on,
    now.last_event_on
from pings.instance
cross join as_of
left join customers.instance_telemetry_day as now
    on instance.instance_id = now.instance_id and as_of.day_on = now.day_on
left join history on instance.instance_id = history.instance_id
