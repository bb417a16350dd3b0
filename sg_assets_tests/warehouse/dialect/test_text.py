"""What a text says of itself, without running it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from sg_assets.warehouse.dialect import (
    DialectError,
    parse,
    pin_clock,
    pin_current_date,
    places,
    reads_current_date,
    tables,
    to_duckdb,
    words,
)

SQL = """
with recent as (select * from raw_x.event as e where e.day >= current_date() - 7)
select recent.id, current_date ('UTC') as today, 'current_date()' as text
from recent
join `raw_x.user` using (id)
left join (select id from raw_x.user where current_date = day) on true -- current_date()
"""


def test_tables_are_those_of_from_and_join_without_common_table_expressions() -> None:
    assert [f"{table.db}.{table.name}" for table in tables(parse(SQL))].count("raw_x.user") == 2
    assert {f"{table.db}.{table.name}" for table in tables(parse(SQL))} == {"raw_x.event", "raw_x.user"}


def test_places_say_where_a_table_is_named_and_whether_an_alias_follows() -> None:
    found = [(SQL[place.start : place.end], place.table, place.has_alias) for place in places(SQL)]
    assert found == [
        ("raw_x.event", "raw_x.event", True),
        ("`raw_x.user`", "raw_x.user", False),
        ("raw_x.user", "raw_x.user", False),
    ]


def test_the_date_is_pinned_where_it_is_read_and_nowhere_else() -> None:
    assert reads_current_date(SQL)
    pinned = pin_current_date(SQL, date(2026, 1, 10))
    assert pinned.count("date '2026-01-10'") == 3
    assert "'current_date()' as text" in pinned
    assert "-- current_date()" in pinned
    assert not reads_current_date(pinned)
    assert "e.day >= date '2026-01-10' - 7" in pinned


def test_what_people_ask_may_read_the_clock() -> None:
    now = datetime(2026, 1, 10, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    sql = "select current_timestamp(), current_timestamp, current_date() from x.y where t.current_timestamp is null"
    at = "timestamp '2026-01-09 23:30:00+00'"
    assert pin_clock(sql, now) == f"select {at}, {at}, date '2026-01-09' from x.y where t.current_timestamp is null"
    assert to_duckdb(pin_clock(sql, now))


def test_a_column_of_that_name_is_no_date() -> None:
    sql = "select t.current_date, `current_date` from x.t"
    assert not reads_current_date(sql)
    assert pin_current_date(sql, date(2026, 1, 10)) == sql


def test_the_date_of_another_zone_is_refused() -> None:
    with pytest.raises(DialectError, match=r"line 1: CURRENT_DATE\(\) is in UTC"):
        reads_current_date("select current_date('America/New_York')")


def test_words_are_the_same_whatever_the_white_space_and_the_comments() -> None:
    assert words("select a, -- comment\n b from x.y") == words("select  a,b\nfrom x . y /* other */")
    assert words("select 'a  b'") != words("select 'a b'")


@pytest.mark.parametrize("sql", ["select 1; select 2", "delete from x.y where true", "create table x.y (a int64)", ""])
def test_only_one_query_is_read(sql: str) -> None:
    with pytest.raises(DialectError, match=r"one SELECT|Required keyword|No expression"):
        parse(sql)


def test_a_text_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(DialectError, match="line 2"):
        parse("select a\nfrom x.y where and")
    with pytest.raises(DialectError, match="tokenizing"):
        words("select 'a")
