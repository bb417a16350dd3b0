"""Landing against a model of it: a dictionary by key, for any sequence of deliveries in any mode."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.table import Mode
from sg_assets.warehouse.contract import ShrunkError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.warehouse.examples import HOUR, NOW, Row, land, raw

KINDS = {"duckdb": lambda folder: DuckDBWarehouse(folder / "w.duckdb", "sandbox")}
VALUES = {
    "name": st.sampled_from([None, "", "a", "b"]),
    "tags": st.sampled_from([None, [], ["a"], ["a", None]]),
    "profile": st.sampled_from([None, "null", "{}", '{"a": 1}']),
}
DELIVERED_ROW = st.fixed_dictionaries({"id": st.sampled_from("abcdef"), **VALUES})
DELIVERIES = st.lists(st.lists(DELIVERED_ROW, max_size=8), min_size=1, max_size=5)

Live = dict[str, tuple[Row, datetime | None]]


def after(mode: Mode, before: Live, delivered: list[Row], now: datetime) -> Live | None:
    """The table after a landing, each row with when it went missing; None where the landing is refused."""
    rows: Live = {str(row["id"]): (row, None) for row in delivered}
    if mode is Mode.MERGE:
        return before | rows
    alive = sum(deleted is None for _, deleted in before.values())
    if len(rows) * 2 < alive:
        return None
    if mode is Mode.REPLACE:
        return rows
    return {key: (row, deleted or now) for key, (row, deleted) in before.items()} | rows


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("mode", list(Mode))
@given(deliveries=DELIVERIES)
def test_a_landed_table_is_what_the_model_says(kind: str, mode: Mode, deliveries: list[list[Row]]) -> None:
    table, expected = raw(mode), Live()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = KINDS[kind](folder)
        version = "0"
        for number, delivered in enumerate(deliveries):
            now = NOW + number * HOUR
            model = after(mode, expected, delivered, now)
            if model is None:
                with pytest.raises(ShrunkError):
                    land(warehouse, folder, table, delivered, now=now)
                continue
            outcome = land(warehouse, folder, table, delivered, now=now)
            changed = [k for k in expected.keys() | model.keys() if expected.get(k) != model.get(k)]
            version = str(outcome.state.seq) if changed else version
            assert outcome.changed_rows == len(changed)
            assert outcome.state.content_version == version
            expected = model
            found = {row["id"]: row for row in warehouse.preview(table.name, 100).to_pylist()}
            assert found.keys() == expected.keys()
            for key, (row, deleted) in expected.items():
                assert {column: found[key][column] for column in row} == row
                assert found[key].get("_deleted_at") == deleted
        warehouse.release()
