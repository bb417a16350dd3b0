from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sg_assets.heartbeat import RECENT, Heartbeat, of_alerting
from sg_assets.operations import Operations

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)


def test_who_did_its_work_long_ago_or_never_does_not_run() -> None:
    operations = Operations("sqlite://")
    assert of_alerting(operations, NOON) == (
        Heartbeat("watch", None, is_running=False),
        Heartbeat("watchdog", None, is_running=False),
    )
    operations.beat("watch", NOON - RECENT)
    operations.beat("watchdog", NOON - RECENT - timedelta(seconds=1))
    assert [beat.is_running for beat in of_alerting(operations, NOON)] == [True, False]
