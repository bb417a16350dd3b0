/*
description: |
  One row per UTC day, site and reason for which delivered events were left out (key: event_on, stream, site, reason).

  The reasons are those of `events.excluded_event`, and `delivered again` for every delivery of a counted event after
  the first. What was delivered of a site on a day is what `events.event` counts and what is left out here, each once.
  Rows that did not fit their shape are in `raw_events.…__rejected` and not counted here.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [event_on, stream, site, reason]
partition: event_on
open_days: 7
cluster: [site]
columns:
  event_on: {type: DATE, description: "UTC day of the events."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  reason:
    type: STRING
    description: "`server`, `operator`, `our administrator`, `our own people` or `delivered again`."
  left_out_count: {type: INT64, description: "Deliveries that were left out for this reason."}
  delivered_count: {type: INT64, description: "All deliveries of the site's events of the day, counted or left out."}
  left_out_share: {type: FLOAT64, description: "The former over the latter, 0 to 1."}
*/
with
judged as (
    select
        event_on,
        stream,
        site,
        reason,
        1 as delivery_count
    from events.excluded_event
    union all
    select
        event_on,
        stream,
        site,
        null as reason,
        1 as delivery_count
    from events.event
    union all
    select
        event_on,
        stream,
        site,
        'delivered again' as reason,
        delivery_count - 1 as delivery_count
    from events.event
    where delivery_count > 1
),

counted as (
    select
        event_on,
        stream,
        site,
        reason,
        sum(delivery_count) as left_out_count
    from judged
    group by event_on, stream, site, reason
),

shared as (
    select
        *,
        sum(left_out_count) over (partition by event_on, stream, site) as delivered_count
    from counted
)

select
    event_on,
    stream,
    site,
    reason,
    left_out_count,
    delivered_count,
    left_out_count / delivered_count as left_out_share
from shared
where reason is not null
