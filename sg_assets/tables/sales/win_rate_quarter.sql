/*
description: |
  One row per calendar quarter and type of opportunity: how many of those that closed were won (key: quarter_on,
  opportunity_type).

  Win rate is won over won and lost, of the opportunities that closed in the quarter: `sales.opportunity_outcome`. By
  type, because nearly every renewal is won. The newest quarter is up to now; one in which nothing closed has no rate.
  How many of the qualified opportunities get won in the end is in `sales.close_rate_quarter`.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [quarter_on, opportunity_type]
columns:
  quarter_on: {type: DATE, description: "First day of the calendar quarter in which they closed."}
  opportunity_type: {type: STRING, description: "New Business, Renewal, …; `unknown` where nobody said."}
  closed_count: {type: INT64, description: "Opportunities that were won or lost."}
  won_count: {type: INT64, description: "Of these, the won ones."}
  lost_count: {type: INT64, description: "And the lost ones."}
  win_rate: {type: FLOAT64, description: "Won over closed, 0 to 1; null where nothing closed."}
  won_usd: {type: NUMERIC, description: "Sum of the amounts of the won ones, in US dollars."}
  lost_usd: {type: NUMERIC, description: "Sum of the amounts of the lost ones, in US dollars."}
  win_rate_by_amount: {type: FLOAT64, description: "Won dollars over those of all that closed, 0 to 1."}
  average_days_to_win: {type: FLOAT64, description: "Mean of the days from opening to winning of the won ones."}
*/
with
outcome_quarter as (
    select
        date_trunc(closed_on, quarter) as quarter_on,
        opportunity_type,
        count(*) as closed_count,
        countif(outcome = 'won') as won_count,
        sum(if(outcome = 'won', amount_usd, 0)) as won_usd,
        sum(if(outcome = 'lost', amount_usd, 0)) as lost_usd,
        avg(if(outcome = 'won', days_to_close, null)) as average_days_to_win
    from sales.opportunity_outcome
    where closed_on is not null
    group by quarter_on, opportunity_type
),

bounds as (
    select
        min(quarter_on) as first_on,
        max(quarter_on) as last_on
    from outcome_quarter
),

calendar as (
    select quarter_on
    from bounds
    cross join unnest(generate_date_array(bounds.first_on, bounds.last_on, interval 1 quarter)) as quarter_on
),

kind as (
    select distinct opportunity_type
    from outcome_quarter
)

select
    calendar.quarter_on,
    kind.opportunity_type,
    coalesce(found.closed_count, 0) as closed_count,
    coalesce(found.won_count, 0) as won_count,
    coalesce(found.closed_count - found.won_count, 0) as lost_count,
    safe_divide(found.won_count, found.closed_count) as win_rate,
    coalesce(found.won_usd, 0) as won_usd,
    coalesce(found.lost_usd, 0) as lost_usd,
    safe_divide(cast(found.won_usd as float64), cast(found.won_usd + found.lost_usd as float64)) as win_rate_by_amount,
    found.average_days_to_win
from calendar
cross join kind
left join outcome_quarter as found
    on calendar.quarter_on = found.quarter_on and kind.opportunity_type = found.opportunity_type
