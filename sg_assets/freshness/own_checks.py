"""Checks of ours beside `sound` and `fresh`: which a run makes, and which hold what reads their table.

Such a check is declared in `tables/<dataset>/checks.py`, only where the meaning of a table asks for it. It is a step of
its own after its table's; where it fails at ERROR, nothing that reads the table is built from it, in that run (it is
blocking) or in a later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import asset_key, sound_key, table_name

if TYPE_CHECKING:
    from sg_assets.discovery import Project


def requested(project: Project, tables: Iterable[str]) -> list[dg.AssetCheckKey]:
    """The checks of a run of these tables: `sound`, which are part of their steps, and our own; never `fresh`."""
    names = list(tables)
    wanted = {asset_key(name) for name in names}
    own = [key for key in _keys(project) if key.asset_key in wanted]
    return [*(sound_key(name) for name in names), *own]


def failed(project: Project, history: dg.DagsterInstance) -> dict[str, str]:
    """Tables that as they are now failed a check of ours at ERROR, each with what it says."""
    found: dict[str, list[str]] = {}
    for key in _keys(project):
        record = history.get_latest_asset_check_evaluation_record(key)
        evaluation = record.evaluation if record is not None else None
        if not isinstance(evaluation, dg.AssetCheckEvaluation) or evaluation.passed:
            continue  # never made, about to be made, or passed
        if evaluation.severity is dg.AssetCheckSeverity.ERROR and _is_about_now(evaluation, history):
            found.setdefault(table_name(key.asset_key), []).append(
                f"its check {key.name} failed: {evaluation.description or 'not passed'}"
            )
    return {name: "; ".join(said) for name, said in found.items()}


def _keys(project: Project) -> list[dg.AssetCheckKey]:
    return sorted(key for checks in project.checks for key in checks.check_keys)


def _is_about_now(evaluation: dg.AssetCheckEvaluation, history: dg.DagsterInstance) -> bool:
    """Whether the table was not written since; a run that writes many days is one."""
    judged = evaluation.target_materialization_data
    newest = history.get_latest_materialization_event(evaluation.asset_key)
    return judged is None or newest is None or newest.run_id == judged.run_id or newest.timestamp <= judged.timestamp
