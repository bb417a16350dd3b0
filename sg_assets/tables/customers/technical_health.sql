/*
description: |
  One row per customer whose instances pinged this month or last: how well it is, and why (key: account_id).

  The score is the weighted mean of three parts, each 0 (bad) to 1 (good) and visible beside it, with what it is of:

  * adoption, as in `customers.adoption_month`: full marks from 1, where every seat is used;
  * engagement, DAU/MAU as in `product.engagement_month`: full marks from 0.4, which is 12 days of a month of 30;
  * version: full marks for the newest release, none from 6 releases behind on (half a year).

  All of the main instance, the one with the most monthly users. Adoption and engagement are those of last month, since
  the running one has only begun; of the running one for a customer without last month. A part that is not known, such
  as the daily users of an instance that sends critical pings only, is left out of the mean. The handbook names the
  parts, but not their weights: these and the marks are our guess (docs/decisions.md).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [account_id]
columns:
  account_id: {type: STRING, description: "Salesforce account: `crm.account`."}
  account_name: {type: STRING, description: "Name of the company."}
  owner_name: {type: STRING, class: personal, description: "Colleague who owns the account."}
  health_score: {type: FLOAT64, description: "Weighted mean of the known parts, 0 to 1; null when none is known."}
  health: {type: STRING, description: "`good` from 0.7, `fair` from 0.4, else `poor`; null without a score."}
  known_part_count: {type: INT64, description: "Parts of the score that are known, 0 to 3."}
  adoption_score: {type: FLOAT64, description: "Marks for adoption, 0 to 1; null when not known."}
  engagement_score: {type: FLOAT64, description: "Marks for DAU/MAU, 0 to 1; null when not known."}
  version_score: {type: FLOAT64, description: "Marks for the version, 0 to 1; null when not known."}
  month_on: {type: DATE, description: "First day of the month that adoption and engagement are of."}
  adoption: {type: FLOAT64, description: "Monthly active users over seats, or over addressable users when unlimited."}
  monthly_active_users: {type: INT64, description: "Users active on the main instance in that month."}
  seats: {type: INT64, description: "Users that its licence allows; null without a licence, or when unlimited."}
  dau_mau: {type: FLOAT64, description: "Mean daily over monthly active users, 0 to 1."}
  version: {type: STRING, description: "Version of the main instance in its newest ping."}
  releases_behind:
    type: INT64
    description: "Minor releases that came out since its own; null for a build of developers."
  main_instance_id:
    type: STRING
    class: pseudonymous
    description: "Its instance with the most monthly active users."
*/
with
rule as (
    select
        1.0 as adoption_weight,
        1.0 as engagement_weight,
        1.0 as version_weight,
        1.0 as full_adoption,
        0.4 as full_dau_mau,
        6 as worst_releases_behind,
        0.7 as good_from,
        0.4 as fair_from
),

adoption as (
    select *
    from customers.adoption_month
    where month_on >= date_sub(date_trunc(current_date(), month), interval 1 month)
    qualify row_number() over (partition by account_id order by month_on asc) = 1
),

newest_release as (
    select release_number
    from pings.release
    where is_newest
),

part as (
    select
        adoption.account_id,
        adoption.account_name,
        adoption.month_on,
        adoption.adoption,
        adoption.monthly_active_users,
        adoption.seats,
        engagement_month.dau_mau,
        instance.version,
        greatest(newest_release.release_number - release.release_number, 0) as releases_behind,
        adoption.main_instance_id
    from adoption
    left join product.engagement_month
        on
            adoption.main_instance_id = engagement_month.site
            and adoption.month_on = engagement_month.month_on
    left join pings.instance on adoption.main_instance_id = instance.instance_id
    left join pings.release on instance.release = release.release
    left join newest_release on release.release_number is not null
),

scored as (
    select
        part.*,
        least(part.adoption / rule.full_adoption, 1) as adoption_score,
        least(part.dau_mau / rule.full_dau_mau, 1) as engagement_score,
        greatest(1 - part.releases_behind / rule.worst_releases_behind, 0) as version_score
    from part
    cross join rule
),

weighed as (
    select
        scored.*,
        rule.good_from,
        rule.fair_from,
        safe_divide(
            coalesce(scored.adoption_score * rule.adoption_weight, 0)
            + coalesce(scored.engagement_score * rule.engagement_weight, 0)
            + coalesce(scored.version_score * rule.version_weight, 0),
            if(scored.adoption_score is null, 0, rule.adoption_weight)
            + if(scored.engagement_score is null, 0, rule.engagement_weight)
            + if(scored.version_score is null, 0, rule.version_weight)
        ) as health_score
    from scored
    cross join rule
)

select
    weighed.account_id,
    weighed.account_name,
    account.owner_name,
    weighed.health_score,
    case
        when weighed.health_score >= weighed.good_from then 'good'
        when weighed.health_score >= weighed.fair_from then 'fair'
        when weighed.health_score is not null then 'poor'
    end as health,
    if(weighed.adoption_score is null, 0, 1)
    + if(weighed.engagement_score is null, 0, 1)
    + if(weighed.version_score is null, 0, 1) as known_part_count,
    weighed.adoption_score,
    weighed.engagement_score,
    weighed.version_score,
    weighed.month_on,
    weighed.adoption,
    weighed.monthly_active_users,
    weighed.seats,
    weighed.dau_mau,
    weighed.version,
    weighed.releases_behind,
    weighed.main_instance_id
from weighed
left join crm.account on weighed.account_id = account.account_id
