/*
description: |
  One row per instance and UTC day on which it pinged (key: instance_id, day_on).

  Everything but the counts and times is what the last ping of the day says. Active users are cumulative within the UTC
  day, the week and the calendar month, so the last ping of a day comes closest to the whole day. A ping delivered twice
  counts once.

  A ping is *critical only* when it lists no daily users and its usage JSON is empty: its administrator switched
  non-critical telemetry off. What such a ping does not send is null here: unknown, not zero and not no.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [instance_id, day_on]
partition: day_on
open_days: 7
cluster: [instance_id]
columns:
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  day_on: {type: DATE, description: "UTC day on which the pings were received."}
  ping_count: {type: INT64, description: "Pings received on the day; a healthy instance sends 36 to 48."}
  first_ping_at: {type: TIMESTAMP, description: "When the first ping of the day was received."}
  last_ping_at: {type: TIMESTAMP, description: "When the last ping of the day was received."}
  is_critical_only: {type: BOOL, description: "Whether the last ping held critical fields only."}
  version:
    type: STRING
    description: "Version of Sourcegraph, such as 4.1.2; developer builds are NNNNN_YYYY-MM-DD_hash."
  deploy_type:
    type: STRING
    description: "How it is deployed, such as kubernetes or docker-compose; null when it does not say."
  installer_email:
    type: STRING
    class: personal
    description: "E-mail address of who installed it, else of its first active site admin; in lower case."
  license_key_sha256:
    type: STRING
    class: pseudonymous
    description: "SHA-256 of its licence key; null without a licence."
  license_seats: {type: INT64, description: "Users that the licence key allows."}
  license_expires_at: {type: TIMESTAMP, description: "When the licence key expires."}
  license_salesforce_subscription_id:
    type: STRING
    description: "Salesforce id of the subscription in the licence key."
  license_salesforce_opportunity_id: {type: STRING, description: "Salesforce id of the opportunity in the licence key."}
  user_accounts: {type: INT64, description: "User accounts that exist on the instance."}
  daily_active_users:
    type: INT64
    description: "Users active since the start of the UTC day; null in a critical-only ping."
  weekly_active_users: {type: INT64, description: "Users active in the current week; null in a critical-only ping."}
  monthly_active_users: {type: INT64, description: "Users active in the current calendar month, signed in or not."}
  monthly_registered_users: {type: INT64, description: "Of the monthly active users, those with an account."}
  repository_bytes: {type: INT64, description: "Size on disk of all repositories, in bytes."}
  code_hosts:
    type: STRING
    description: "Kinds of connected code hosts, joined by commas; null in a critical-only ping."
  has_repositories: {type: BOOL, description: "Whether a repository was ever added; null in a critical-only ping."}
  has_searched: {type: BOOL, description: "Whether a search was ever run; null in a critical-only ping."}
  is_signup_open: {type: BOOL, description: "Whether anybody may sign up; null in a critical-only ping."}
*/
with
ping as (
    select
        *,
        date(timestamp) as day_on
    from raw_pings.ping
    where remote_site_id is not null
),

day as (
    select
        remote_site_id,
        day_on,
        count(distinct timestamp) as ping_count,
        min(timestamp) as first_ping_at
    from ping
    group by remote_site_id, day_on
),

-- chosen by its place alone, and then fetched, so that 5 kB of JSON are not sorted for every ping
last_place as (
    select
        _object,
        _line,
        _item
    from ping
    qualify row_number() over (
        partition by remote_site_id, day_on
        order by timestamp desc, _object desc, _line desc, _item desc
    ) = 1
),

last_ping as (
    select
        ping.*,
        json_value(ping.site_activity, '$.DAUs[0].UserCount') is null
        and json_value(ping.search_usage, '$.Monthly.StartTime') is null
        and json_value(ping.growth_statistics, '$.CreatedUsers') is null
        and json_value(ping.new_code_intel_usage, '$.start_time') is null as is_critical_only
    from ping
    inner join last_place
        on
            ping._object = last_place._object
            and ping._line = last_place._line
            and ping._item = last_place._item
)

select
    day.remote_site_id as instance_id,
    day.day_on,
    day.ping_count,
    day.first_ping_at,
    last_ping.timestamp as last_ping_at,
    last_ping.is_critical_only,
    last_ping.remote_site_version as version,
    nullif(last_ping.deploy_type, '') as deploy_type,
    lower(nullif(trim(last_ping.installer_email), '')) as installer_email,
    last_ping.license_key_sha256,
    last_ping.license_user_count as license_seats,
    last_ping.license_expires_at,
    last_ping.license_salesforce_subscription_id,
    last_ping.license_salesforce_opportunity_id,
    safe_cast(last_ping.total_user_accounts as int64) as user_accounts,
    safe_cast(json_value(last_ping.site_activity, '$.DAUs[0].UserCount') as int64) as daily_active_users,
    safe_cast(json_value(last_ping.site_activity, '$.WAUs[0].UserCount') as int64) as weekly_active_users,
    safe_cast(json_value(last_ping.site_activity, '$.MAUs[0].UserCount') as int64) as monthly_active_users,
    safe_cast(
        json_value(last_ping.site_activity, '$.MAUs[0].RegisteredUserCount') as int64
    ) as monthly_registered_users,
    safe_cast(json_value(last_ping.repositories, '$.GitDirBytes') as int64) as repository_bytes,
    if(last_ping.is_critical_only, null, nullif(last_ping.ext_services, '')) as code_hosts,
    if(last_ping.is_critical_only, null, last_ping.has_repos = 'true') as has_repositories,
    if(last_ping.is_critical_only, null, last_ping.ever_searched = 'true') as has_searched,
    if(last_ping.is_critical_only, null, last_ping.builtin_signup_allowed = 'true') as is_signup_open
from day
inner join last_ping on day.remote_site_id = last_ping.remote_site_id and day.day_on = last_ping.day_on
