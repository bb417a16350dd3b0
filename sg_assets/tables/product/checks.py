"""What must hold of the use of the product beyond keys and types: active users nest, every answer is in its month."""

from sg_assets.table_check import finds_nothing

USERS_NEST = """
    select
        day_on,
        count(*) as wrong_sites
    from product.active_users_day
    where
        day_on > (select date_sub(max(day_on), interval 7 day) from product.active_users_day)
        and (
            daily_active_users > weekly_active_users
            or daily_active_users > monthly_active_users
            or daily_registered_users > daily_active_users
            or monthly_registered_users > monthly_active_users
            or (weekly_active_users > monthly_active_users and date_trunc(day_on, week) >= date_trunc(day_on, month))
        )
    group by day_on
    order by day_on
"""
RESPONSES_ADD_UP = """
    with
    month as (
        select
            month_on,
            sum(if(respondents = 'everybody', response_count, 0)) as of_everybody,
            sum(if(respondents != 'everybody', response_count, 0)) as of_groups,
            sum(if(respondents = 'everybody', promoter_count + passive_count + detractor_count, 0)) as of_kinds
        from product.nps_month
        group by month_on
    ),

    answered as (
        select
            date_trunc(answered_on, month) as month_on,
            count(*) as answers
        from product.nps_response
        group by month_on
    )

    select
        coalesce(month.month_on, answered.month_on) as month_on,
        coalesce(answered.answers, 0) as answers,
        month.of_everybody,
        month.of_groups,
        month.of_kinds
    from month
    full join answered on month.month_on = answered.month_on
    where
        coalesce(answered.answers, 0) != coalesce(month.of_everybody, 0)
        or month.of_everybody != month.of_groups
        or month.of_everybody != month.of_kinds
    order by month_on
"""

users_nest = finds_nothing(
    "product.active_users_day",
    "users_nest",
    "On each of the newest seven days, whoever is active that day is so that week and that month: DAU <= WAU <= MAU."
    " (A week that began in the month before may count more than the month.) Registered users are among them.",
    USERS_NEST,
)

responses_add_up = finds_nothing(
    "product.nps_month",
    "responses_add_up",
    "Each answer is counted in its month: among everybody, in one group, and as promoter, passive or detractor.",
    RESPONSES_ADD_UP,
)
