from __future__ import annotations

import random
from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.columns import Column
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_sql import (
    accepts,
    bigquery_type,
    content_hash,
    quoted,
    quoted_table,
    text,
)
from sg_assets.warehouse.transitions import added_up, content_version

COLUMNS = (Column("a", "STRING", "A."), Column("b", "STRING", "B."))
Rows = list[tuple[str | None, str | None]]


def version(rows: Rows) -> str:
    with duckdb.connect() as connection:
        connection.execute("create table t (a varchar, b varchar)")
        for row in rows:
            connection.execute("insert into t values (?, ?)", list(row))
        found = connection.execute(f"select count(*), {content_hash(COLUMNS)} from t").fetchone()
    assert found is not None
    return content_version(int(found[0]), int(found[1]))


def test_the_version_does_not_depend_on_the_order_of_rows() -> None:
    rows: Rows = [(str(n), None if n % 3 else "x") for n in range(50)]
    shuffled = random.Random(1).sample(rows, len(rows))
    assert version(rows) == version(shuffled)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([("a", None)], [(None, "a")]),
        ([("a", "b")], [("b", "a")]),
        ([("a", "")], [("a", None)]),
        ([("ab", "c")], [("a", "bc")]),
        ([("a", "b"), ("c", "d")], [("a", "d"), ("c", "b")]),
        ([("a", "b")], [("a", "b"), ("a", "b")]),
        ([("a", "b"), ("a", "b")], []),
    ],
)
def test_other_rows_have_another_version(left: Rows, right: Rows) -> None:
    assert version(left) != version(right)


def test_the_version_of_parts_adds_up_to_that_of_the_whole() -> None:
    rows: Rows = [(str(n), str(n * n)) for n in range(20)]
    assert added_up([version(rows[:7]), version(rows[7:11]), version([]), version(rows[11:])]) == version(rows)
    assert added_up([]) == version([]) == "0:0000000000000000"


@pytest.mark.parametrize("name", ["select", 'with "quotes"', "Mixed Case", "semi;colon--"])
def test_any_name_and_text_can_be_quoted(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create schema {quoted(name)}; create table {quoted_table(f'{name}.{name}')} (x int)")
        connection.execute(f"comment on table {quoted_table(f'{name}.{name}')} is {text(name)}")
        assert connection.execute("select table_name, comment from duckdb_tables()").fetchall() == [(name, name)]


ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(ANY)
def test_whatever_a_name_or_a_text_holds_it_is_never_sql(name: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"select {text(name)} as {quoted(name)} /* the end */")
        assert [one[0] for one in found.description or ()] == [name]
        assert found.fetchall() == [(name,)]


@pytest.mark.parametrize("quote", [quoted, text])
def test_what_no_statement_can_hold_is_refused(quote: Callable[[str], str]) -> None:
    with pytest.raises(WarehouseError, match="no name and no text of SQL"):
        quote("a\0b")


@pytest.mark.parametrize("name", ["account", "a.b.c", ""])
def test_a_table_is_named_by_dataset_and_table(name: str) -> None:
    with pytest.raises(WarehouseError, match=r"dataset\.table"):
        quoted_table(name)


@pytest.mark.parametrize(
    ("declared", "found", "expected"),
    [
        ("INT64", "HUGEINT", True),
        ("INT64", "VARCHAR", False),
        ("INT64", "DOUBLE", False),
        ("INT64", "BIGINT[]", False),
        ("FLOAT64", "DECIMAL(2,1)", True),
        ("NUMERIC", "DECIMAL(38,9)", True),
        ("STRING", "JSON", False),
        ("JSON", "JSON", True),
        ("DATE", "TIMESTAMP", False),
        ("TIMESTAMP", "TIMESTAMP", True),
        ("BOOL", '"NULL"', True),
        ("ARRAY<STRING>", "VARCHAR[]", True),
        ("ARRAY<STRING>", "VARCHAR", False),
        ("ARRAY<STRING>", '"NULL"[]', True),
    ],
)
def test_what_a_query_may_give_for_a_declared_type(declared: str, found: str, expected: bool) -> None:  # noqa: FBT001
    assert accepts(Column("c", declared, "C."), found) is expected


def test_duckdb_really_calls_an_untyped_null_what_is_accepted_as_one() -> None:
    with duckdb.connect() as connection:
        described = connection.execute("describe select null as a, [null] as b").fetchall()
    assert [
        accepts(Column("c", type_, "C."), row[1]) for type_, row in zip(["DATE", "ARRAY<DATE>"], described, strict=True)
    ]


@pytest.mark.parametrize(
    ("duckdb_type", "expected"),
    [
        ("VARCHAR", "STRING"),
        ("INTEGER", "INT64"),
        ("DECIMAL(18,3)", "NUMERIC"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
        ("TIMESTAMP", "DATETIME"),
        ("VARCHAR[]", "ARRAY<STRING>"),
        ("JSON", "JSON"),
        ("UUID", "UUID"),
    ],
)
def test_types_have_their_bigquery_names(duckdb_type: str, expected: str) -> None:
    assert bigquery_type(duckdb_type) == expected
