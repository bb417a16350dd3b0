/*
description: |
  One row per scheduled query in the analytics project that was not deleted: on whose account it runs, and how its last
  runs went (key: query_name).

  A scheduled query should run as a service account: one that runs as a person stops when that person leaves. Any
  address of a Google service account counts as one; where Google does not tell the owner, it is not known.
owner: team:analytics
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [query_name]
columns:
  query_name: {type: STRING, description: "Resource name: projects/…/locations/…/transferConfigs/…"}
  title: {type: STRING, description: "What people call it."}
  location: {type: STRING, description: "Location that it runs in, such as us or europe-west1."}
  writes_to:
    type: STRING
    description: "Dataset and table that it writes, perhaps with a pattern; null where its SQL itself says it."
  write_disposition: {type: STRING, description: "WRITE_TRUNCATE replaces the table, WRITE_APPEND adds to it."}
  schedule: {type: STRING, description: "When it runs, in UTC and in BigQuery's words: every 24 hours."}
  is_enabled: {type: BOOL, description: "Whether it is switched on."}
  owner_email: {type: STRING, class: personal, description: "Account that it runs as; null where Google does not tell."}
  owner_type: {type: STRING, description: "`service account`, `person` or `not known`."}
  is_owned_by_service_account: {type: BOOL, description: "Whether it runs as a service account; null where not known."}
  last_run_at: {type: TIMESTAMP, description: "When its newest run that is over began; null without any."}
  last_run_state: {type: STRING, description: "How that ended: SUCCEEDED, FAILED or CANCELLED."}
  last_success_at: {type: TIMESTAMP, description: "When the newest run that succeeded began."}
  failed_runs_since_success: {type: INT64, description: "Runs that failed since then; all failed ones without any."}
  last_error: {type: STRING, class: personal, description: "What BigQuery said of the newest run, where it failed."}
*/
with
ended as (
    select
        config_name,
        name,
        state,
        error_message,
        coalesce(started_at, scheduled_at, run_at) as began_at
    from raw_scheduled_queries.run
    where state in ('SUCCEEDED', 'FAILED', 'CANCELLED')
),

newest as (
    select *
    from ended
    qualify row_number() over (partition by config_name order by began_at desc, name desc) = 1
),

succeeded as (
    select
        config_name,
        max(began_at) as began_at
    from ended
    where state = 'SUCCEEDED'
    group by config_name
),

failed as (
    select
        ended.config_name,
        count(*) as run_count
    from ended
    left join succeeded on ended.config_name = succeeded.config_name
    where ended.state = 'FAILED' and (succeeded.began_at is null or ended.began_at > succeeded.began_at)
    group by ended.config_name
),

owned as (
    select
        *,
        ends_with(lower(owner_email), '.gserviceaccount.com') as is_owned_by_service_account
    from raw_scheduled_queries.config
    where _deleted_at is null
)

select
    owned.name as query_name,
    owned.display_name as title,
    owned.location,
    case
        when owned.destination_table is null then owned.destination_dataset_id
        else concat(coalesce(concat(owned.destination_dataset_id, '.'), ''), owned.destination_table)
    end as writes_to,
    owned.write_disposition,
    owned.schedule,
    not coalesce(owned.is_disabled, false) as is_enabled,
    owned.owner_email,
    case
        when owned.is_owned_by_service_account is null then 'not known'
        when owned.is_owned_by_service_account then 'service account'
        else 'person'
    end as owner_type,
    owned.is_owned_by_service_account,
    newest.began_at as last_run_at,
    newest.state as last_run_state,
    succeeded.began_at as last_success_at,
    coalesce(failed.run_count, 0) as failed_runs_since_success,
    if(newest.state = 'FAILED', newest.error_message, null) as last_error
from owned
left join newest on owned.name = newest.config_name
left join succeeded on owned.name = succeeded.config_name
left join failed on owned.name = failed.config_name
