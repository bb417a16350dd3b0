"""What must hold of the use of the product, asked of rows where it does and of rows where it does not."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sg_assets.discovery import graph
from sg_assets.tables.product import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

FRIDAY, MARCH = date(2026, 1, 9), date(2026, 3, 1)


def found(sql: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
    return asked(sql, [graph()[name] for name in given], given)


def users(day: date, daily: int, weekly: int, monthly: int, registered: int = 0) -> Row:
    names = ("daily_active_users", "weekly_active_users", "monthly_active_users")
    counts = dict(zip(names, (daily, weekly, monthly), strict=True))
    more = {"daily_registered_users": registered, "monthly_registered_users": registered}
    return {"day_on": day, "site": "a", **counts, **more}


def test_active_users_of_a_day_are_among_those_of_its_week_and_month() -> None:
    def nesting(*rows: Row) -> list[Row]:
        return found(checks.USERS_NEST, {"product.active_users_day": rows})

    assert nesting() == []
    assert nesting(users(FRIDAY, 3, 5, 9, 3)) == []
    assert nesting(users(FRIDAY, 6, 5, 9)) == [{"day_on": FRIDAY, "wrong_sites": 1}]
    assert nesting(users(FRIDAY, 3, 9, 8)) == [{"day_on": FRIDAY, "wrong_sites": 1}]
    assert nesting(users(FRIDAY, 3, 5, 9, 4)) == [{"day_on": FRIDAY, "wrong_sites": 1}]
    assert nesting(users(date(2026, 1, 1), 3, 9, 3)) == [], "its week began in the month before"
    assert nesting(users(FRIDAY, 3, 5, 9), users(FRIDAY - timedelta(days=7), 6, 5, 9)) == [], "a week ago"


def test_every_answer_is_in_its_month() -> None:
    answer: Row = {"response_id": "a", "answered_on": date(2026, 3, 31)}
    everybody: Row = {"month_on": MARCH, "respondents": "everybody", "response_count": 1}
    kinds: Row = {"promoter_count": 1, "passive_count": 0, "detractor_count": 0}
    instances: Row = {"month_on": MARCH, "respondents": "instances", "response_count": 1}

    def adding(answers: Sequence[Row], months: Sequence[Row]) -> list[object]:
        wrong = found(checks.RESPONSES_ADD_UP, {"product.nps_response": answers, "product.nps_month": months})
        return [row["month_on"] for row in wrong]

    assert adding([], []) == []
    assert adding([answer], [everybody | kinds, instances]) == []
    assert adding([answer], []) == [MARCH]
    assert adding([], [everybody | kinds, instances]) == [MARCH]
    assert adding([answer], [everybody | kinds]) == [MARCH]
    assert adding([answer], [everybody | kinds | {"passive_count": 1}, instances]) == [MARCH]
