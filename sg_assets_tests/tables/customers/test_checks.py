"""What must hold of customers, asked of rows where it does and of rows where it does not."""

from collections.abc import Sequence
from datetime import date

from sg_assets.discovery import graph
from sg_assets.tables.customers import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

NOW: list[Row] = [{"account_id": "acc-1", "telemetry_status": "full pings"}]


def wrong(stretches: Sequence[Row], now: Sequence[Row] = tuple(NOW)) -> list[object]:
    given = {"customers.telemetry_status_history": stretches, "customers.telemetry_status": now}
    rows = asked(checks.HAS_NO_GAPS, [graph()[name] for name in given], given)
    return [row["account_id"] for row in rows]


def stretch(first: int, last: int | None, status: str) -> Row:
    valid_to = None if last is None else date(2026, 1, last)
    names = ("account_id", "valid_from_on", "valid_to_on", "telemetry_status")
    return dict(zip(names, ("acc-1", date(2026, 1, first), valid_to, status), strict=True))


def test_stretches_follow_each_other_and_end_with_now() -> None:
    assert wrong([], []) == []
    assert wrong([stretch(1, 4, "no telemetry"), stretch(5, None, "full pings")]) == []
    assert wrong([stretch(1, 4, "no telemetry"), stretch(6, None, "full pings")]) == ["acc-1"], "a gap"
    assert wrong([stretch(1, 4, "no telemetry"), stretch(4, None, "full pings")]) == ["acc-1"], "two at once"
    assert wrong([stretch(1, 4, "full pings"), stretch(5, None, "full pings")]) == ["acc-1"], "no change"
    assert wrong([stretch(1, None, "critical pings")]) == ["acc-1"], "another status now"
    assert wrong([stretch(1, None, "full pings")], []) == ["acc-1"], "nobody who is known now"
    assert wrong([]) == ["acc-1"], "without a history"
    assert "acc-1" in wrong([stretch(1, 4, "full pings")]), "without an end"
