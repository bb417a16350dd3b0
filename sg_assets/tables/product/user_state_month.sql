/*
description: |
  One row per site whose events arrive and calendar month: who stayed, left, came back, is new (key: month_on, site).

  Users with an account only; anything that they do counts, signing in too. Retained: active in the month before and in
  this one. Churned: in the month before only. Resurrected: in this one and not the month before, with an account that
  is older than the month, or, where no list of accounts says so, after having been seen earlier. New: active, and
  none of these. An account that is deleted in the month is none of retained, churned and resurrected.

  Churned, retained and resurrected need the month before: they are null as long as our events of the site do not reach
  back to its first week. Accounts that were created or deleted are those of sourcegraph.com's database, or what the
  instance tells in its pings. The running month is counted up to today: until its end many only seem to have churned.
  What instances without events count themselves is in `pings.growth_month`.
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, site]
optional: [product.dotcom_account]
columns:
  month_on: {type: DATE, description: "First day of the month (UTC)."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  active_users: {type: INT64, description: "Users with an account who did anything in the month."}
  retained_users: {type: INT64, description: "Users active in the month before and in this one."}
  churned_users: {type: INT64, description: "Users active in the month before, not in this one."}
  resurrected_users: {type: INT64, description: "Users active in this month, not in the one before, but not new."}
  new_users: {type: INT64, description: "Users active in this month who are new."}
  created_users: {type: INT64, description: "Accounts created in the month; null when nothing tells."}
  deleted_users: {type: INT64, description: "Accounts deleted in the month; null when nothing tells."}
  retained_share:
    type: FLOAT64
    description: "Retained users over retained and churned ones, 0 to 1; null where there are neither."
*/
with
rule as (
    select 7 as first_days_that_may_be_missing
),

user_month as (
    select
        stream,
        site,
        user_key,
        date_trunc(day_on, month) as month_on,
        min(day_on) as first_on
    from product.user_day
    where is_registered
    group by stream, site, user_key, month_on
),

site as (
    select
        stream,
        site,
        min(first_on) as first_on
    from user_month
    group by stream, site
),

known as (
    select max(month_on) as last_on
    from user_month
),

site_month as (
    select
        site.stream,
        site.site,
        month_on,
        date_sub(site.first_on, interval rule.first_days_that_may_be_missing day)
        <= date_sub(month_on, interval 1 month) as has_month_before
    from site
    cross join rule
    cross join known
    cross join
        unnest(generate_date_array(date_trunc(site.first_on, month), known.last_on, interval 1 month)) as month_on
),

account as (
    select
        'sourcegraph.com' as site,
        user_key,
        date_trunc(date(created_at), month) as created_month_on,
        date_trunc(date(deleted_at), month) as deleted_month_on
    from product.dotcom_account
),

followed as (
    select
        user_month.stream,
        user_month.site,
        user_month.user_key,
        user_month.month_on,
        lag(user_month.month_on) over (
            partition by user_month.site, user_month.user_key order by user_month.month_on
        ) as earlier_on,
        lead(user_month.month_on) over (
            partition by user_month.site, user_month.user_key order by user_month.month_on
        ) as later_on,
        account.created_month_on,
        account.deleted_month_on
    from user_month
    left join account on user_month.site = account.site and user_month.user_key = account.user_key
),

state as (
    select
        site,
        month_on,
        case
            when earlier_on = date_sub(month_on, interval 1 month)
                then if(coalesce(deleted_month_on = month_on, false), 'deleted', 'retained')
            when coalesce(created_month_on < month_on, earlier_on is not null)
                then if(coalesce(deleted_month_on = month_on, false), 'deleted', 'resurrected')
            else 'new'
        end as user_state
    from followed
    union all
    select
        site,
        date_add(month_on, interval 1 month) as month_on,
        'churned' as user_state
    from followed
    where
        coalesce(later_on > date_add(month_on, interval 1 month), true)
        and not coalesce(deleted_month_on = date_add(month_on, interval 1 month), false)
),

counted as (
    select
        site,
        month_on,
        countif(user_state != 'churned') as active_users,
        countif(user_state = 'retained') as retained_users,
        countif(user_state = 'churned') as churned_users,
        countif(user_state = 'resurrected') as resurrected_users,
        countif(user_state = 'new') as new_users
    from state
    group by site, month_on
),

account_month as (
    select
        account.site,
        site_month.month_on,
        countif(account.created_month_on = site_month.month_on) as created_users,
        countif(account.deleted_month_on = site_month.month_on) as deleted_users
    from account
    inner join site_month on account.site = site_month.site
    group by account.site, site_month.month_on
    union all
    select
        instance_id as site,
        month_on,
        created_users,
        deleted_users
    from pings.growth_month
)

select
    site_month.month_on,
    site_month.stream,
    site_month.site,
    coalesce(counted.active_users, 0) as active_users,
    if(site_month.has_month_before, coalesce(counted.retained_users, 0), null) as retained_users,
    if(site_month.has_month_before, coalesce(counted.churned_users, 0), null) as churned_users,
    if(site_month.has_month_before, coalesce(counted.resurrected_users, 0), null) as resurrected_users,
    if(site_month.has_month_before, coalesce(counted.new_users, 0), null) as new_users,
    account_month.created_users,
    account_month.deleted_users,
    if(
        site_month.has_month_before,
        safe_divide(counted.retained_users, counted.retained_users + counted.churned_users),
        null
    ) as retained_share
from site_month
left join counted on site_month.site = counted.site and site_month.month_on = counted.month_on
left join account_month on site_month.site = account_month.site and site_month.month_on = account_month.month_on
