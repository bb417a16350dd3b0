/*
description: |
  One row per calendar quarter: what a new customer pays on average (key: quarter_on).

  Average sales price is the new ARR of new customers over their number, both from finance's ARR tracker:
  `sales.arr_customer_month`. New is who did not pay when the month began, also one that came back. The newest quarter
  is up to now; one without a new customer has no price.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [quarter_on]
columns:
  quarter_on: {type: DATE, description: "First day of the calendar quarter."}
  new_customer_count: {type: INT64, description: "Customers that began to pay in it."}
  new_arr_usd: {type: NUMERIC, description: "Annual recurring revenue of these, in US dollars."}
  average_sales_price_usd: {type: NUMERIC, description: "New ARR a new customer, in US dollars, to the cent."}
*/
with
customer_quarter as (
    select
        date_trunc(month_on, quarter) as quarter_on,
        account_id,
        sum(new_arr_usd) as new_arr_usd
    from sales.arr_customer_month
    group by quarter_on, account_id
),

bounds as (
    select
        min(quarter_on) as first_on,
        max(quarter_on) as last_on
    from customer_quarter
),

calendar as (
    select quarter_on
    from bounds
    cross join unnest(generate_date_array(bounds.first_on, bounds.last_on, interval 1 quarter)) as quarter_on
),

sold as (
    select
        quarter_on,
        countif(new_arr_usd > 0) as new_customer_count,
        sum(new_arr_usd) as new_arr_usd
    from customer_quarter
    group by quarter_on
)

select
    calendar.quarter_on,
    coalesce(sold.new_customer_count, 0) as new_customer_count,
    coalesce(sold.new_arr_usd, 0) as new_arr_usd,
    cast(
        round(safe_divide(cast(sold.new_arr_usd as float64), sold.new_customer_count), 2) as numeric
    ) as average_sales_price_usd
from calendar
left join sold on calendar.quarter_on = sold.quarter_on
