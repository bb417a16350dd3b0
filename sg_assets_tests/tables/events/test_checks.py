"""What must hold of events, asked of rows where it does and of rows where it does not."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sg_assets.discovery import graph
from sg_assets.tables.events import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

DAY = date(2026, 1, 9)
NOON = datetime(2026, 1, 9, 12, tzinfo=UTC)


def found(delivered: int, counted: Sequence[Row], left_out: int) -> list[Row]:
    given: dict[str, Sequence[Row]] = {
        "raw_events.dotcom_event": [],
        "raw_events.managed_event": [{"timestamp": NOON}] * delivered,
        "events.event": counted,
        "events.excluded_event": [{"event_on": DAY, "stream": "managed"}] * left_out,
    }
    return asked(checks.NOTHING_LOST, [graph()[name] for name in given], given)


def event(deliveries: int) -> Row:
    return {"event_on": DAY, "stream": "managed", "delivery_count": deliveries}


def test_every_delivery_counts_counts_again_or_is_left_out() -> None:
    assert found(6, [event(1), event(3)], 2) == []


def test_a_delivery_that_is_nowhere_is_told_and_so_is_one_too_many() -> None:
    lost = {"event_on": DAY, "stream": "managed", "delivered": 6, "of_events": 3, "left_out": 2}
    assert found(6, [event(3)], 2) == [lost]
    assert found(4, [event(3)], 2) == [lost | {"delivered": 4}]


def test_a_day_without_an_event_that_counts_is_not_asked_about() -> None:
    assert found(6, [], 2) == []
