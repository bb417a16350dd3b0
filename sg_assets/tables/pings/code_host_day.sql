/*
description: |
  One row per UTC day and kind of code host that instances are connected to (key: day_on, code_host).

  An instance counts with its last ping of the day, once for each kind, however many hosts of the kind it has. Instances
  that send critical pings only do not say what they are connected to: they count neither way. Kinds are written as the
  product writes them, such as GITHUB, GITLAB or BITBUCKETSERVER.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, code_host]
partition: day_on
open_days: 7
columns:
  day_on: {type: DATE, description: "UTC day of the pings."}
  code_host: {type: STRING, description: "Kind of code host, such as GITHUB; in capitals."}
  instance_count: {type: INT64, description: "Instances connected to one of this kind."}
  telling_instance_count: {type: INT64, description: "Instances that said on the day what they are connected to."}
  instance_share: {type: FLOAT64, description: "The former over the latter, 0 to 1."}
  sole_instance_count: {type: INT64, description: "Of the instances, those connected to no other kind."}
  monthly_active_users:
    type: INT64
    description: "Users active on the instances since the first of the month, added up over instances."
  versions:
    type: ARRAY<STRING>
    description: "Versions of the code host that the instances reported, in alphabetical order, without `unknown`."
*/
with
telling as (
    select
        instance_id,
        day_on,
        monthly_active_users,
        code_host_versions,
        split(coalesce(code_hosts, ''), ',') as kinds
    from pings.ping
    where is_last_of_day and not is_critical_only
),

telling_day as (
    select
        day_on,
        count(*) as telling_instance_count
    from telling
    group by day_on
),

connected as (
    select distinct
        telling.instance_id,
        telling.day_on,
        upper(trim(kind)) as code_host,
        telling.monthly_active_users
    from telling
    cross join unnest(telling.kinds) as kind
    where trim(kind) != ''
),

judged as (
    select
        *,
        count(*) over (partition by instance_id, day_on) = 1 as is_sole
    from connected
),

host_version as (
    select distinct
        telling.day_on,
        upper(json_value(host, '$.external_service_kind')) as code_host,
        json_value(host, '$.version') as version
    from telling
    cross join unnest(json_query_array(telling.code_host_versions, '$')) as host
    where json_value(host, '$.version') not in ('', 'unknown')
),

version_list as (
    select
        day_on,
        code_host,
        array_agg(version order by version) as versions
    from host_version
    group by day_on, code_host
),

counted as (
    select
        day_on,
        code_host,
        count(*) as instance_count,
        countif(is_sole) as sole_instance_count,
        coalesce(sum(monthly_active_users), 0) as monthly_active_users
    from judged
    group by day_on, code_host
)

select
    counted.day_on,
    counted.code_host,
    counted.instance_count,
    telling_day.telling_instance_count,
    counted.instance_count / telling_day.telling_instance_count as instance_share,
    counted.sole_instance_count,
    counted.monthly_active_users,
    coalesce(version_list.versions, []) as versions
from counted
inner join telling_day on counted.day_on = telling_day.day_on
left join version_list on counted.day_on = version_list.day_on and counted.code_host = version_list.code_host
