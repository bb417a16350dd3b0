/*
description: |
  One row per ping that an instance sent, each once, with its texts read as what they are (key: instance_id, pinged_at).

  The one place where pings are cleaned: a ping delivered twice counts once (the one that arrived last), and what a ping
  does not say is null.

  A ping is *critical only* when it lists no daily users and its usage JSON is empty: its administrator switched
  non-critical telemetry off. The wire then says false, 0 or an empty list, which mean unknown: null here, not no.

  Cumulative, not a delta: each ping tells the state of the instance and its users since the start of the UTC day, of
  the week (from Sunday) and of the calendar month. The nested usage JSON stays where it is, at the `raw_…` place in
  `raw_pings.ping`; what is counted in it is in `pings.feature_usage_day`. The network address is left out.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [instance_id, pinged_at]
partition: day_on
open_days: 7
cluster: [instance_id]
columns:
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  pinged_at: {type: TIMESTAMP, description: "When the ping was received."}
  day_on: {type: DATE, description: "UTC day on which it was received."}
  is_last_of_day: {type: BOOL, description: "Whether it is the instance's last ping of that day, as far as known."}
  is_critical_only: {type: BOOL, description: "Whether it holds critical fields only."}
  version:
    type: STRING
    description: "Version of Sourcegraph, such as 4.1.2; developer builds are NNNNN_YYYY-MM-DD_hash."
  release: {type: STRING, description: "Major and minor number of that version, such as 4.1; null for other builds."}
  has_update: {type: BOOL, description: "Whether a newer release existed, as the server told the instance."}
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
  daily_active_users: {type: INT64, description: "Users active since the start of the UTC day; null when unknown."}
  daily_registered_users: {type: INT64, description: "Of the daily active users, those with an account."}
  weekly_active_users: {type: INT64, description: "Users active since Sunday; null when unknown."}
  weekly_registered_users: {type: INT64, description: "Of the weekly active users, those with an account."}
  monthly_active_users: {type: INT64, description: "Users active since the first of the month, signed in or not."}
  monthly_registered_users: {type: INT64, description: "Of the monthly active users, those with an account."}
  monthly_integration_users:
    type: INT64
    description: "Of the monthly active users, those who used a code host integration."
  rolling_month_active_users:
    type: INT64
    description: "Users active in the last 30 days; null before 5.0, which is the first to send it, and when unknown."
  created_users: {type: INT64, description: "Accounts created since the first of the month; null when unknown."}
  deleted_users: {type: INT64, description: "Accounts deleted since the first of the month; null when unknown."}
  resurrected_users:
    type: INT64
    description: "Users active this month, not last month, whose account is older; null when unknown."
  churned_users: {type: INT64, description: "Users active last month, not this month so far; null when unknown."}
  retained_users: {type: INT64, description: "Users active last month and this month so far; null when unknown."}
  repository_bytes: {type: INT64, description: "Size on disk of all repositories, in bytes."}
  repository_lines: {type: INT64, description: "Lines of code in the search index of all repositories."}
  code_insights: {type: INT64, description: "Code insights that exist; null before 2022, when it was not sent."}
  postgres_version: {type: STRING, description: "Version of its Postgres."}
  redis_cache_version: {type: STRING, description: "Version of the Redis that caches."}
  redis_store_version: {type: STRING, description: "Version of the Redis that stores."}
  sign_in_methods: {type: STRING, description: "Kinds of sign-in, joined by commas; null when unknown."}
  code_hosts: {type: STRING, description: "Kinds of connected code hosts, joined by commas; null when unknown."}
  code_host_versions:
    type: JSON
    description: "List of the connected code hosts with kind and version; null when unknown."
  is_signup_open: {type: BOOL, description: "Whether anybody may sign up; null when unknown."}
  is_access_request_open: {type: BOOL, description: "Whether people may ask for access (2023 on); null when unknown."}
  has_external_url: {type: BOOL, description: "Whether it is reached other than at localhost; null when unknown."}
  has_repositories: {type: BOOL, description: "Whether a repository was ever added; null when unknown."}
  has_searched: {type: BOOL, description: "Whether a search was ever run; null when unknown."}
  has_found_references: {type: BOOL, description: "Whether references were ever looked for; null when unknown."}
  has_cody: {type: BOOL, description: "Whether Cody is switched on (2023 on); null when unknown."}
  app_operating_system:
    type: STRING
    description: "Operating system that Sourcegraph App runs on; null for an instance on a server, as the next two."
  app_repositories: {type: INT64, description: "Repositories in Sourcegraph App."}
  app_is_active_today: {type: BOOL, description: "Whether Sourcegraph App was used on the UTC day."}
  raw_object: {type: STRING, description: "Where it stands in `raw_pings.ping`: the object."}
  raw_line: {type: INT64, description: "Where it stands in `raw_pings.ping`: the line of the object."}
  raw_item: {type: INT64, description: "Where it stands in `raw_pings.ping`: the place within the line."}
*/
with
judged as (
    select
        *,
        date(timestamp) as day_on,
        json_value(site_activity, '$.DAUs[0].UserCount') is null
        and json_value(search_usage, '$.Monthly.StartTime') is null
        and json_value(growth_statistics, '$.CreatedUsers') is null
        and json_value(new_code_intel_usage, '$.start_time') is null as is_critical_only
    from raw_pings.ping
    where remote_site_id is not null
)

