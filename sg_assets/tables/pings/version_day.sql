/*
description: |
  One row per UTC day and version that instances pinged with on that day (key: day_on, version).

  An instance counts with the version of its last ping of the day, so that the instances of a day add up to those that
  pinged on it. How far a version is behind is judged by the newest release that had come out by that day
  (`pings.release`).
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, version]
partition: day_on
open_days: 7
lookup: [pings.release]
columns:
  day_on: {type: DATE, description: "UTC day of the pings."}
  version:
    type: STRING
    description: "Version of Sourcegraph, such as 4.1.2; builds of developers together are `developer build`."
  release: {type: STRING, description: "Major and minor number of that version, such as 4.1; null for other builds."}
  releases_behind:
    type: INT64
    description: "Releases since it, up to the newest by that day: 0 for the newest; null for other builds."
  instance_count: {type: INT64, description: "Instances whose last ping of the day was of this version."}
  licensed_instance_count: {type: INT64, description: "Of these, instances with a licence key."}
  instance_share: {type: FLOAT64, description: "The instances over all that pinged on the day, 0 to 1."}
  monthly_active_users:
    type: INT64
    description: "Users active on these instances since the first of the month, added up over instances."
*/
with
instance as (
    select
        *,
        if(release is null, 'developer build', version) as version_name
    from pings.instance_day
),

counted as (
    select
        day_on,
        version_name,
        release,
        count(*) as instance_count,
        countif(license_key_sha256 is not null) as licensed_instance_count,
        coalesce(sum(monthly_active_users), 0) as monthly_active_users
    from instance
    group by day_on, version_name, release
),

newest as (
    select
        counted_day.day_on,
        max(release.release_number) as release_number
    from (select distinct day_on from counted) as counted_day
    inner join pings.release on counted_day.day_on >= release.released_on
    group by counted_day.day_on
)

select
    counted.day_on,
    counted.version_name as version,
    counted.release,
    newest.release_number - release.release_number as releases_behind,
    counted.instance_count,
    counted.licensed_instance_count,
    counted.instance_count / sum(counted.instance_count) over (partition by counted.day_on) as instance_share,
    counted.monthly_active_users
from counted
left join newest on counted.day_on = newest.day_on
left join pings.release on counted.release = release.release
