/*
description: |
  One row per cohort of users and week since (key: site, is_registered, cohort_week_on, week_number).

  A cohort is the users of a site who were active there for the first time in the same week, Monday to Sunday as the
  product's own cohorts are. They are retained in a later week in which they are active again. Weeks 0 (all of them) to
  11, as far as they have begun; the running one is counted up to today.

  Who came before the first week that we have of the site, as browsers of sourcegraph.com remember, is in no cohort.
  Where nothing remembers it, the first cohort of a site holds everybody who was there already: see
  `may_hold_earlier_users`. Counts of sites and cohorts may be added up, shares not.
owner: team:analytics
promise: {cron: "30 6 * * *", timezone: UTC, warn: 30h, fail: 40h}
key: [site, is_registered, cohort_week_on, week_number]
columns:
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  is_registered: {type: BOOL, description: "Whether these are users with an account; else browsers of visitors."}
  cohort_week_on: {type: DATE, description: "Monday of the week in which they were first active."}
  week_number: {type: INT64, description: "Weeks since: 0 is the cohort's own week."}
  week_on: {type: DATE, description: "Monday of that later week."}
  is_week_over: {type: BOOL, description: "Whether that week is over, so that its figures are final."}
  may_hold_earlier_users:
    type: BOOL
    description: "Whether it is the first week that we have of the site, so that it may hold users who came earlier."
  cohort_users: {type: INT64, description: "Users of the cohort."}
  retained_users: {type: INT64, description: "Of these, the ones active in the later week."}
  retention: {type: FLOAT64, description: "The latter over the former, 0 to 1."}
*/
with
rule as (
    select 11 as last_week_number
),

user_week as (
    select
        stream,
        site,
        user_key,
        is_registered,
        date_trunc(day_on, isoweek) as week_on,
        min(first_seen_week_on) as first_seen_week_on
    from product.user_day
    where is_active
    group by stream, site, user_key, is_registered, week_on
),

site_start as (
    select
        site,
        min(week_on) as week_on
    from user_week
    group by site
),

cohort_of_user as (
    select
        user_week.site,
        user_week.user_key,
        min(user_week.week_on) as cohort_week_on
    from user_week
    inner join site_start on user_week.site = site_start.site
    group by user_week.site, user_week.user_key
    having coalesce(min(user_week.first_seen_week_on), min(site_start.week_on)) >= min(site_start.week_on)
),

member_week as (
    select
        user_week.*,
        cohort_of_user.cohort_week_on
    from user_week
    inner join cohort_of_user
        on user_week.site = cohort_of_user.site and user_week.user_key = cohort_of_user.user_key
),

cohort as (
    select
        member_week.stream,
        member_week.site,
        member_week.is_registered,
        member_week.cohort_week_on,
        member_week.cohort_week_on = site_start.week_on as may_hold_earlier_users,
        count(*) as cohort_users
    from member_week
    inner join site_start on member_week.site = site_start.site
    where member_week.week_on = member_week.cohort_week_on
    group by
        member_week.stream,
        member_week.site,
        member_week.is_registered,
        member_week.cohort_week_on,
        may_hold_earlier_users
),

known as (
    select max(week_on) as last_on
    from user_week
),

cohort_week as (
    select
        cohort.*,
        week_on
    from cohort
    cross join rule
    cross join known
    cross join
        unnest(generate_date_array(
            cohort.cohort_week_on,
            least(known.last_on, date_add(cohort.cohort_week_on, interval rule.last_week_number week)),
            interval 1 week
        )) as week_on
),

retained as (
    select
        site,
        is_registered,
        cohort_week_on,
        week_on,
        count(*) as users
    from member_week
    group by site, is_registered, cohort_week_on, week_on
)

select
    cohort_week.stream,
    cohort_week.site,
    cohort_week.is_registered,
    cohort_week.cohort_week_on,
    date_diff(cohort_week.week_on, cohort_week.cohort_week_on, isoweek) as week_number,
    cohort_week.week_on,
    date_add(cohort_week.week_on, interval 6 day) < current_date() as is_week_over,
    cohort_week.may_hold_earlier_users,
    cohort_week.cohort_users,
    coalesce(retained.users, 0) as retained_users,
    coalesce(retained.users, 0) / cohort_week.cohort_users as retention
from cohort_week
left join retained
    on
        cohort_week.site = retained.site
        and cohort_week.is_registered = retained.is_registered
        and cohort_week.cohort_week_on = retained.cohort_week_on
        and cohort_week.week_on = retained.week_on