select
    remote_site_id as instance_id,
    timestamp as pinged_at,
    day_on,
    row_number() over (
        partition by remote_site_id, day_on
        order by timestamp desc, _object desc, _line desc, _item desc
    ) = 1 as is_last_of_day,
    is_critical_only,
    remote_site_version as version,
    regexp_extract(remote_site_version, r'^v?(\d+\.\d+)(?:\.|-|\+|$)') as release,
    case has_update when 'true' then true when 'false' then false end as has_update,
    nullif(deploy_type, '') as deploy_type,
    lower(nullif(trim(installer_email), '')) as installer_email,
    license_key_sha256,
    license_user_count as license_seats,
    license_expires_at,
    license_salesforce_subscription_id,
    license_salesforce_opportunity_id,
    safe_cast(total_user_accounts as int64) as user_accounts,
    safe_cast(json_value(site_activity, '$.DAUs[0].UserCount') as int64) as daily_active_users,
    safe_cast(json_value(site_activity, '$.DAUs[0].RegisteredUserCount') as int64) as daily_registered_users,
    safe_cast(json_value(site_activity, '$.WAUs[0].UserCount') as int64) as weekly_active_users,
    safe_cast(json_value(site_activity, '$.WAUs[0].RegisteredUserCount') as int64) as weekly_registered_users,
    safe_cast(json_value(site_activity, '$.MAUs[0].UserCount') as int64) as monthly_active_users,
    safe_cast(json_value(site_activity, '$.MAUs[0].RegisteredUserCount') as int64) as monthly_registered_users,
    safe_cast(json_value(site_activity, '$.MAUs[0].IntegrationUserCount') as int64) as monthly_integration_users,
    safe_cast(json_value(site_activity, '$.RMAUs[0].UserCount') as int64) as rolling_month_active_users,
    safe_cast(json_value(growth_statistics, '$.CreatedUsers') as int64) as created_users,
    safe_cast(json_value(growth_statistics, '$.DeletedUsers') as int64) as deleted_users,
    safe_cast(json_value(growth_statistics, '$.ResurrectedUsers') as int64) as resurrected_users,
    safe_cast(json_value(growth_statistics, '$.ChurnedUsers') as int64) as churned_users,
    safe_cast(json_value(growth_statistics, '$.RetainedUsers') as int64) as retained_users,
    safe_cast(json_value(repositories, '$.GitDirBytes') as int64) as repository_bytes,
    safe_cast(json_value(repositories, '$.NewLinesCount') as int64) as repository_lines,
    safe_cast(json_value(code_insights_critical_telemetry, '$.TotalInsights') as int64) as code_insights,
    nullif(json_value(dependency_versions, '$.postgresVersion'), '') as postgres_version,
    nullif(json_value(dependency_versions, '$.redisCacheVersion'), '') as redis_cache_version,
    nullif(json_value(dependency_versions, '$.redisStoreVersion'), '') as redis_store_version,
    if(is_critical_only, null, nullif(auth_providers, '')) as sign_in_methods,
    if(is_critical_only, null, nullif(ext_services, '')) as code_hosts,
    if(
        is_critical_only or json_query(code_host_versions, '$[0]') is null, cast(null as json), code_host_versions
    ) as code_host_versions,
    if(is_critical_only, null, builtin_signup_allowed = 'true') as is_signup_open,
    if(is_critical_only, null, access_request_enabled = 'true') as is_access_request_open,
    if(is_critical_only, null, has_external_url = 'true') as has_external_url,
    if(is_critical_only, null, has_repos = 'true') as has_repositories,
    if(is_critical_only, null, ever_searched = 'true') as has_searched,
    if(is_critical_only, null, ever_find_refs = 'true') as has_found_references,
    if(is_critical_only, null, has_cody_enabled = 'true') as has_cody,
    nullif(os, '') as app_operating_system,
    if(coalesce(os, '') = '', null, safe_cast(total_repos as int64)) as app_repositories,
    if(coalesce(os, '') = '', null, active_today = 'true') as app_is_active_today,
    _object as raw_object,
    _line as raw_line,
    _item as raw_item
from judged
qualify row_number() over (
    partition by remote_site_id, timestamp
    order by _object desc, _line desc, _item desc
) = 1
