"""What must hold of pings, asked of rows where it does and of rows where it does not."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sg_assets.discovery import graph
from sg_assets.tables.pings import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

FRIDAY = date(2026, 1, 9)
DAY = timedelta(days=1)


def found(sql: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
    return asked(sql, [graph()[name] for name in given], given)


def nesting(*rows: Row) -> list[Row]:
    return found(checks.USERS_NEST, {"pings.instance_day": rows})


def instance(day: date, daily: int | None, weekly: int | None, monthly: int | None, name: str = "site") -> Row:
    return {
        "instance_id": name,
        "day_on": day,
        "daily_active_users": daily,
        "weekly_active_users": weekly,
        "monthly_active_users": monthly,
    }


def test_active_users_of_a_day_are_among_those_of_its_week_and_month() -> None:
    assert nesting(instance(FRIDAY, 3, 5, 9), instance(FRIDAY, 5, 5, 5, "other")) == []
    assert nesting(instance(FRIDAY, 6, 5, 9)) == [{"day_on": FRIDAY, "wrong_instances": 1, "instances": 1}]
    assert nesting(instance(FRIDAY, 3, 10, 9)) != []
    assert nesting(instance(FRIDAY, 10, 10, 9)) != []


def test_a_week_that_began_last_month_may_count_more_than_the_month() -> None:
    thursday = date(2026, 1, 1)
    assert nesting(instance(thursday, 3, 10, 3)) == []
    assert nesting(instance(thursday, 4, 10, 3)) != []


def test_what_is_unknown_contradicts_nothing() -> None:
    assert nesting(instance(FRIDAY, None, None, 9), instance(FRIDAY, None, None, None, "other")) == []


def test_one_of_twenty_may_send_nonsense_but_not_two() -> None:
    sane = [instance(FRIDAY, 1, 2, 3, f"sane {n}") for n in range(18)]
    mad = [instance(FRIDAY, 9, 2, 3, f"mad {n}") for n in range(2)]
    assert nesting(*sane, sane[0] | {"instance_id": "another"}, mad[0]) == []
    assert nesting(*sane, *mad) == [{"day_on": FRIDAY, "wrong_instances": 2, "instances": 20}]


def test_days_of_more_than_a_week_ago_hold_up_nothing() -> None:
    assert nesting(instance(FRIDAY - 7 * DAY, 9, 1, 1), instance(FRIDAY, 1, 1, 1)) == []
    assert nesting(instance(FRIDAY - 6 * DAY, 9, 1, 1), instance(FRIDAY, 1, 1, 1)) != []


def test_the_versions_of_a_day_count_every_instance_that_pinged() -> None:
    pinged = [instance(FRIDAY, 1, 1, 1, name) for name in "abc"]

    def versions(*counts: int) -> list[Row]:
        rows: list[Row] = [
            {"day_on": FRIDAY, "version": f"4.{n}.0", "instance_count": count} for n, count in enumerate(counts)
        ]
        return found(checks.VERSIONS_ADD_UP, {"pings.version_day": rows, "pings.instance_day": pinged})

    assert versions(1, 2) == []
    assert versions(1, 1) == [{"day_on": FRIDAY, "of_versions": 2, "that_pinged": 3}]
    assert versions(3, 1) != []
