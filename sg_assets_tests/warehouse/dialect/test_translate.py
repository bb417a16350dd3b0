"""Whole texts: what comes out is DuckDB's, in one line, and the same each time."""

from __future__ import annotations

import pytest

from sg_assets.warehouse.dialect import DialectError, to_duckdb


def test_a_text_is_translated_without_its_comments() -> None:
    sql = "select a / b as ratio -- comment\nfrom `raw_x.y` as t where t.a like 'x%'"
    assert to_duckdb(sql) == 'SELECT BQ_DIVIDE(a, b) AS ratio FROM "raw_x"."y" AS t WHERE t.a LIKE \'x%\''


def test_people_read_it_in_lines() -> None:
    text = to_duckdb("select a, b from x.y where a > 1", is_pretty=True)
    assert text.splitlines() == ["SELECT", "  a,", "  b", "FROM x.y", "WHERE", "  a > 1"]


def test_translating_twice_gives_the_same() -> None:
    sql = "select x, o from raw_x.y as t, unnest(t.a) as x with offset as o group by x, o"
    assert to_duckdb(sql) == to_duckdb(sql)


def test_literal_dates_stay_readable() -> None:
    sql = "select date '2026-01-10', timestamp '2026-01-10 00:00:00+00', numeric '1.5'"
    assert to_duckdb(sql) == (
        "SELECT CAST('2026-01-10' AS DATE), CAST('2026-01-10 00:00:00+00' AS TIMESTAMPTZ), "
        "CAST('1.5' AS DECIMAL(38, 9))"
    )


def test_a_text_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(DialectError, match="line 3"):
        to_duckdb("select a\nfrom x.y\nwhere where")
