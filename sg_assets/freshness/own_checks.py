"""Checks of ours beside `sound` and `fresh`: which a run makes, and which hold what reads their table.

Such a check is declared in `tables/<dataset>/checks.py`, only where the meaning of a table asks for it. It is a step of
its own after its table's; where it fails at ERROR, nothing that reads the table is built from it, in that run (it is
blocking) or in a later one. One that failed is made again although its table is as it was, where it may be answered
otherwise now: it asks something else, or nobody could answer it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import asset_key, sound_key, table_name

if TYPE_CHECKING:
    from sg_assets.discovery import Project


SQL = "sql"
"""Under which name its query is in the check's metadata."""
QUERY_VERSION = "query_version"
"""What of an evaluation's metadata says by which query it was made."""
IS_UNANSWERED = "is_unanswered"
"""What of it says that the query could not be run, so that nobody knows whether it holds."""
UNANSWERED_FOR = timedelta(minutes=10)
"""How long a check that nobody could answer is left alone: the keeper looks every half a minute."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One check that failed at ERROR: its name, what it says, when, and why that may not be so any more."""

    name: str
    says: str
    at: datetime
    asks_something_else: bool
    is_unanswered: bool

    def is_to_be_made_again(self, now: datetime) -> bool:
        """Whether it may be answered otherwise now, by the machine's clock, its table being as it was."""
        return self.asks_something_else or (self.is_unanswered and now - self.at >= UNANSWERED_FOR)


def query_version(sql: str) -> str:
    """What differs when a check asks something else."""
    return sha256(sql.encode()).hexdigest()[:12]


def requested(project: Project, tables: Iterable[str]) -> list[dg.AssetCheckKey]:
    """The checks of a run of these tables: `sound`, which are part of their steps, and our own; never `fresh`."""
    names = list(tables)
    wanted = {asset_key(name) for name in names}
    own = [spec.key for spec in _specs(project) if spec.asset_key in wanted]
    return [*(sound_key(name) for name in names), *own]


def failed(project: Project, history: dg.DagsterInstance) -> dict[str, list[Failed]]:
    """Tables that as they are now failed checks of ours at ERROR, each with these checks."""
    found: dict[str, list[Failed]] = defaultdict(list)
    for spec in _specs(project):
        record = history.get_latest_asset_check_evaluation_record(spec.key)
        evaluation = record.evaluation if record is not None else None
        if record is None or not isinstance(evaluation, dg.AssetCheckEvaluation) or evaluation.passed:
            continue  # never made, about to be made, or passed
        if evaluation.severity is dg.AssetCheckSeverity.ERROR and _is_about_now(evaluation, history):
            found[table_name(spec.asset_key)].append(_told(spec, evaluation, record.create_timestamp))
    return dict(found)


def reasons(found: Mapping[str, Iterable[Failed]]) -> dict[str, str]:
    """What is said of each table."""
    return {
        name: "; ".join(f"its check {check.name} failed: {check.says}" for check in checks)
        for name, checks in found.items()
    }


def _told(spec: dg.AssetCheckSpec, evaluation: dg.AssetCheckEvaluation, at: float) -> Failed:
    told = {name: value.value for name, value in evaluation.metadata.items()}
    asks = spec.metadata.get(SQL)
    return Failed(
        spec.name,
        evaluation.description or "not passed",
        datetime.fromtimestamp(at, UTC),
        asks_something_else=isinstance(asks, str) and told.get(QUERY_VERSION) != query_version(asks),
        is_unanswered=bool(told.get(IS_UNANSWERED)),
    )


def _specs(project: Project) -> list[dg.AssetCheckSpec]:
    return sorted((spec for checks in project.checks for spec in checks.check_specs), key=lambda spec: spec.key)


def _is_about_now(evaluation: dg.AssetCheckEvaluation, history: dg.DagsterInstance) -> bool:
    """Whether the table was not written since; a run that writes many days is one."""
    judged = evaluation.target_materialization_data
    newest = history.get_latest_materialization_event(evaluation.asset_key)
    return judged is None or newest is None or newest.run_id == judged.run_id or newest.timestamp <= judged.timestamp
