"""What must hold of the upload to Amplitude beyond keys and types: events are sent in time, and arrive."""

from sg_assets.table_check import finds_nothing

SENT_IN_TIME = """
with
began as (
    select min(sent_at) as first_sent_at, max(sent_at) as last_sent_at
    from sent_amplitude.event
),

sent as (
    select
        event.project,
        event.arrived_at,
        if(event.project = 'Dotcom', 'raw_events.dotcom_event', 'raw_events.managed_event') as came_in,
        max(event.sent_at) as sent_at,
        count(*) as events
    from sent_amplitude.event
    cross join began
    where event.sent_at > timestamp_sub(began.last_sent_at, interval 24 hour)
    group by event.project, event.arrived_at
),

landed as (
    select
        sent.project,
        sent.arrived_at,
        sent.sent_at,
        sent.events,
        min(table_state.built_at) as landed_at
    from sent
    inner join sg_ops.table_state
        on sent.came_in = table_state.table_name and table_state.data_through >= sent.arrived_at
    group by sent.project, sent.arrived_at, sent.sent_at, sent.events
)

select
    landed.project,
    landed.landed_at,
    landed.sent_at,
    landed.events
from landed
cross join began
where
    landed.landed_at > began.first_sent_at
    and landed.sent_at > timestamp_add(landed.landed_at, interval 65 minute)
order by landed.landed_at, landed.project
"""

sent_in_time = finds_nothing(
    "amplitude.upload_hour",
    "sent_in_time",
    "Every event of which the ledger was told in the newest 24 hours was sent within 65 minutes of the landing of its"
    " hour: the first state of the raw table that reached the end of it. What had landed before the first upload of all"
    " does not count.",
    SENT_IN_TIME,
)

NOTHING_MISSING = """
select
    uploaded_hour_at,
    project,
    sent_count,
    exported_count,
    missing_count
from amplitude.upload_hour
where missing_count > 0
order by uploaded_hour_at, project
"""

nothing_missing = finds_nothing(
    "amplitude.upload_hour",
    "nothing_missing",
    "Every event that Amplitude said it took is in its export, as soon as the hour is exported.",
    NOTHING_MISSING,
)
