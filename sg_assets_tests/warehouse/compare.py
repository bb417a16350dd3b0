"""The whole sandbox, refreshed into DuckDB and into BigQuery, and compared table by table, row by row, in key order.

Run by `make test-bigquery`, since it needs a BigQuery (its emulator, or `SG_BIGQUERY_LIVE=project`) and takes minutes:

    python -m sg_assets_tests.warehouse.emulator python -m sg_assets_tests.warehouse.compare [TABLE…]

Exit code 1 where a table differs. `sg_ops` is left out: it is about the warehouse itself. Numbers of floating point may
differ in their last digits, as the order in which they are added up is nobody's promise; JSON is compared as values.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from sg_assets import discovery
from sg_assets.account import Account
from sg_assets.environment import Environment, load
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import refresh
from sg_assets.session import Report, Result
from sg_assets.table import Table
from sg_assets_tests.warehouse import bigquery_there

SANDBOX = {
    "SG_CLOCK": "2026-03-10T14:30:00Z",
    "SG_SANDBOX_ANCHOR": "2026-03-10",
    "SG_SANDBOX_SCALE": "0.05",
    "SG_SANDBOX_DAYS": "3",
}
DIGITS = 1e-9  # how much of a floating-point number may differ
SHOWN = 3  # differing rows that are shown of a table
Row = Mapping[str, object]


@dataclass(frozen=True)
class Built:
    """One warehouse with everything in it that is declared."""

    env: Environment
    account: Account
    tables: Mapping[str, Sequence[Row]]


def build(home: Path, variables: Mapping[str, str], wanted: Collection[str], told: Callable[[str], None]) -> Built:
    """Refresh the sandbox into a warehouse, and read every table that has a state."""
    env = load({**SANDBOX, "SG_HOME": str(home), **variables})
    project = discovery.project()

    def hears(report: Report, total: int) -> None:
        told(f"{report.table} {report.result} {report.seconds:.1f} s, of {total} {report.reason}")

    started = time.monotonic()
    with dg.DagsterInstance.ephemeral() as history:
        target = Target.refresh(sorted(wanted))
        order = Order(env.clock(), "refresh", named=target.tables or frozenset())
        account = refresh(project, env, target, order, history, hears)
    told(f"refreshed in {time.monotonic() - started:.0f} s")
    with closing(env.open_warehouse()) as warehouse:
        names = [name for name in project.graph.order if name in warehouse.states() and compared(project.graph[name])]
        return Built(env, account, {name: warehouse.read(name, ()).to_pylist() for name in names})


def compared(table: Table) -> bool:
    """Whether a table is to be the same in every warehouse."""
    return table.dataset != "sg_ops"


def differences(table: Table, ours: Sequence[Row], theirs: Sequence[Row]) -> list[str]:
    """What differs between the rows of a table here and there, in words; none where they are the same."""
    found: list[str] = []
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} rows and {len(theirs)} rows")
    left, right = by_key(table, ours), by_key(table, theirs)
    found += [f"only in DuckDB: {key}" for key in left.keys() - right.keys()][:SHOWN]
    found += [f"only in BigQuery: {key}" for key in right.keys() - left.keys()][:SHOWN]
    unlike: dict[str, list[str]] = {}
    for key in left.keys() & right.keys():
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


def unlike(graph: Graph, duckdb: Built, bigquery: Built) -> dict[str, list[str]]:
    """The tables that differ, each with how."""
    found: dict[str, list[str]] = {}
    results = {report.table: report for report in duckdb.account.tables}
    for report in bigquery.account.tables:
        here = results[report.table]
        if (here.result is Result.FAILED) != (report.result is Result.FAILED) or here.result is Result.BLOCKED:
            told = f"{here.result} ({here.reason}) on DuckDB, {report.result} ({report.reason}) on BigQuery"
            found.setdefault(report.table, []).append(told)
        elif here.data_through != report.data_through:
            found.setdefault(report.table, []).append(f"reaches {here.data_through} and {report.data_through}")
    for name in graph.order:
        if name in duckdb.tables or name in bigquery.tables:
            words = differences(graph[name], duckdb.tables.get(name, ()), bigquery.tables.get(name, ()))
            if words:
                found.setdefault(name, []).extend(words)
    return found


def main(wanted: Collection[str]) -> int:
    """Compare, print a line for each table that differs, and what was compared."""

    def told(words: str) -> None:
        sys.stderr.write(f"{words}\n")

    graph = discovery.graph()
    with tempfile.TemporaryDirectory() as folder, bigquery_there.datasets() as settings:
        duckdb = build(Path(folder) / "duckdb", {}, wanted, told)
        bigquery = build(Path(folder) / "bigquery", bigquery_there.variables_of(settings), wanted, told)
        found = unlike(graph, duckdb, bigquery)
        for built in (duckdb, bigquery):
            built.env.operations.close()
    for name, words in found.items():
        sys.stdout.write(f"{name} differs: {'. '.join(words)}\n")
    rows = sum(len(rows) for rows in duckdb.tables.values())
    sys.stdout.write(f"{len(duckdb.tables)} tables with {rows} rows compared, {len(found)} differ\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
