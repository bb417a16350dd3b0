"""The promise that a new table can keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.freshness.graph import Graph, check_promises
from sg_assets.promise import DAILY, Frozen, Promise
from sg_assets.scheduled_queries.windows import promise_for
from sg_assets.table import Input, Table
from sg_assets_tests.scheduled_queries.examples import GRAPH

HOUR = timedelta(hours=1)


def table(*inputs: str) -> Table:
    read = tuple(Input(name) for name in inputs)
    return Table("out.b", "", "team:a", (), ("id",), DAILY, Path("out/b.sql"), inputs=read)


@pytest.mark.parametrize(
    ("cron", "inputs", "warn", "fail"),
    [
        ("37 10 * * *", ["raw_a.person"], 28, 38),  # its input: 27 and 36 hours
        ("37 * * * *", ["raw_a.event"], 4, 8),  # 3 and 6 hours
        ("0 6 1 * *", ["raw_a.person"], 31 * 24 + 1, 31 * 24 + 1 + 31 * 8),  # a month has up to 31 days
        ("0 9 * * 1,3", ["raw_a.event"], 26, 34),  # the days between do not count
    ],
)
def test_windows_are_legal_and_have_some_slack(cron: str, inputs: list[str], warn: int, fail: int) -> None:
    made = promise_for(cron, table(*inputs), GRAPH)
    assert made == Promise(cron, warn=warn * HOUR, fail=fail * HOUR)
    check_promises(Graph.of([*GRAPH, replace(table(*inputs), promise=made)]))


def test_what_reads_nothing_that_moves_is_frozen() -> None:
    assert isinstance(promise_for("37 10 * * *", table("raw_a.archive"), GRAPH), Frozen)


def test_a_cron_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="cron"):
        promise_for("every day", table("raw_a.person"), GRAPH)
