/*
description: |
  One row per site and UTC day in whose week or month it had an active user by then (key: day_on, site).

  Daily, weekly and monthly active users as the instances themselves count them for their pings: since the start of the
  UTC day, of the current week (Sunday to Saturday) and of the current calendar month, up to and including this day.
  So the figure of a whole week is that of its Saturday, of a whole month that of its last day. Users of different sites
  are different users: figures of sites may be added up.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, site]
partition: day_on
open_days: 7
days: {product.user_day: -30..0}
columns:
  day_on: {type: DATE, description: "UTC day up to which users are counted."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  daily_active_users: {type: INT64, description: "Users active on the day (DAU)."}
  weekly_active_users: {type: INT64, description: "Users active from Sunday of the week to this day (WAU)."}
  monthly_active_users: {type: INT64, description: "Users active from the first of the month to this day (MAU)."}
  daily_registered_users: {type: INT64, description: "Of the daily active users, those signed in."}
  monthly_registered_users: {type: INT64, description: "Of the monthly active users, those signed in."}
*/
with
active as (
    select
        *,
        greatest(last_day(day_on, month), date_add(date_trunc(day_on, week), interval 6 day)) as counts_until
    from product.user_day
    where is_active
),

counted as (
    select
        active.*,
        counts_on
    from active
    cross join unnest(generate_date_array(active.day_on, active.counts_until)) as counts_on
),

judged as (
    select
        *,
        day_on = counts_on as is_today,
        date_trunc(day_on, week) = date_trunc(counts_on, week) as is_this_week,
        date_trunc(day_on, month) = date_trunc(counts_on, month) as is_this_month
    from counted
)

select
    counts_on as day_on,
    stream,
    site,
    count(distinct if(is_today, user_key, null)) as daily_active_users,
    count(distinct if(is_this_week, user_key, null)) as weekly_active_users,
    count(distinct if(is_this_month, user_key, null)) as monthly_active_users,
    count(distinct if(is_today and is_registered, user_key, null)) as daily_registered_users,
    count(distinct if(is_this_month and is_registered, user_key, null)) as monthly_registered_users
from judged
group by counts_on, stream, site
