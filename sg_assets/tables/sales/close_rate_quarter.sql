/*
description: |
  One row per calendar quarter and type of opportunity: how many of those that were qualified in it have been won by now
  (key: quarter_on, opportunity_type).

  Close rate is won over qualified, of the opportunities that were first qualified in the quarter, whenever they
  closed: `sales.opportunity_outcome`. It still grows while `open_count` is not 0, so young quarters look worse than
  they will be. How many of those that closed in a quarter were won is in `sales.win_rate_quarter`.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [quarter_on, opportunity_type]
columns:
  quarter_on: {type: DATE, description: "First day of the calendar quarter (UTC) in which they were first qualified."}
  opportunity_type: {type: STRING, description: "New Business, Renewal, …; `unknown` where nobody said."}
  qualified_count: {type: INT64, description: "Opportunities that were qualified."}
  won_count: {type: INT64, description: "Of these, the ones won by now."}
  lost_count: {type: INT64, description: "The ones lost by now."}
  open_count: {type: INT64, description: "And the ones still open."}
  close_rate: {type: FLOAT64, description: "Won over qualified, 0 to 1; null where none was qualified."}
  won_usd: {type: NUMERIC, description: "Sum of the amounts of the won ones, in US dollars."}
*/
with
outcome_quarter as (
    select
        date_trunc(qualified_on, quarter) as quarter_on,
        opportunity_type,
        count(*) as qualified_count,
        countif(outcome = 'won') as won_count,
        countif(outcome = 'lost') as lost_count,
        countif(outcome = 'open') as open_count,
        sum(if(outcome = 'won', amount_usd, 0)) as won_usd
    from sales.opportunity_outcome
    where qualified_on is not null
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
    coalesce(found.qualified_count, 0) as qualified_count,
    coalesce(found.won_count, 0) as won_count,
    coalesce(found.lost_count, 0) as lost_count,
    coalesce(found.open_count, 0) as open_count,
    safe_divide(found.won_count, found.qualified_count) as close_rate,
    coalesce(found.won_usd, 0) as won_usd
from calendar
cross join kind
left join outcome_quarter as found
    on calendar.quarter_on = found.quarter_on and kind.opportunity_type = found.opportunity_type
