/*
description: |
  One row per hour in which events were uploaded to Amplitude, and project (key: uploaded_hour_at, project).

  What was sent, by the ledger `sent_amplitude.event`, beside what Amplitude has, by its export. An hour is that in
  which Amplitude took the event, by its own clock; for an event that was not taken, that in which it refused it.
  Whether an hour was exported yet is known from what was exported of it, or of a later one.

  How long an event was on its way is counted from the end of the hour in which it was delivered to us, which is some
  minutes before it can be read.
owner: team:analytics
promise: {cron: "50 * * * *", timezone: UTC, warn: 8h, fail: 14h}
key: [uploaded_hour_at, project]
optional: [raw_amplitude.export_event]
columns:
  uploaded_hour_at: {type: TIMESTAMP, description: "Beginning of the UTC hour of the upload."}
  project: {type: STRING, description: "Amplitude's project: `Dotcom` or `Managed instances`."}
  sent_count: {type: INT64, description: "Events that Amplitude took, by our ledger."}
  refused_count: {type: INT64, description: "Events that it refused, or that we did not send; the ledger says why."}
  exported_count: {type: INT64, description: "Events that its export has of this hour; null while it has none yet."}
  missing_count:
    type: INT64
    description: "Of the events that it took, those that no hour of its export has; null while it has none yet."
  is_exported: {type: BOOL, description: "Whether the export has come as far as this hour."}
  median_minutes: {type: FLOAT64, description: "Minutes from the delivery of an event to its upload: half took less."}
  slowest_minutes: {type: FLOAT64, description: "The same of the slowest event."}
*/
with
sent as (
    select
        project,
        insert_id,
        is_accepted,
        timestamp_trunc(if(is_accepted, coalesce(timestamp(detail), sent_at), sent_at), hour) as uploaded_hour_at,
        timestamp_diff(sent_at, arrived_at, second) / 60 as minutes
    from sent_amplitude.event
    -- of an event that was sent again, in full, the first time counts
    qualify row_number() over (partition by event_on, insert_id order by sent_at) = 1
),

exported as (
    select
        project,
        insert_id,
        timestamp_trunc(uploaded_at, hour) as uploaded_hour_at
    from raw_amplitude.export_event
    where _deleted_at is null
),

exported_hour as (
    select
        project,
        uploaded_hour_at,
        count(*) as exported_count
    from exported
    group by project, uploaded_hour_at
),

known as (
    select
        project,
        insert_id
    from exported
    where insert_id is not null
    group by project, insert_id
),

newest as (
    select max(uploaded_hour_at) as exported_hour_at
    from exported
),

sent_hour as (
    select
        sent.project,
        sent.uploaded_hour_at,
        countif(sent.is_accepted) as sent_count,
        countif(not sent.is_accepted) as refused_count,
        countif(sent.is_accepted and known.insert_id is null) as missing_count,
        max(if(sent.is_accepted, sent.minutes, null)) as slowest_minutes
    from sent
    left join known on sent.project = known.project and sent.insert_id = known.insert_id
    group by sent.project, sent.uploaded_hour_at
),

middle as (
    select distinct
        project,
        uploaded_hour_at,
        percentile_cont(if(is_accepted, minutes, null), 0.5) over (
            partition by project, uploaded_hour_at
        ) as median_minutes
    from sent
)

select
    sent_hour.uploaded_hour_at,
    sent_hour.project,
    sent_hour.sent_count,
    sent_hour.refused_count,
    if(
        sent_hour.uploaded_hour_at <= newest.exported_hour_at, coalesce(exported_hour.exported_count, 0), null
    ) as exported_count,
    if(sent_hour.uploaded_hour_at <= newest.exported_hour_at, sent_hour.missing_count, null) as missing_count,
    coalesce(sent_hour.uploaded_hour_at <= newest.exported_hour_at, false) as is_exported,
    middle.median_minutes,
    sent_hour.slowest_minutes
from sent_hour
inner join middle on sent_hour.project = middle.project and sent_hour.uploaded_hour_at = middle.uploaded_hour_at
left join exported_hour
    on sent_hour.project = exported_hour.project and sent_hour.uploaded_hour_at = exported_hour.uploaded_hour_at
cross join newest
