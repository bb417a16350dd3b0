/*
description: |
  One row per instance and UTC day on which it pinged (key: instance_id, day_on).

  Everything but the counts and times is what the last ping of the day says. Active users are cumulative within the UTC
  day, the week and the calendar month, so the last ping of a day comes closest to the whole day. What a ping does not
  say is null: unknown, not zero and not no (see `pings.ping`).
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
  release: {type: STRING, description: "Major and minor number of that version, such as 4.1; null for other builds."}
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
  created_users: {type: INT64, description: "Accounts created since the first of the month; null when unknown."}
  deleted_users: {type: INT64, description: "Accounts deleted since the first of the month; null when unknown."}
  resurrected_users:
    type: INT64
    description: "Users active this month, not last month, whose account is older; null when unknown."
  churned_users: {type: INT64, description: "Users active last month, not this month so far; null when unknown."}
  retained_users: {type: INT64, description: "Users active last month and this month so far; null when unknown."}
  repository_bytes: {type: INT64, description: "Size on disk of all repositories, in bytes."}
  code_hosts:
    type: STRING
    description: "Kinds of connected code hosts, joined by commas; null in a critical-only ping."
  has_repositories: {type: BOOL, description: "Whether a repository was ever added; null in a critical-only ping."}
  has_searched: {type: BOOL, description: "Whether a search was ever run; null in a critical-only ping."}
  is_signup_open: {type: BOOL, description: "Whether anybody may sign up; null in a critical-only ping."}
*/
with
day as (
    select
        instance_id,
        day_on,
        count(*) as ping_count,
        min(pinged_at) as first_ping_at
    from pings.ping
    group by instance_id, day_on
)

select
    day.instance_id,
    day.day_on,
    day.ping_count,
    day.first_ping_at,
    last_ping.pinged_at as last_ping_at,
    last_ping.is_critical_only,
    last_ping.version,
    last_ping.release,
    last_ping.deploy_type,
    last_ping.installer_email,
    last_ping.license_key_sha256,
    last_ping.license_seats,
    last_ping.license_expires_at,
    last_ping.license_salesforce_subscription_id,
    last_ping.license_salesforce_opportunity_id,
    last_ping.user_accounts,
    last_ping.daily_active_users,
    last_ping.weekly_active_users,
    last_ping.monthly_active_users,
    last_ping.monthly_registered_users,
    last_ping.created_users,
    last_ping.deleted_users,
    last_ping.resurrected_users,
    last_ping.churned_users,
    last_ping.retained_users,
    last_ping.repository_bytes,
    last_ping.code_hosts,
    last_ping.has_repositories,
    last_ping.has_searched,
    last_ping.is_signup_open
from day
inner join pings.ping as last_ping on day.instance_id = last_ping.instance_id and day.day_on = last_ping.day_on
where last_ping.is_last_of_day
