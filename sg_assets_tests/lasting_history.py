"""A history of Dagster's that is kept in a folder, as `dagster.yaml` has it kept.

Test support. (`DagsterInstance.local_temp` alone opens and closes its files for every event: much more processor.)
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg


def lasting_history(folder: Path) -> dg.DagsterInstance:
    """The history in a folder, which is made where it is not there; close it."""
    folder.mkdir(parents=True, exist_ok=True)
    place = {"base_dir": str(folder / "storage")}
    ours = {"module": "sg_assets.history_storage", "class": "HistoryStorage", "config": place}
    return dg.DagsterInstance.local_temp(str(folder), overrides={"storage": {"custom": ours}})
