"""What must hold of sales beyond keys and types: revenue moves as its balances do, and no day of the pipeline lacks."""

from sg_assets.table_check import finds_nothing, missing_days

pipeline_snapshot_days = missing_days("sales.pipeline_snapshot_day")

MOVEMENTS_ADD_UP = """
select
    month_on,
    account_id,
    closing_arr_usd - opening_arr_usd as difference_usd,
    new_arr_usd + expansion_arr_usd - churned_arr_usd as moved_usd
from sales.arr_customer_month
where opening_arr_usd + new_arr_usd + expansion_arr_usd - churned_arr_usd != closing_arr_usd
order by month_on, account_id
"""

movements_add_up = finds_nothing(
    "sales.arr_customer_month",
    "movements_add_up",
    "New, expansion and churned revenue of a customer and month are the difference of its balances.",
    MOVEMENTS_ADD_UP,
)

BALANCES_JOIN = """
with
balance as (
    select
        month_on,
        account_id,
        opening_arr_usd as opening_usd,
        0 as before_usd
    from sales.arr_customer_month
    where month_on > (select min(month_on) from sales.arr_customer_month)
    union all
    select
        date_add(month_on, interval 1 month) as month_on,
        account_id,
        0 as opening_usd,
        closing_arr_usd as before_usd
    from sales.arr_customer_month
    where month_on < (select max(month_on) from sales.arr_customer_month)
)

select
    month_on,
    account_id,
    sum(before_usd) as ended_with_usd,
    sum(opening_usd) as begins_with_usd
from balance
group by month_on, account_id
having sum(before_usd) != sum(opening_usd)
order by month_on, account_id
"""

balances_join = finds_nothing(
    "sales.arr_customer_month",
    "balances_join",
    "A customer begins each month with what it ended the month before with; without a row, that is nothing.",
    BALANCES_JOIN,
)
