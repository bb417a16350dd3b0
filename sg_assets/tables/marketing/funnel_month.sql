/*
description: |
  One row per calendar month: from visitor to MQL, PQL, opportunity and customer (key: month_on).

  Two views of it. What happened in the month, each step on its own date and in its own unit: visitors are people (or
  browsers) who came to our websites for the first time, leads, MQLs and PQLs are people, opportunities are sales,
  customers are companies. And what became, up to now, of the leads who came in that month (`cohort_…`): only these
  shares are of the same people.

  Opportunities are of new business: renewals are no step of this funnel. A customer counts in the month in which its
  account won an opportunity for the first time. Months are UTC, of visitors those of Google Analytics' own zone; the
  current month, and cohorts of the last ones, are still growing.
owner: team:marketing
promise: {cron: "30 16 * * *", timezone: America/Los_Angeles, warn: 80h, fail: 92h}
key: [month_on]
optional: [marketing.web_traffic_day]
columns:
  month_on: {type: DATE, description: "First day of the month."}
  is_over: {type: BOOL, description: "Whether the month is over (UTC)."}
  sessions: {type: INT64, description: "Visits to our websites; null where none were counted."}
  new_visitors: {type: INT64, description: "Visitors who came for the first time; null where none were counted."}
  leads: {type: INT64, description: "People whom marketing came to know."}
  mqls: {type: INT64, description: "People whom marketing qualified, for the first time."}
  pqls: {type: INT64, description: "People whom the product qualified, for the first time."}
  opportunities: {type: INT64, description: "Opportunities of new business that were opened."}
  qualified_opportunities: {type: INT64, description: "Opportunities of new business that reached stage 2."}
  customers: {type: INT64, description: "Companies that became a customer."}
  lead_per_visitor_share: {type: FLOAT64, description: "Leads over new visitors; null without visitors."}
  cohort_mqls: {type: INT64, description: "Of the month's leads, MQLs by now, or once."}
  cohort_pqls: {type: INT64, description: "Of the month's leads, PQLs by now, or once."}
  cohort_opportunities: {type: INT64, description: "Of the month's leads, part of an opportunity by now."}
  cohort_customers: {type: INT64, description: "Of the month's leads, at a customer by now."}
  cohort_mql_share: {type: FLOAT64, description: "The MQLs over the month's leads, 0 to 1; null without leads."}
  cohort_pql_share: {type: FLOAT64, description: "The PQLs over the month's leads, 0 to 1; null without leads."}
  cohort_opportunity_share:
    type: FLOAT64
    description: "Those with an opportunity over the month's leads, 0 to 1; null without leads."
  cohort_customer_share:
    type: FLOAT64
    description: "Those at a customer over the month's leads, 0 to 1; null without leads."
*/
with
rule as (
    select 'new business' as counted_type
),

visited as (
    select
        date_trunc(day_on, month) as month_on,
        sum(sessions) as sessions,
        sum(new_visitors) as new_visitors
    from marketing.web_traffic_day
    group by month_on
),

came as (
    select
        date_trunc(created_on, month) as month_on,
        count(*) as leads,
        countif(mql_on is not null) as cohort_mqls,
        countif(pql_on is not null) as cohort_pqls,
        countif(became_opportunity_at is not null) as cohort_opportunities,
        countif(became_customer_at is not null) as cohort_customers
    from marketing.lead
    group by month_on
),

opportunity as (
    select
        opportunity_outcome.opened_on,
        opportunity_outcome.qualified_on
    from sales.opportunity_outcome
    cross join rule
    where lower(opportunity_outcome.opportunity_type) = rule.counted_type
),

customer as (
    select
        account_id,
        min(closed_on) as won_on
    from sales.opportunity_outcome
    where outcome = 'won'
    group by account_id
),

taken as (
    select
        mql_on as day_on,
        'mql' as step_name
    from marketing.lead
    union all
    select
        pql_on as day_on,
        'pql' as step_name
    from marketing.lead
    union all
    select
        opened_on as day_on,
        'opportunity' as step_name
    from opportunity
    union all
    select
        qualified_on as day_on,
        'qualified' as step_name
    from opportunity
    union all
    select
        won_on as day_on,
        'customer' as step_name
    from customer
),

happened as (
    select
        date_trunc(day_on, month) as month_on,
        countif(step_name = 'mql') as mqls,
        countif(step_name = 'pql') as pqls,
        countif(step_name = 'opportunity') as opportunities,
        countif(step_name = 'qualified') as qualified_opportunities,
        countif(step_name = 'customer') as customers
    from taken
    where day_on is not null
    group by month_on
),

known as (
    select month_on
    from visited
    union distinct
    select month_on
    from came
    union distinct
    select month_on
    from happened
),

calendar as (
    select month_on
    from
        unnest(generate_date_array(
            (
                select min(month_on)
                from known
            ),
            date_trunc(current_date(), month),
            interval 1 month
        )) as month_on
)

select
    calendar.month_on,
    calendar.month_on < date_trunc(current_date(), month) as is_over,
    visited.sessions,
    visited.new_visitors,
    coalesce(came.leads, 0) as leads,
    coalesce(happened.mqls, 0) as mqls,
    coalesce(happened.pqls, 0) as pqls,
    coalesce(happened.opportunities, 0) as opportunities,
    coalesce(happened.qualified_opportunities, 0) as qualified_opportunities,
    coalesce(happened.customers, 0) as customers,
    safe_divide(coalesce(came.leads, 0), visited.new_visitors) as lead_per_visitor_share,
    coalesce(came.cohort_mqls, 0) as cohort_mqls,
    coalesce(came.cohort_pqls, 0) as cohort_pqls,
    coalesce(came.cohort_opportunities, 0) as cohort_opportunities,
    coalesce(came.cohort_customers, 0) as cohort_customers,
    safe_divide(came.cohort_mqls, came.leads) as cohort_mql_share,
    safe_divide(came.cohort_pqls, came.leads) as cohort_pql_share,
    safe_divide(came.cohort_opportunities, came.leads) as cohort_opportunity_share,
    safe_divide(came.cohort_customers, came.leads) as cohort_customer_share
from calendar
left join visited on calendar.month_on = visited.month_on
left join came on calendar.month_on = came.month_on
left join happened on calendar.month_on = happened.month_on
