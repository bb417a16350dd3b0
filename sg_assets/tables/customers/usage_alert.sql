/*
description: |
  One row per instance and week in which its use fell by half or more (key: week_on, instance_id).

  Use is the weekly active users of a whole week, Sunday to Saturday, as the last ping of its Saturday counts them; a
  week without such a ping is not known. It is held against the median of the four weeks before, of which three at
  least must be known. Instances with a median of fewer than 5 users are left out: one holiday would halve them.

  In a week in which everybody is away many fall at once: see `falling_instance_share`. An instance that went silent
  has no row here, but in `customers.offline_instance`. The thresholds are our guess (docs/decisions.md).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [week_on, instance_id]
columns:
  week_on: {type: DATE, description: "Sunday with which the week begins (UTC)."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  account_id: {type: STRING, description: "Salesforce account that it belongs to; null for nobody's."}
  account_name: {type: STRING, description: "Name of that account."}
  weekly_active_users: {type: INT64, description: "Users active in the week."}
  usual_weekly_active_users: {type: FLOAT64, description: "Median of the four weeks before, as far as they are known."}
  fallen_share: {type: FLOAT64, description: "How much of the usual use is missing: 0.5 to 1."}
  falling_instance_share:
    type: FLOAT64
    description: "Share of all instances judged in this week whose use fell by half: high in holidays."
  newest_week_on: {type: DATE, description: "Sunday of the newest week that is known of the instance."}
  newest_weekly_active_users: {type: INT64, description: "Users active in that week."}
  has_recovered: {type: BOOL, description: "Whether these are more than half of the usual use again."}
*/
with
rule as (
    select
        0.5 as falls_to_share,
        4 as usual_weeks,
        3 as least_known_weeks,
        5 as least_usual_users
),

instance_week as (
    select
        instance_id,
        date_trunc(day_on, week) as week_on,
        weekly_active_users
    from pings.instance_day
    where weekly_active_users is not null and date_add(date_trunc(day_on, week), interval 6 day) = day_on
),

before as (
    select
        instance_week.instance_id,
        instance_week.week_on,
        instance_week.weekly_active_users,
        percentile_cont(earlier.weekly_active_users, 0.5) over (
            partition by instance_week.instance_id, instance_week.week_on
        ) as usual_users,
        count(*) over (partition by instance_week.instance_id, instance_week.week_on) as known_weeks,
        earlier.week_on as earlier_week_on
    from instance_week
    cross join rule
    cross join unnest(generate_array(1, rule.usual_weeks)) as weeks_before
    inner join instance_week as earlier
        on
            instance_week.instance_id = earlier.instance_id
            and date_sub(instance_week.week_on, interval weeks_before week) = earlier.week_on
),

judged as (
    select
        before.*,
        before.weekly_active_users <= before.usual_users * rule.falls_to_share as has_fallen,
        rule.falls_to_share
    from before
    cross join rule
    where before.known_weeks >= rule.least_known_weeks and before.usual_users >= rule.least_usual_users
    qualify row_number() over (
        partition by before.instance_id, before.week_on order by before.earlier_week_on
    ) = 1
),

shared as (
    select
        *,
        avg(if(has_fallen, 1, 0)) over (partition by week_on) as falling_instance_share
    from judged
),

newest as (
    select *
    from instance_week
    qualify row_number() over (partition by instance_id order by week_on desc) = 1
)

select
    shared.week_on,
    shared.instance_id,
    instance_link.account_id,
    instance_link.account_name,
    shared.weekly_active_users,
    shared.usual_users as usual_weekly_active_users,
    1 - shared.weekly_active_users / shared.usual_users as fallen_share,
    shared.falling_instance_share,
    newest.week_on as newest_week_on,
    newest.weekly_active_users as newest_weekly_active_users,
    newest.weekly_active_users > shared.usual_users * shared.falls_to_share as has_recovered
from shared
inner join newest on shared.instance_id = newest.instance_id
left join customers.instance_link on shared.instance_id = instance_link.instance_id
where shared.has_fallen
