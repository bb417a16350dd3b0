/*
description: |
  One row per instance that ever pinged (key: instance_id).

  Read from the days of `pings.instance_day` and from the archive of instances that stopped before 2023. An instance is
  described by its newest ping; only its licence is that of the newest ping which had one, because an instance between
  two licences still belongs to the same customer. Usage figures are not read from the archive: null there.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [instance_id]
optional: [raw_pings.ping_archive]
columns:
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  first_ping_at: {type: TIMESTAMP, description: "When the oldest ping that we hold was received."}
  last_ping_at: {type: TIMESTAMP, description: "When the newest ping was received."}
  ping_day_count: {type: INT64, description: "UTC days on which it pinged, of those that we hold."}
  is_archived: {type: BOOL, description: "Whether its newest ping is in the archive: it stopped before 2023."}
  is_critical_only: {type: BOOL, description: "Whether its newest ping held critical fields only; null when archived."}
  last_full_ping_on:
    type: DATE
    description: "Newest UTC day whose last ping held usage too; null when there was none."
  version: {type: STRING, description: "Version of Sourcegraph in its newest ping."}
  release:
    type: STRING
    description: "Major and minor number of that version, such as 4.1; null for other builds and when archived."
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
    description: "SHA-256 of the last licence key that it showed; null when it never had one."
  license_seats: {type: INT64, description: "Users that this licence key allows."}
  license_expires_at: {type: TIMESTAMP, description: "When this licence key expires."}
  license_salesforce_subscription_id:
    type: STRING
    description: "Salesforce id of the subscription in this licence key."
  license_salesforce_opportunity_id:
    type: STRING
    description: "Salesforce id of the opportunity in this licence key."
  user_accounts: {type: INT64, description: "User accounts that exist on the instance."}
  daily_active_users: {type: INT64, description: "Users active on the UTC day of its newest ping; null when unknown."}
  weekly_active_users: {type: INT64, description: "Users active in the week of its newest ping; null when unknown."}
  monthly_active_users:
    type: INT64
    description: "Users active in the calendar month of its newest ping; null when unknown."
*/
with
report as (
    select
        instance_id,
        first_ping_at,
        last_ping_at,
        false as is_archived,
        is_critical_only,
        version,
        release,
        deploy_type,
        installer_email,
        license_key_sha256,
        license_seats,
        license_expires_at,
        license_salesforce_subscription_id,
        license_salesforce_opportunity_id,
        user_accounts,
        daily_active_users,
        weekly_active_users,
        monthly_active_users,
        0 as line
    from pings.instance_day
    union all
    select
        remote_site_id as instance_id,
        timestamp as first_ping_at,
        timestamp as last_ping_at,
        true as is_archived,
        null as is_critical_only,
        remote_site_version as version,
        null as release,
        nullif(deploy_type, '') as deploy_type,
        lower(nullif(trim(installer_email), '')) as installer_email,
        license_key_sha256,
        license_user_count as license_seats,
        license_expires_at,
        license_salesforce_subscription_id,
        license_salesforce_opportunity_id,
        safe_cast(total_user_accounts as int64) as user_accounts,
        null as daily_active_users,
        null as weekly_active_users,
        null as monthly_active_users,
        _line as line
    from raw_pings.ping_archive
    where remote_site_id is not null
),

history as (
    select
        instance_id,
        min(first_ping_at) as first_ping_at,
        max(last_ping_at) as last_ping_at,
        max(if(license_key_sha256 is not null, last_ping_at, null)) as last_licensed_ping_at,
        count(distinct date(last_ping_at)) as ping_day_count,
        max(if(is_critical_only = false, date(last_ping_at), null)) as last_full_ping_on
    from report
    group by instance_id
),

-- looked up by their times: ranking all rows would sort everything that is known of every instance
newest_report as (
    select report.*
    from report
    inner join history
        on
            report.instance_id = history.instance_id
            and (report.last_ping_at = history.last_ping_at or report.last_ping_at = history.last_licensed_ping_at)
),

newest as (
    select *
    from newest_report
    qualify row_number() over (partition by instance_id order by last_ping_at desc, line desc) = 1
),

licensed as (
    select *
    from newest_report
    where license_key_sha256 is not null
    qualify row_number() over (partition by instance_id order by last_ping_at desc, line desc) = 1
)

select
    newest.instance_id,
    history.first_ping_at,
    newest.last_ping_at,
    history.ping_day_count,
    newest.is_archived,
    newest.is_critical_only,
    history.last_full_ping_on,
    newest.version,
    newest.release,
    newest.deploy_type,
    newest.installer_email,
    licensed.license_key_sha256,
    licensed.license_seats,
    licensed.license_expires_at,
    licensed.license_salesforce_subscription_id,
    licensed.license_salesforce_opportunity_id,
    newest.user_accounts,
    newest.daily_active_users,
    newest.weekly_active_users,
    newest.monthly_active_users
from newest
inner join history on newest.instance_id = history.instance_id
left join licensed on newest.instance_id = licensed.instance_id
