/*
description: |
  One row per release of Sourcegraph that an instance ever pinged with, newest last (key: release).

  A release is a minor version such as 4.1, all of its patches together; builds of developers are none. The one place
  for *how many releases behind* an instance is: the difference of two `release_number`. Numbers count the minor
  versions of a major one, also those that nobody pinged with, up to the last one that was released.

  What was released is known from pings alone, because the company's list of releases is not among our sources: a
  release counts as such since two different instances pinged with it, since one alone may run a build of its own (our
  guess: docs/decisions.md).
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [release]
columns:
  release: {type: STRING, description: "Major and minor number, such as 4.1."}
  major: {type: INT64, description: "Major number, such as 4."}
  minor: {type: INT64, description: "Minor number, such as 1."}
  release_number:
    type: INT64
    description: "Position among all releases; the minor version 0 of the oldest major is 0."
  first_seen_on: {type: DATE, description: "First UTC day on which an instance pinged with it, of those that we hold."}
  released_on:
    type: DATE
    description: "First UTC day by which two instances had pinged with it: counts as released; null before."
  is_newest: {type: BOOL, description: "Whether it counts as released, and none that does is newer."}
*/
with
threshold as (
    select 2 as least_instances
),

instance_release as (
    select
        release,
        instance_id,
        min(day_on) as first_seen_on
    from pings.instance_day
    where release is not null
    group by release, instance_id
),

ordered as (
    select
        *,
        row_number() over (partition by release order by first_seen_on, instance_id) as place
    from instance_release
),

seen as (
    select
        ordered.release,
        safe_cast(split(ordered.release, '.')[offset(0)] as int64) as major,
        safe_cast(split(ordered.release, '.')[offset(1)] as int64) as minor,
        min(ordered.first_seen_on) as first_seen_on,
        min(if(ordered.place = threshold.least_instances, ordered.first_seen_on, null)) as released_on
    from ordered
    cross join threshold
    group by ordered.release, major, minor
),

major_version as (
    select
        major,
        coalesce(max(if(released_on is null, null, minor)), max(minor)) + 1 as releases
    from seen
    group by major
),

numbered_major as (
    select
        major,
        coalesce(
            sum(releases) over (order by major rows between unbounded preceding and 1 preceding), 0
        ) as earlier_releases
    from major_version
),

numbered as (
    select
        seen.*,
        numbered_major.earlier_releases + seen.minor as release_number
    from seen
    inner join numbered_major on seen.major = numbered_major.major
)

select
    release,
    major,
    minor,
    release_number,
    first_seen_on,
    released_on,
    coalesce(
        released_on is not null and release_number = max(if(released_on is null, null, release_number)) over (),
        false
    ) as is_newest
from numbered
