"""What follows from a change: what is below, whose promises are touched, what is broken."""

from __future__ import annotations

from typing import Any

from sg_assets.comparison.readers import Reading
from sg_assets.comparison.report import Report, report
from sg_assets.comparison.revision import Revision
from sg_assets_tests.comparison.made import PROMISE, document, documents

RAW = document("raw_a.b", columns=("id", "name"))
ONE = document("a.one", "raw_a.b", columns=("id", "name"))
TWO = document("a.two", "a.one", owner="team:b")
OTHER = document("a.other", "raw_a.b")
BASE = documents(RAW, ONE, TWO, OTHER)


def against_base(*head: dict[str, Any], readings: tuple[Reading, ...] = ()) -> Report:
    return report(Revision("main", "c0ffee", BASE), documents(*head), readings)


def test_nothing_changed() -> None:
    made = against_base(RAW, ONE, TWO, OTHER)
    assert (made.below, made.broken, made.promises) == ((), (), {})


def test_what_is_below_of_other_rows_may_be_built_anew_with_its_owner() -> None:
    made = against_base(RAW, {**ONE, "sql": "select 1 as id from raw_a.b"}, TWO, OTHER)
    (below,) = made.below
    assert (below.table, below.because, below.is_direct, below.is_rebuilt) == ("a.two", ("a.one",), True, True)
    assert made.owners == {"team:b": ("a.two",)}
    raw = against_base({**RAW, "mode": "merge", "key": ["name"]}, ONE, TWO, OTHER)
    assert [(one.table, one.is_direct) for one in raw.below] == [("a.one", True), ("a.two", False), ("a.other", True)]


def test_another_description_moves_no_rows() -> None:
    made = against_base({**RAW, "description": "New."}, ONE, TWO, OTHER)
    assert {one.is_rebuilt for one in made.below} == {False}
    assert made.owners == {}


def test_an_added_table_is_not_below_itself() -> None:
    made = against_base(RAW, ONE, TWO, OTHER, document("a.new", "a.one"))
    assert made.below == ()
    read = against_base(RAW, ONE, {**TWO, "deps": ["a.new"]}, OTHER, document("a.new", "a.one"))
    assert [(one.table, one.because) for one in read.below] == [("a.two", ("a.new",))]


def test_a_promise_that_is_another() -> None:
    made = against_base(RAW, {**ONE, "promise": {**PROMISE, "cron": "0 6 * * *"}}, TWO, OTHER)
    assert made.promises["a.one"].after == "0 6 * * * UTC, late soon after 4 h, late after 8 h"


def test_a_removed_column_is_broken_only_where_somebody_reads_it() -> None:
    less = {**ONE, "columns": ONE["columns"][:1]}
    readings = (Reading("a.two", "its SQL", "a.one", frozenset({"id"})),)
    assert against_base(RAW, less, TWO, OTHER, readings=readings).broken == ()
    readings = (Reading("a.two", "its check c", "a.one", frozenset({"id", "name"})),)
    (broken,) = against_base(RAW, less, TWO, OTHER, readings=readings).broken
    assert (broken.table, broken.column, broken.readers) == ("a.one", "name", (("a.two", "its check c"),))


def test_a_removed_table_is_broken_only_where_somebody_reads_it() -> None:
    assert against_base(RAW, OTHER).broken == ()
    readings = (Reading("a.two", "its SQL", "a.one", frozenset()),)
    made = against_base(RAW, TWO, OTHER, readings=readings)
    assert [(one.table, one.column) for one in made.broken] == [("a.one", None)]
    assert made.read_before == {"a.one": ("a.two",)}
    assert [(one.table, one.is_rebuilt) for one in made.below] == [("a.two", True)]


def test_the_document_for_programs() -> None:
    readings = (Reading("a.two", "its SQL", "a.one", frozenset({"name"})),)
    less = {**ONE, "columns": ONE["columns"][:1], "promise": None}
    found = against_base(RAW, less, TWO, document("a.new"), readings=readings).document()
    assert found["base"] == {"revision": "main", "commit": "c0ffee"}
    assert [one["table"] for one in found["added"]] == ["a.new"]
    assert [(one["table"], one["read_by"]) for one in found["removed"]] == [("a.other", [])]
    assert [change["what"] for change in found["changed"][0]["changes"]] == ["column removed", "promise"]
    assert found["promises"][0]["table"] == "a.one"
    assert found["downstream"][0]["table"] == "a.two"
    assert found["broken"] == [{"table": "a.one", "column": "name", "readers": [{"reader": "a.two", "how": "its SQL"}]}]
