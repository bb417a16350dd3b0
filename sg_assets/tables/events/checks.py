"""What must hold of events beyond their keys and types: no delivery is lost between what came and what counts."""

from sg_assets.table_check import finds_nothing

NOTHING_LOST = """
with
counted as (
    select
        event_on,
        stream,
        sum(delivery_count) as of_events
    from events.event
    where event_on > (select date_sub(max(event_on), interval 7 day) from events.event)
    group by event_on, stream
),

left_out as (
    select
        event_on,
        stream,
        count(*) as left_out
    from events.excluded_event
    group by event_on, stream
),

delivery as (
    select
        date(timestamp) as event_on,
        'dotcom' as stream
    from raw_events.dotcom_event
    union all
    select
        date(timestamp) as event_on,
        'managed' as stream
    from raw_events.managed_event
),

delivered as (
    select
        event_on,
        stream,
        count(*) as delivered
    from delivery
    group by event_on, stream
)

select
    counted.event_on,
    counted.stream,
    delivered.delivered,
    counted.of_events,
    coalesce(left_out.left_out, 0) as left_out
from counted
left join left_out on counted.event_on = left_out.event_on and counted.stream = left_out.stream
left join delivered on counted.event_on = delivered.event_on and counted.stream = delivered.stream
where counted.of_events + coalesce(left_out.left_out, 0) != coalesce(delivered.delivered, 0)
order by counted.event_on, counted.stream
"""

nothing_lost = finds_nothing(
    "events.excluded_event_day",
    "nothing_lost",
    "On each of the newest seven days that have events, every delivery is an event that counts, the same one again, or"
    " left out for a reason.",
    NOTHING_LOST,
)
