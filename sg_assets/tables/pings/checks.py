"""What must hold of pings beyond their keys and types: active users nest, and versions count every instance."""

from sg_assets.table_check import finds_nothing

USERS_NEST = """
with
judged as (
    select
        day_on,
        daily_active_users > weekly_active_users
        or daily_active_users > monthly_active_users
        or (
            weekly_active_users > monthly_active_users
            and date_trunc(day_on, week) >= date_trunc(day_on, month)
        ) as is_wrong
    from pings.instance_day
    where day_on > (select date_sub(max(day_on), interval 7 day) from pings.instance_day)
)

select
    day_on,
    countif(is_wrong) as wrong_instances,
    count(*) as instances
from judged
group by day_on
having countif(is_wrong) / count(*) > 0.05
order by day_on
"""

users_nest = finds_nothing(
    "pings.instance_day",
    "users_nest",
    "Whoever is active today is so this week and this month: DAU <= WAU <= MAU. (A week that began in the month before"
    " may count more than the month.) In the newest seven days, at most one instance of twenty may say otherwise, so"
    " that one that sends nonsense holds up nobody.",
    USERS_NEST,
)

VERSIONS_ADD_UP = """
with
counted as (
    select
        day_on,
        sum(instance_count) as of_versions
    from pings.version_day
    where day_on > (select date_sub(max(day_on), interval 7 day) from pings.version_day)
    group by day_on
),

pinged as (
    select
        day_on,
        count(*) as that_pinged
    from pings.instance_day
    group by day_on
)

select
    counted.day_on,
    counted.of_versions,
    pinged.that_pinged
from counted
left join pinged on counted.day_on = pinged.day_on
where counted.of_versions != coalesce(pinged.that_pinged, 0)
order by counted.day_on
"""

versions_add_up = finds_nothing(
    "pings.version_day",
    "versions_add_up",
    "On each of the newest seven days, the instances of all versions are the instances that pinged.",
    VERSIONS_ADD_UP,
)
