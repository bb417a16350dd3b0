"""What came of bringing tables up to date: the account of a run, and who is told while it runs.

Wherever it ran: in this process (`in_process.py`) or in the running Dagster (`running_dagster.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Plan, Target
from sg_assets.session import Report, Result


@dataclass(frozen=True, slots=True)
class Account:
    """What a refresh did: `run_id` is None where nothing had to run."""

    run_id: str | None
    seconds: float
    tables: tuple[Report, ...]

    @property
    def has_failed(self) -> bool:
        """Whether a table failed, or could not be brought up to date because of another one."""
        return any(report.result in {Result.FAILED, Result.BLOCKED} for report in self.tables)


def no_matter(_table: str) -> None:
    """Somebody who does not care which table begins."""


@dataclass(frozen=True)
class Listener:
    """Who is told: of each table as it begins, and as it is done with how many there are."""

    ended: Callable[[Report, int], None]
    began: Callable[[str], None] = no_matter


def left_out(facts: Facts, target: Target, made: Plan) -> list[Report]:
    """The tables that were named, and those above them, that should be brought up to date and cannot be, with why."""
    if target.tables is None:
        return []
    absent = facts.not_connected
    told = {name: facts.unconnected[absent[name][-1]] for name in sorted(target.tables) if name in absent}
    raw = {name for name in target.tables if facts.graph[name].is_raw and not target.is_full}
    told |= dict.fromkeys(sorted(raw & facts.lent), "it is read from production; --full loads it into this copy")
    return [Report(name, Result.BLOCKED, reason=reason) for name, reason in {**told, **made.waiting}.items()]


def unreached(name: str, graph: Graph, others: Iterable[Report], failed_checks: Mapping[str, str]) -> Report:
    """The report of a table whose step did not run: a table above it failed, or its check, or the whole run ended."""
    above = graph.ancestors([name])
    failed = [report.table for report in others if report.result is Result.FAILED and report.table in above]
    if failed:
        return Report(name, Result.BLOCKED, reason=f"{', '.join(failed)} failed in this run")
    if unsound := sorted(above & failed_checks.keys()):
        return Report(name, Result.BLOCKED, reason=f"{unsound[0]}: {failed_checks[unsound[0]]}")
    return Report(name, Result.FAILED, reason="the run ended before its turn; its page in Dagster says why")
