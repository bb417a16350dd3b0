"""When a table may be built day by day from the same days of what it reads."""

from __future__ import annotations

import pytest

from sg_assets.scheduled_queries.partition import obstacle
from sg_assets.scheduled_queries.shape import shape_of
from sg_assets_tests.scheduled_queries.examples import EVENT, PERSON

DAY = "select date(at) as day_on"


def found(sql: str, field: str = "day_on", *, reads_current_date: bool = False) -> str:
    inputs = [PERSON, EVENT]
    named = {table.name: table for table in inputs}
    return obstacle(shape_of(sql, inputs), field, named, reads_current_date=reads_current_date)


@pytest.mark.parametrize(
    "sql",
    [
        f"{DAY}, id from raw_a.event",
        f"{DAY}, person_id, count(*) as n from raw_a.event group by day_on, person_id",
        f"{DAY}, count(*) as n from raw_a.event group by 1",
        f"{DAY}, count(*) as n from raw_a.event group by at",
        f"{DAY}, e.id, p.team from raw_a.event as e left join raw_a.person as p on p.id = e.person_id where e.id > 1",
        "select distinct date(at) as day_on, person_id from raw_a.event",
    ],
)
def test_a_day_of_its_own_days_can_be_cut(sql: str) -> None:
    assert found(sql) == ""


@pytest.mark.parametrize(
    ("sql", "field", "why"),
    [
        (f"{DAY}, id from raw_a.event", "id", "id is a INT64"),
        (f"{DAY}, id from raw_a.event", "other", "other is no column of it"),
        (f"{DAY}, lag(id) over (order by at, id) as before from raw_a.event", "day_on", "a window or a limit"),
        (f"{DAY} from raw_a.event order by at limit 3", "day_on", "a window or a limit"),
        (f"with x as (select * from raw_a.event) {DAY} from x", "day_on", "more than one SELECT"),
        (f"{DAY} from raw_a.event union all {DAY} from raw_a.event", "day_on", "more than one SELECT"),
        ("select date(created_at) as day_on from raw_a.person", "day_on", "none of the tables"),
        ("select date(e.at) as day_on from raw_a.event e join raw_a.event f on e.id = f.id", "day_on", "several"),
        ("select date_trunc(date(at), month) as day_on from raw_a.event", "day_on", "is not the day of raw_a.event.at"),
        ("select max(date(at)) as day_on from raw_a.event", "day_on", "is not the day of"),
        (f"{DAY}, count(*) over () as n from raw_a.event", "day_on", "a window or a limit"),
    ],
)
def test_what_may_come_from_other_days_cannot(sql: str, field: str, why: str) -> None:
    assert why in found(sql, field)


def test_a_table_of_days_does_not_read_the_date() -> None:
    assert "CURRENT_DATE()" in found(f"{DAY} from raw_a.event", reads_current_date=True)
