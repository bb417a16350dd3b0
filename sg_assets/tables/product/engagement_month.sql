/*
description: |
  One row per site and calendar month in which it had active users (key: month_on, site).

  How often people come: DAU/MAU is the mean of the month's daily active users over the users of the whole month (0.4:
  12 of 30 days), DAU/WAU the mean of a week's over the users of the whole week (0.4: 2.8 of 7 days), here the mean over
  the days of the month, each day with its own whole week, Sunday to Saturday. Weekends count. The running month and
  week are counted up to today.

  Instances tell their daily users in their pings: a day without such a ping is not known, and left out of the mean.
  What they do not tell, sourcegraph.com foremost, is counted from events, where a day without any has 0 users. A site
  that has pings with daily users in the month is judged by those, so that no site counts twice.
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, site]
columns:
  month_on: {type: DATE, description: "First day of the month (UTC)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  counted_from: {type: STRING, description: "`pings` or `events`."}
  known_day_count: {type: INT64, description: "Days of the month whose daily users are known."}
  mean_daily_active_users: {type: FLOAT64, description: "Mean of the daily active users of these days."}
  monthly_active_users: {type: INT64, description: "Users active in the month, or in the running one so far."}
  dau_mau: {type: FLOAT64, description: "Mean daily over monthly active users, 0 to 1; null when nobody was active."}
  dau_wau: {type: FLOAT64, description: "Mean of daily over weekly active users, 0 to 1; null when nobody was active."}
*/
with
ping_day as (
    select
        instance_id as site,
        day_on,
        'pings' as counted_from,
        daily_active_users,
        weekly_active_users,
        monthly_active_users
    from pings.instance_day
    where daily_active_users is not null
),

ping_month as (
    select distinct
        site,
        date_trunc(day_on, month) as month_on
    from ping_day
),

-- every day from the first on which anything is known of the site, in that month, to the last day that there is
event_month as (
    select
        site,
        date_trunc(day_on, month) as month_on
    from product.active_users_day
    group by site, month_on
    having sum(monthly_active_users) > 0
),

known as (
    select
        min(day_on) as first_on,
        max(day_on) as last_on
    from product.active_users_day
),

event_day as (
    select
        event_month.site,
        day_on,
        event_month.month_on
    from event_month
    cross join known
    cross join
        unnest(generate_date_array(
            greatest(event_month.month_on, known.first_on),
            least(last_day(event_month.month_on, month), known.last_on)
        )) as day_on
    left join ping_month on event_month.site = ping_month.site and event_month.month_on = ping_month.month_on
    where ping_month.site is null
),

site_day as (
    select * from ping_day
    union all
    select
        event_day.site,
        event_day.day_on,
        'events' as counted_from,
        coalesce(active_users_day.daily_active_users, 0) as daily_active_users,
        coalesce(active_users_day.weekly_active_users, 0) as weekly_active_users,
        coalesce(active_users_day.monthly_active_users, 0) as monthly_active_users
    from event_day
    left join product.active_users_day
        on event_day.site = active_users_day.site and event_day.day_on = active_users_day.day_on
),

site_week as (
    select
        site,
        counted_from,
        date_trunc(day_on, week) as week_on,
        max(weekly_active_users) as users_of_week
    from site_day
    group by site, counted_from, week_on
),

whole_week as (
    select
        site_day.*,
        date_trunc(site_day.day_on, month) as month_on,
        site_week.users_of_week
    from site_day
    inner join site_week
        on
            site_day.site = site_week.site
            and site_day.counted_from = site_week.counted_from
            and date_trunc(site_day.day_on, week) = site_week.week_on
)

select
    whole_week.month_on,
    whole_week.site,
    whole_week.counted_from,
    count(*) as known_day_count,
    avg(whole_week.daily_active_users) as mean_daily_active_users,
    max(whole_week.monthly_active_users) as monthly_active_users,
    safe_divide(avg(whole_week.daily_active_users), max(whole_week.monthly_active_users)) as dau_mau,
    -- a sum of NUMERIC is the same in whatever order the days come
    safe_divide(
        cast(
            sum(cast(safe_divide(whole_week.daily_active_users, whole_week.users_of_week) as numeric)) as float64
        ),
        countif(whole_week.daily_active_users is not null and whole_week.users_of_week > 0)
    ) as dau_wau
from whole_week
group by whole_week.month_on, whole_week.site, whole_week.counted_from
having max(whole_week.monthly_active_users) > 0
