"""What differs between two revisions, aspect by aspect."""

from __future__ import annotations

from typing import Any

import pytest

from sg_assets.comparison.changes import Change, compare
from sg_assets_tests.comparison.made import PROMISE, column, document, documents

WAS = document("a.b", "raw_a.b", columns=("id", "name"))


def changes(**otherwise: Any) -> tuple[Change, ...]:  # noqa: ANN401
    found = compare(documents(WAS), documents({**WAS, **otherwise}))
    return found.changed.get("a.b", ())


def test_a_renamed_table_is_one_removed_and_one_added() -> None:
    found = compare(documents(document("a.old")), documents(document("a.new")))
    assert (found.added, found.removed, found.changed) == (("a.new",), ("a.old",), {})


def test_what_is_the_same_is_no_change() -> None:
    assert changes() == ()
    assert changes(sql="/* why */ select id\nfrom raw_a.b -- so") == ()
    assert changes(file="elsewhere.sql") == ()


COLUMNS = WAS["columns"]


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ({"sql": "select id from raw_a.b limit 1"}, Change("SQL", is_of_data=True)),
        ({"columns": [*COLUMNS, column("x", "DATE")]}, Change("column added", "x", None, "DATE", is_of_data=True)),
        ({"columns": COLUMNS[:1]}, Change("column removed", "name", "STRING", None, is_of_data=True)),
        (
            {"columns": [column("id", "INT64"), COLUMNS[1]]},
            Change("column retyped", "id", "STRING", "INT64", is_of_data=True),
        ),
        (
            {"columns": [column("id", description="Number."), COLUMNS[1]]},
            Change("column described anew", "id", "What it is.", "Number."),
        ),
        (
            {"columns": [column("id", class_="personal"), COLUMNS[1]]},
            Change("column class", "id", "none", "personal"),
        ),
        ({"key": ["id", "name"]}, Change("key", None, "id", "id, name", is_of_data=True)),
        ({"owner": "team:b"}, Change("owner", None, "team:a", "team:b")),
        ({"description": "Two."}, Change("description", None, "One row.", "Two.")),
        ({"partition": "day_on"}, Change("partition", None, "none", "day_on", is_of_data=True)),
        ({"mode": "merge"}, None),  # the other revision does not say
        (
            {"promise": {**PROMISE, "fail_seconds": 3 * 86400}},
            Change(
                "promise",
                None,
                "20 * * * * UTC, late soon after 4 h, late after 8 h",
                "20 * * * * UTC, late soon after 4 h, late after 3 d",
            ),
        ),
        (
            {"promise": None},
            Change("promise", None, "20 * * * * UTC, late soon after 4 h, late after 8 h", "none, it is frozen"),
        ),
        (
            {"inputs": [{"table": "raw_a.b", "lookup": True, "optional": False, "days": [-29, 0]}]},
            Change("input read otherwise", "raw_a.b", "as any other", "lookup, days -29..0", is_of_data=True),
        ),
    ],
)
def test_one_aspect_is_one_change(otherwise: dict[str, Any], expected: Change | None) -> None:
    assert changes(**otherwise) == (() if expected is None else (expected,))


def test_inputs_come_and_go() -> None:
    assert changes(deps=["raw_a.c"], inputs=[]) == (
        Change("input added", "raw_a.c", is_of_data=True),
        Change("input removed", "raw_a.b", is_of_data=True),
    )


def test_a_revision_that_says_less_is_not_taken_for_one_that_says_otherwise() -> None:
    less = {name: value for name, value in WAS.items() if name not in {"inputs", "sql", "partition"}}
    assert compare(documents(less), documents(WAS)).changed == {}
    (change,) = compare(documents(less), documents({**WAS, "partitioned": True})).changed["a.b"]
    assert (change.what, change.before, change.after) == ("partitioned", "no", "yes")


def test_removed_columns_by_table() -> None:
    found = compare(documents(WAS), documents({**WAS, "columns": []}))
    assert found.removed_columns == {"a.b": {"id", "name"}}
