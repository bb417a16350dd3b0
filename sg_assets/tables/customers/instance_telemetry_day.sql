/*
description: |
  One row per instance and UTC day on which it counts as sending telemetry (key: day_on, instance_id).

  The one place for the rule of the handbook's telemetry status, day by day, so that it has a history:

  * An instance counts on the day of a ping and on the 29 days after it; on a day without a row it has `no telemetry`.
  * `critical pings`: the newest ping by that day held critical fields only.
  * `full pings`: it held usage too.
  * `full pings + user-level data`: and user-level events of the instance came on that day or the 29 days before it.

  The handbook names the four values but no rule to compute them; the 30 days are our guess (docs/decisions.md).
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, instance_id]
partition: day_on
open_days: 7
days: {pings.instance_day: -29..0, product.user_day: -29..0}
columns:
  day_on: {type: DATE, description: "UTC day."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  telemetry_status: {type: STRING, description: "`critical pings`, `full pings` or `full pings + user-level data`."}
  telemetry_level: {type: INT64, description: "The same as a number, to compare: 1, 2 or 3."}
  last_ping_on: {type: DATE, description: "UTC day of the newest ping by that day."}
  last_event_on:
    type: DATE
    description: "UTC day of the newest user-level event in the 30 days; null when there was none."
*/
with
ping as (
    select
        instance_day.instance_id,
        instance_day.day_on as ping_on,
        instance_day.is_critical_only,
        counts_on
    from pings.instance_day
    cross join unnest(
        generate_date_array(instance_day.day_on, date_add(instance_day.day_on, interval 29 day))
    ) as counts_on
),

newest_ping as (
    select *
    from ping
    qualify row_number() over (partition by instance_id, counts_on order by ping_on desc) = 1
),

event_day as (
    select
        site,
        day_on
    from product.user_day
    where stream = 'managed'
    group by site, day_on
),

newest_event as (
    select
        event_day.site,
        counts_on,
        max(event_day.day_on) as event_on
    from event_day
    cross join unnest(generate_date_array(event_day.day_on, date_add(event_day.day_on, interval 29 day))) as counts_on
    group by event_day.site, counts_on
),

judged as (
    select
        newest_ping.counts_on as day_on,
        newest_ping.instance_id,
        case
            when newest_ping.is_critical_only then 1
            when newest_event.event_on is null then 2
            else 3
        end as telemetry_level,
        newest_ping.ping_on as last_ping_on,
        newest_event.event_on as last_event_on
    from newest_ping
    left join newest_event
        on newest_ping.instance_id = newest_event.site and newest_ping.counts_on = newest_event.counts_on
)

select
    day_on,
    instance_id,
    case telemetry_level
        when 1 then 'critical pings'
        when 2 then 'full pings'
        else 'full pings + user-level data'
    end as telemetry_status,
    telemetry_level,
    last_ping_on,
    last_event_on
from judged
