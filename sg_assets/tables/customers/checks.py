"""What must hold of customers beyond keys and types: the history of their telemetry has no gaps, and ends with now."""

from sg_assets.table_check import finds_nothing

HAS_NO_GAPS = """
    with
    followed as (
        select
            account_id,
            valid_from_on,
            valid_to_on,
            telemetry_status,
            lead(valid_from_on) over (partition by account_id order by valid_from_on) as next_on,
            lead(telemetry_status) over (partition by account_id order by valid_from_on) as next_status
        from customers.telemetry_status_history
    )

    select
        coalesce(telemetry_status.account_id, followed.account_id) as account_id,
        followed.valid_from_on,
        followed.valid_to_on,
        followed.next_on
    from followed
    full join customers.telemetry_status
        on followed.account_id = telemetry_status.account_id and followed.valid_to_on is null
    where
        (
            followed.valid_to_on is not null
            and (
                followed.next_on is null
                or followed.next_on != date_add(followed.valid_to_on, interval 1 day)
                or followed.next_status = followed.telemetry_status
            )
        )
        or (
            followed.valid_to_on is null
            and (
                followed.telemetry_status is null
                or telemetry_status.telemetry_status is null
                or followed.telemetry_status != telemetry_status.telemetry_status
            )
        )
    order by account_id, valid_from_on
"""

has_no_gaps = finds_nothing(
    "customers.telemetry_status_history",
    "has_no_gaps",
    "A customer's stretches follow each other day by day, each with another status than the one before, and the last"
    " one has the status that `customers.telemetry_status` says.",
    HAS_NO_GAPS,
)
