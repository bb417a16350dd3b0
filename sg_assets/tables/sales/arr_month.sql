/*
description: |
  One row per month: annual recurring revenue (ARR), what moved it, and how much of it was kept (key: month_on).

  From finance's ARR tracker: `sales.arr_customer_month`; the newest month is up to now. Net retention is what the
  customers of the beginning pay at the end, over what they paid at the beginning: more than 1 where they grew. Gross
  retention leaves out what anybody pays more, so it is at most 1. Both for the month, and for the twelve months that
  end with it, which is the figure that is usually meant.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on]
columns:
  month_on: {type: DATE, description: "First day of the calendar month."}
  opening_arr_usd: {type: NUMERIC, description: "ARR when the month began, in US dollars."}
  new_arr_usd: {type: NUMERIC, description: "Of customers that did not pay when it began, in US dollars."}
  expansion_arr_usd: {type: NUMERIC, description: "What paying customers pay more, in US dollars."}
  churned_arr_usd: {type: NUMERIC, description: "What paying customers pay less, or all of it, in US dollars, >= 0."}
  closing_arr_usd: {type: NUMERIC, description: "ARR when the month ended, or so far, in US dollars."}
  customer_count: {type: INT64, description: "Customers that pay when the month ends, or now."}
  new_customer_count: {type: INT64, description: "Customers that did not pay when it began and do when it ends."}
  lost_customer_count: {type: INT64, description: "Customers that paid when it began and do not when it ends."}
  committed_users: {type: INT64, description: "Users that the contracts are for when the month ends."}
  arr_per_user_usd: {type: NUMERIC, description: "ARR over committed users, in US dollars, to the cent."}
  net_retention: {type: FLOAT64, description: "Of the opening ARR, the share that its customers pay at the end."}
  gross_retention: {type: FLOAT64, description: "Share of the opening ARR that was not churned in the month."}
  net_retention_12_months:
    type: FLOAT64
    description: "Net retention over the twelve months that end with this one; null before there are twelve."
  gross_retention_12_months:
    type: FLOAT64
    description: "Gross retention over the twelve months that end with this one; null before there are twelve."
*/
with
moved as (
    select
        month_on,
        sum(opening_arr_usd) as opening_arr_usd,
        sum(new_arr_usd) as new_arr_usd,
        sum(expansion_arr_usd) as expansion_arr_usd,
        sum(churned_arr_usd) as churned_arr_usd,
        sum(closing_arr_usd) as closing_arr_usd,
        countif(closing_arr_usd > 0) as customer_count,
        countif(opening_arr_usd = 0 and closing_arr_usd > 0) as new_customer_count,
        countif(opening_arr_usd > 0 and closing_arr_usd = 0) as lost_customer_count,
        sum(committed_users) as committed_users
    from sales.arr_customer_month
    group by month_on
),

-- What the customers of eleven months before paid when that month began, and pay when this one ends.
over_the_year as (
    select
        moved.month_on,
        sum(begun.opening_arr_usd) as opening_arr_usd,
        sum(coalesce(ended.closing_arr_usd, 0)) as kept_or_grown_arr_usd,
        sum(least(begun.opening_arr_usd, coalesce(ended.closing_arr_usd, 0))) as kept_arr_usd
    from moved
    inner join sales.arr_customer_month as begun
        on date_sub(moved.month_on, interval 11 month) = begun.month_on and begun.opening_arr_usd > 0
    left join sales.arr_customer_month as ended
        on begun.account_id = ended.account_id and moved.month_on = ended.month_on
    group by moved.month_on
)

select
    moved.month_on,
    moved.opening_arr_usd,
    moved.new_arr_usd,
    moved.expansion_arr_usd,
    moved.churned_arr_usd,
    moved.closing_arr_usd,
    moved.customer_count,
    moved.new_customer_count,
    moved.lost_customer_count,
    moved.committed_users,
    cast(
        round(safe_divide(cast(moved.closing_arr_usd as float64), moved.committed_users), 2) as numeric
    ) as arr_per_user_usd,
    safe_divide(
        cast(moved.opening_arr_usd + moved.expansion_arr_usd - moved.churned_arr_usd as float64),
        cast(moved.opening_arr_usd as float64)
    ) as net_retention,
    safe_divide(
        cast(moved.opening_arr_usd - moved.churned_arr_usd as float64), cast(moved.opening_arr_usd as float64)
    ) as gross_retention,
    safe_divide(
        cast(over_the_year.kept_or_grown_arr_usd as float64), cast(over_the_year.opening_arr_usd as float64)
    ) as net_retention_12_months,
    safe_divide(
        cast(over_the_year.kept_arr_usd as float64), cast(over_the_year.opening_arr_usd as float64)
    ) as gross_retention_12_months
from moved
left join over_the_year on moved.month_on = over_the_year.month_on
