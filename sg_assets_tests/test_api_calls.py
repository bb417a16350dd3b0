"""Calls are counted by day and table, and quotas kept where they were fullest."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from sg_assets.http.quota import Quota
from sg_assets.operations import Operations

TODAY = datetime(2025, 6, 5, 12, tzinfo=UTC).date()


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    store = Operations(store_url)
    yield store
    store.close()


def row(day: date, table: str, fetches: int, calls: int, quota: Quota | None = None) -> dict[str, object]:
    return {
        "day_on": day,
        "table_name": table,
        "source": "crm",
        "fetches": fetches,
        "calls": calls,
        "quota_allowed": quota.allowed if quota else None,
        "quota_used": quota.used if quota else None,
        "quota_period": quota.period if quota else None,
    }


def test_calls_of_a_day_are_added_up_by_table(operations: Operations) -> None:
    tomorrow = date(2025, 6, 6)
    for day, table, calls in ((TODAY, "raw.b", 2), (TODAY, "raw.a", 1), (tomorrow, "raw.a", 5), (TODAY, "raw.a", 3)):
        operations.api_calls.record(day, "crm", table, calls, None)
    assert operations.api_calls.all() == [
        row(TODAY, "raw.a", 2, 4),
        row(TODAY, "raw.b", 1, 2),
        row(tomorrow, "raw.a", 1, 5),
    ]


def test_the_fullest_quota_of_a_day_is_kept(operations: Operations) -> None:
    told = [None, Quota(5000, 100, "hour"), Quota(5000, 4000, "hour"), Quota(10_000, 200, "hour"), None]
    for quota in told:
        operations.api_calls.record(TODAY, "crm", "raw.a", 1, quota)
    assert operations.api_calls.all() == [row(TODAY, "raw.a", 5, 5, Quota(5000, 4000, "hour"))]


def test_nothing_was_asked_at_first(operations: Operations) -> None:
    assert operations.api_calls.all() == []
