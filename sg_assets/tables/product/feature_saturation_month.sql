/*
description: |
  One row per instance, calendar month and feature: which share of its users used it (key: month_on, instance_id,
  feature).

  Saturation is the users of a feature over the users who have access to it, in the same period: here, over the active
  users of the instance, since pings do not say who may use what. A feature of which an instance counts no users has no
  row: it is too old for it, or sends critical pings only.

  Where users of the month are counted, these over the monthly active users; else users of the week, over the weekly
  active users, added up over the weeks of the month (a week is in the month in which it begins). Both counts may be
  added up over instances. The running month is counted up to today, and the month in which our history begins has
  no rows. What has access is our guess (docs/decisions.md).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, instance_id, feature]
partition: month_on
open_days: 7
days: {pings.feature_usage_day: 0..36, pings.instance_day: 0..36}
cluster: [feature]
columns:
  month_on: {type: DATE, description: "First day of the month (UTC)."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  feature: {type: STRING, description: "What was used, such as `search`, `regexp search` or `cody`."}
  counted_by: {type: STRING, description: "`month` or `week`: the period in which each user counts once."}
  feature_users: {type: INT64, description: "Users of the feature in the month, or in its weeks added up."}
  active_users: {type: INT64, description: "Active users in the same month, or in the same weeks added up."}
  saturation: {type: FLOAT64, description: "The former over the latter, 0 to 1; null when nobody was active."}
*/
with
feature_period as (
    select
        instance_id,
        feature,
        period as counted_by,
        if(period = 'month', date_trunc(day_on, month), date_trunc(day_on, week)) as period_on,
        max(users) as feature_users
    from pings.feature_usage_day
    where users is not null and period in ('week', 'month')
    group by instance_id, feature, counted_by, period_on
),

active_period as (
    select
        instance_day.instance_id,
        counted_by,
        if(
            counted_by = 'month', date_trunc(instance_day.day_on, month), date_trunc(instance_day.day_on, week)
        ) as period_on,
        max(if(
            counted_by = 'month', instance_day.monthly_active_users, instance_day.weekly_active_users
        )) as active_users
    from pings.instance_day
    cross join unnest(['month', 'week']) as counted_by
    where instance_day.daily_active_users is not null
    group by instance_day.instance_id, counted_by, period_on
),

counted as (
    select
        date_trunc(feature_period.period_on, month) as month_on,
        feature_period.instance_id,
        feature_period.feature,
        feature_period.counted_by,
        sum(feature_period.feature_users) as feature_users,
        sum(active_period.active_users) as active_users
    from feature_period
    inner join active_period
        on
            feature_period.instance_id = active_period.instance_id
            and feature_period.counted_by = active_period.counted_by
            and feature_period.period_on = active_period.period_on
    group by
        month_on,
        feature_period.instance_id,
        feature_period.feature,
        feature_period.counted_by
)

select
    month_on,
    instance_id,
    feature,
    counted_by,
    feature_users,
    active_users,
    safe_divide(feature_users, active_users) as saturation
from counted
qualify row_number() over (partition by month_on, instance_id, feature order by counted_by asc) = 1
