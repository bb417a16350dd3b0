"""Landing against a model of it: a dictionary by key, for any sequence of deliveries in any mode."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets.table import Mode, Window
from sg_assets.warehouse.contract import ShrunkError, Warehouse
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.warehouse.examples import HOUR, NOW, Row, land, raw
from sg_assets_tests.warehouse.kinds import KINDS, of_bigquery

VALUES = {
    "name": st.sampled_from([None, "", "a", "b"]),
    "tags": st.sampled_from([None, [], ["a"], ["a", "b"]]),
    "profile": st.sampled_from([None, "null", "{}", '{"a":1}']),
}
DELIVERED_ROW = st.fixed_dictionaries({"id": st.sampled_from("abcdef"), **VALUES})
COVERED = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("cdefg")), max_size=2)
"""Ranges of the ids, which only a table of `Mode.WINDOW` is told of; some are empty, some overlap."""
DELIVERIES = st.lists(st.tuples(st.lists(DELIVERED_ROW, max_size=8), COVERED), min_size=1, max_size=4)


class Shared(NamedTuple):
    warehouse: Warehouse
    folder: Path
    numbers: Iterator[int]


Live = dict[str, tuple[Row, datetime | None]]
Ranges = list[tuple[str, str]]


def after(mode: Mode, before: Live, delivered: list[Row], covered: Ranges, now: datetime) -> Live | None:
    """The table after a landing, each row with when it went missing; None where the landing is refused."""
    rows: Live = {str(row["id"]): ({**row, "tags": row["tags"] or []}, None) for row in delivered}
    if mode is Mode.MERGE:
        return before | rows
    complete = {key for key in before.keys() | rows.keys() if mode is not Mode.WINDOW or is_within(key, covered)}
    alive = sum(deleted is None for key, (_, deleted) in before.items() if key in complete)
    if len(complete & rows.keys()) * 2 < alive:
        return None
    if mode is Mode.REPLACE:
        return rows
    gone = {key: (row, deleted or now) for key, (row, deleted) in before.items() if key in complete}
    return before | gone | rows


def is_within(key: str, covered: Ranges) -> bool:
    return any(low <= key < high for low, high in covered)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """One warehouse for all examples, each of which has a table of its own."""
    folder = tmp_path_factory.mktemp("model")
    warehouse = DuckDBWarehouse(folder / "w.duckdb", "sandbox")
    yield Shared(warehouse, folder, count())
    warehouse.release()


@settings(max_examples=settings().max_examples // 2)  # each takes a tenth of a second
@given(mode=st.sampled_from(list(Mode)), deliveries=DELIVERIES)
def test_a_landed_table_is_what_the_model_says(
    shared: Shared, mode: Mode, deliveries: list[tuple[list[Row], Ranges]]
) -> None:
    check(shared, mode, deliveries)


if "bigquery" in KINDS:

    @pytest.fixture(scope="module")
    def shared_bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
        from sg_assets.warehouse.bigquery import BigQueryWarehouse

        with of_bigquery() as (client, where):
            yield Shared(BigQueryWarehouse(client, where, "sandbox"), tmp_path_factory.mktemp("model"), count())

    @settings(max_examples=max(1, settings().max_examples // 10))  # each takes some ten seconds
    @given(mode=st.sampled_from(list(Mode)), deliveries=DELIVERIES)
    def test_a_landed_table_in_bigquery_is_what_the_model_says(
        shared_bigquery: Shared, mode: Mode, deliveries: list[tuple[list[Row], Ranges]]
    ) -> None:
        check(shared_bigquery, mode, deliveries)


def check(shared: Shared, mode: Mode, deliveries: list[tuple[list[Row], Ranges]]) -> None:
    table = raw(mode, name=f"raw_crm.example_{next(shared.numbers)}")
    expected, version = Live(), "0"
    for number, (delivered, covered) in enumerate(deliveries):
        now = NOW + number * HOUR
        model = after(mode, expected, delivered, covered, now)
        covers = [Window("id", *ends) for ends in covered] if mode is Mode.WINDOW else []
        if model is None:
            with pytest.raises(ShrunkError):
                land(shared.warehouse, shared.folder, table, delivered, now=now, covers=covers)
            continue
        outcome = land(shared.warehouse, shared.folder, table, delivered, now=now, covers=covers)
        changed = [key for key in expected.keys() | model.keys() if expected.get(key) != model.get(key)]
        version = str(outcome.state.seq) if changed else version
        assert outcome.changed_rows == len(changed)
        assert outcome.state.content_version == version
        expected = model
        found = {row["id"]: row for row in shared.warehouse.preview(table.name, 100).to_pylist()}
        assert found.keys() == expected.keys()
        for key, (row, deleted) in expected.items():
            assert {column: found[key][column] for column in row} == row
            assert found[key].get("_deleted_at") == deleted
