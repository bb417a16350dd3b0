"""The whole sandbox, refreshed into DuckDB and into BigQuery, and compared table by table, row by row, in key order.

Run by `make test-bigquery`, since it needs a BigQuery (its emulator, or `SG_BIGQUERY_LIVE=project`) and takes minutes:

    python -m sg_assets_tests.warehouse.emulator python -m sg_assets_tests.warehouse.compare [TABLE…]

Tables without rows in so small a sandbox have some in another one: `SG_SANDBOX_DAYS=40 SG_SANDBOX_SCALE=0.1 …`.
Exit code 1 where a table differs. Of `sg_ops` only results are compared: it is about the warehouse itself. Numbers of
floating point may differ in their last digits, as the order in which they are added up is nobody's promise; JSON is
compared as values.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import refresh
from sg_assets.session import Report, Result
from sg_assets.table import Table
from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.contract import Warehouse
from sg_assets_tests.warehouse.kinds import EMULATOR, LIVE, of_bigquery

SANDBOX = {
    "SG_CLOCK": "2026-03-10T14:30:00Z",
    "SG_SANDBOX_ANCHOR": "2026-03-10",
    "SG_SANDBOX_SCALE": "0.05",
    "SG_SANDBOX_DAYS": "3",
}
DIGITS = 1e-9  # how much of a floating-point number may differ
SHOWN = 3  # differing rows that are shown of a table
Row = Mapping[str, object]


def build(env: Environment, wanted: Collection[str], heard: Callable[[Report, int], None]) -> None:
    """Refresh the sandbox into a warehouse; `heard` is told of each table as it is done, and how many there are."""
    target = Target.refresh(sorted(wanted))
    order = Order(env.clock(), "refresh", named=target.tables or frozenset())
    with dg.DagsterInstance.ephemeral() as history:
        refresh(discovery.project(), env, target, order, history, heard)


def environment(home: Path, **variables: str) -> Environment:
    """The sandbox at its instant, in a state folder; what our own environment says of it wins: `SG_SANDBOX_DAYS`."""
    said = {name: os.environ[name] for name in SANDBOX if name in os.environ}
    return load({**SANDBOX, **said, "SG_HOME": str(home), **variables})


def variables_of(settings: Settings) -> dict[str, str]:
    """What makes these datasets the warehouse of an environment."""
    emulator = {"BIGQUERY_EMULATOR_HOST": EMULATOR} if EMULATOR and not LIVE else {}
    where = {"SG_WAREHOUSE": f"bigquery:{settings.project}", "SG_BIGQUERY_DATASET_PREFIX": settings.dataset_prefix}
    return {**where, **emulator}


def differences(table: Table, ours: Sequence[Row], theirs: Sequence[Row]) -> list[str]:
    """What differs between the rows of a table here and there, in words; none where they are the same."""
    found: list[str] = []
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} rows and {len(theirs)} rows")
    left, right = by_key(table, ours), by_key(table, theirs)
    found += [f"only in DuckDB: {key}" for key in sorted(left.keys() - right.keys())][:SHOWN]
    found += [f"only in BigQuery: {key}" for key in sorted(right.keys() - left.keys())][:SHOWN]
    unlike: dict[str, list[str]] = {}
    for key in sorted(left.keys() & right.keys()):
        for column in table.columns:
            one, other = left[key].get(column.name), right[key].get(column.name)
            if not same(one, other, is_json=column.element_type == "JSON"):
                unlike.setdefault(column.name, []).append(f"{key}: {one!r} and {other!r}")
    found += [f"{name} in {len(rows)} rows, such as {'; '.join(rows[:SHOWN])}" for name, rows in unlike.items()]
    return found


def by_key(table: Table, rows: Sequence[Row]) -> dict[str, Row]:
    """The rows by their keys as text."""
    return {" ".join(str(row[name]) for name in table.key): row for row in rows}


def same(one: object, other: object, *, is_json: bool = False) -> bool:
    """Whether two values are the same."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or math.isclose(one, other, rel_tol=DIGITS) or (math.isnan(one) and math.isnan(other))
    if is_json and isinstance(one, str) and isinstance(other, str):
        return same(json.loads(one), json.loads(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b, is_json=is_json) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name], is_json=is_json) for name in one)
    return one == other


@dataclass
class Comparison:
    """What DuckDB has, and how BigQuery differs; each table is compared as soon as BigQuery has it."""

    graph: Graph
    ours: dict[str, tuple[Report, Sequence[Row]]] = field(default_factory=dict)
    unlike: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0

    def keep(self, report: Report, warehouse: Warehouse) -> None:
        """Keep a table as DuckDB has it."""
        self.ours[report.table] = report, self._rows(report, warehouse)

    def compare(self, report: Report, warehouse: Warehouse) -> None:
        """Compare a table as BigQuery has it, and say what came of it."""
        ours, rows = self.ours.pop(report.table)
        theirs = self._rows(report, warehouse)
        words = differences(self.graph[report.table], rows, theirs)
        for what in ("result", "rows", "data_through"):
            here, there = getattr(ours, what), getattr(report, what)
            if here != there:
                words.append(f"{what} {here} ({ours.reason}) and {there} ({report.reason})")
        if words:
            self.unlike[report.table] = words
        self.rows += len(rows)
        told = f"differs: {'. '.join(words)}" if words else f"same, {len(rows)} rows"
        sys.stdout.write(f"{report.table} {report.seconds:.1f} s, {len(self.ours)} left: {told}\n")
        sys.stdout.flush()

    def _rows(self, report: Report, warehouse: Warehouse) -> Sequence[Row]:
        if report.result not in {Result.BUILT, Result.SKIPPED} or self.graph[report.table].dataset == "sg_ops":
            return ()
        rows: list[Row] = warehouse.read(report.table, ()).to_pylist()
        return rows


def main(wanted: Collection[str]) -> int:
    """Compare, print a line for each table, and how many differ."""
    started, found = time.monotonic(), Comparison(discovery.graph())
    with tempfile.TemporaryDirectory() as folder, of_bigquery() as (_client, settings):
        env, reports = environment(Path(folder) / "duckdb"), list[Report]()
        build(env, wanted, lambda report, _total: reports.append(report))
        with closing(env.open_warehouse()) as warehouse:
            for report in reports:
                found.keep(report, warehouse)
        env.operations.close()
        env = environment(Path(folder) / "bigquery", **variables_of(settings))
        with closing(env.open_warehouse()) as warehouse:
            build(env, wanted, lambda report, _total: found.compare(report, warehouse))
        env.operations.close()
    for name in found.ours:
        found.unlike[name] = ["only DuckDB has it"]
    for name, words in found.unlike.items():
        sys.stdout.write(f"{name} differs: {'. '.join(words)}\n")
    seconds = time.monotonic() - started
    sys.stdout.write(f"{len(reports)} tables, {found.rows} rows, {len(found.unlike)} tables differ ({seconds:.0f} s)\n")
    return 1 if found.unlike else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
