"""What the sandbox's Amplitude has after refreshes is what was to be sent, once, in time, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.own_checks import Failed, failed
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.session import Result

EXPORT, LEDGER, HOURS = "raw_amplitude.export_event", "sent_amplitude.event", "amplitude.upload_hour"
WANTED = ["raw_events.dotcom_event", "raw_events.managed_event", EXPORT, LEDGER, HOURS]
TIMES = ["2026-11-20T12:21:00Z", "2026-11-20T13:21:00Z", "2026-11-20T17:21:00Z"]


@dataclass(frozen=True)
class Day:
    """The sandbox after three refreshes, what they did, and the checks of ours that failed."""

    env: Environment
    accounts: list[Account]
    failed: dict[str, list[Failed]]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.env.read_copy().query(sql).rows]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    home: Path = tmp_path_factory.mktemp("home")
    settings = {
        "SG_HOME": str(home),
        "SG_SANDBOX_SCALE": "0.05",
        "SG_SANDBOX_ANCHOR": "2026-11-20",
        "SG_SANDBOX_DAYS": "3",
    }
    accounts = []
    with dg.DagsterInstance.ephemeral() as history:
        for time in TIMES:
            env = load({**settings, "SG_CLOCK": time})
            order = Order(env.clock(), "refresh")
            target = Target.refresh(WANTED)
            accounts.append(refresh(discovery.project(), env, target, order, history, lambda _report, _of: None))
        yield Day(env, accounts, failed(discovery.project(), history))


def test_everything_that_was_to_be_sent_was_taken_once(day: Day) -> None:
    assert all(report.result in {Result.BUILT, Result.SKIPPED} for account in day.accounts for report in account.tables)
    lost = (
        "select count(*) from amplitude.event_export"
        f" left join {LEDGER} as sent using (insert_id) where sent.detail is null"
    )
    counts = "count(*), count(distinct insert_id), countif(not is_accepted)"
    ((count, distinct, refused),) = day.rows(f"select {counts} from {LEDGER}")
    assert day.rows(lost) == [(0,)]
    assert count == distinct
    assert refused == 0
    assert int(str(count)) > 300


def test_each_hour_is_found_again_in_the_export_once_that_is_complete(day: Day) -> None:
    counts = "sent_count, exported_count, missing_count, is_exported"
    found = day.rows(f"select {counts} from {HOURS} order by uploaded_hour_at, project")
    assert {row[3] for row in found} == {True, False}
    for sent, exported, missing, is_exported in found:
        assert (exported, missing) == ((sent, 0) if is_exported else (None, None))


def test_both_checks_hold(day: Day) -> None:
    assert HOURS not in day.failed


def test_no_address_is_at_amplitude(day: Day) -> None:
    text = "to_json_string(event_properties), ' ', to_json_string(user_properties), ' ', coalesce(user_id, '')"
    assert day.rows(f"select count(*) from {EXPORT} where strpos(concat({text}), '@') > 0") == [(0,)]
