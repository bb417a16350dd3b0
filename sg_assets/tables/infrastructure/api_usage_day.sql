/*
description: |
  One row per outside system and UTC day on which we asked it anything: our calls, and how full its quota was (key:
  day_on, source).

  Calls are what our runs sent, those that failed or were repeated too; logins and `sg-assets doctor` do not count. The
  quota is what the system itself said along with its answers, for everybody who uses the account, at its fullest of the
  day; of ZoomInfo, what its own list of limits says of requests. Systems that do not tell have none here.
owner: team:analytics
promise: {cron: "40 * * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [day_on, source]
optional: [raw_zoominfo.usage]
columns:
  day_on: {type: DATE, description: "UTC day."}
  source: {type: STRING, description: "The outside system, as we call it: hubspot, salesforce, …"}
  call_count: {type: INT64, description: "Requests that we sent; for a database, statements."}
  fetch_count: {type: INT64, description: "Times that one of its tables was fetched, or sent, and something was asked."}
  table_count: {type: INT64, description: "Tables that these were for."}
  busiest_table: {type: STRING, description: "The table that took most calls."}
  busiest_table_call_count: {type: INT64, description: "Calls that it took."}
  quota_period: {type: STRING, description: "`day`, `hour` or `contract`: of the quota; null where none is told."}
  quota_allowed: {type: INT64, description: "Calls that are allowed in that period."}
  quota_used: {type: INT64, description: "Of these, the most that were used at any time of the day, by whomever."}
  quota_used_share: {type: FLOAT64, description: "Share of the quota that was used, 0 to 1."}
  quota_left: {type: INT64, description: "Calls that were left then."}
*/
with
total as (
    select
        day_on,
        source,
        sum(calls) as call_count,
        sum(fetches) as fetch_count,
        count(*) as table_count
    from sg_ops.api_call
    group by day_on, source
),

busiest as (
    select
        day_on,
        source,
        table_name,
        calls
    from sg_ops.api_call
    qualify row_number() over (partition by day_on, source order by calls desc, table_name asc) = 1
),

told as (
    select
        day_on,
        source,
        quota_period,
        quota_allowed,
        quota_used
    from sg_ops.api_call
    where quota_allowed is not null
    union all
    select
        day_on,
        'zoominfo' as source,
        'contract' as quota_period,
        allowed as quota_allowed,
        used as quota_used
    from raw_zoominfo.usage
    where limit_type = 'requestLimit'
),

measured as (
    select
        *,
        safe_divide(quota_used, quota_allowed) as quota_used_share
    from told
),

quota as (
    select *
    from measured
    qualify
        row_number() over (
            partition by day_on, source order by quota_used_share desc, quota_allowed desc, quota_period asc
        ) = 1
)

select
    total.day_on,
    total.source,
    total.call_count,
    total.fetch_count,
    total.table_count,
    busiest.table_name as busiest_table,
    busiest.calls as busiest_table_call_count,
    quota.quota_period,
    quota.quota_allowed,
    quota.quota_used,
    quota.quota_used_share,
    quota.quota_allowed - quota.quota_used as quota_left
from total
inner join busiest on total.day_on = busiest.day_on and total.source = busiest.source
left join quota on total.day_on = quota.day_on and total.source = quota.source
