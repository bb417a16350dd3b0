"""Which rows a load replaces, and what it makes of the days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.warehouse.bigquery_load import changed_rows, noted, replaced
from sg_assets.warehouse.bigquery_objects import moved
from sg_assets.warehouse.bigquery_staging import Delivered
from sg_assets.warehouse.contract import Load
from sg_assets.warehouse.state import PartitionState
from sg_assets.warehouse.transitions import loaded
from sg_assets_tests.warehouse.examples import NOW, PING, pinged

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
FOUND = pinged(DAY, 12, [NOON, NOON])[0]
BEFORE = {FOUND.name: (FOUND, "1")}


@pytest.mark.parametrize(("full", "gone", "changed"), [(False, [FOUND.name], 5), (True, [], 3)])
def test_rows_of_an_object_that_came_before_go(*, full: bool, gone: list[str], changed: int) -> None:
    wish = Load(NOW, 1, NOW, [FOUND], full=full)
    assert replaced(wish, BEFORE) == gone
    assert changed_rows(wish, BEFORE, Delivered("x", 3, "m", {})) == changed
    assert changed_rows(Load(NOW, 1, NOW, [], full=True), BEFORE, Delivered("x", 0, "m", {})) == 1


def test_the_days_of_before_stay_in_the_state_unless_everything_came_anew() -> None:
    eve = DAY - timedelta(days=1)
    old = PartitionState(eve, 1, NOW, 1, "1", "1")
    first = loaded(PING, Load(NOW, 0, NOW, [FOUND]), None, rows=2, changed=2)
    first = noted(first, Load(NOW, 0, NOW, [FOUND]), moved({}, PING, Load(NOW, 0, NOW, [FOUND])), {eve: old})
    for full, days in ((False, [eve, DAY]), (True, [DAY])):
        wish = Load(NOW, 1, NOW, [FOUND], full=full)
        state = noted(first, wish, moved(BEFORE, PING, wish), {DAY: PartitionState(DAY, 2, NOW, 2, "2", "1")})
        assert list(state.partitions) == days
        assert list(state.event_days) == [DAY]
