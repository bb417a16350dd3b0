"""What is noted of a look at another system's table, and how far it then reaches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.table import Mode
from sg_assets.warehouse import watching
from sg_assets.warehouse.contract import Landing, Watch
from sg_assets.warehouse.transitions import landed
from sg_assets.warehouse.watching import Seen
from sg_assets_tests.warehouse.examples import HOUR, NOW, raw

TABLE = raw(Mode.SNAPSHOT)
FIRST = landed(TABLE, Landing(NOW, 0, NOW, cursor={"page": 7}), None, rows=3, changed=3)


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (None, None),
        (NOW + HOUR, NOW),
        (NOW - HOUR, NOW - HOUR),
        (date(2026, 3, 8), datetime(2026, 3, 9, tzinfo=UTC)),
        (NOW.date(), NOW),
    ],
)
def test_a_table_reaches_to_the_end_of_its_newest_day_and_no_further_than_now(
    newest: date | datetime | None, expected: datetime | None
) -> None:
    assert watching.reached_by(newest, NOW) == expected


@pytest.mark.parametrize(
    ("found", "tick", "reason"),
    [
        (Seen(0, "v", None), NOW, "nothing was written yet"),
        (Seen(3, "1", NOW), NOW, "nothing new"),
        (Seen(4, "2", NOW + HOUR), NOW, "next tick"),
        (Seen(4, "2", NOW + HOUR), NOW + timedelta(minutes=1), None),
    ],
)
def test_of_a_watched_table_something_is_noted_once_a_tick(found: Seen, tick: datetime, reason: str | None) -> None:
    told = watching.unmoved(FIRST, found, Watch(NOW + HOUR, tick, lambda _through: False))
    assert told is None if reason is None else told is not None and reason in told


def test_what_is_watched_goes_on_from_no_cursor_and_marks_the_days_that_moved() -> None:
    assert FIRST.cursor
    one, other = NOW.date(), NOW.date() - timedelta(days=1)
    state = watching.watched(TABLE, Watch(NOW, NOW, lambda _: False), FIRST, Seen(4, "2", NOW, {one: "a"}))
    assert (state.cursor, state.event_days, state.seq) == (None, {one: "a"}, FIRST.seq + 1)
    assert watching.moved_days({one: "a", other: "b"}, state) == {other: None}
    assert watching.moved_days({one: "c"}, state) == {one: "a"}
