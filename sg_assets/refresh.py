"""Bring everything that is declared up to date in this process: with our definitions, and the repository's history.

What is done is in `in_process.py`; `on_demand.py` decides whether it is done here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from sg_assets import definitions, development
from sg_assets.account import Account, Listener, no_matter
from sg_assets.discovery import Project
from sg_assets.environment import ROOT, Environment
from sg_assets.freshness.plan import Target
from sg_assets.in_process import ALL_ASSETS_JOB, QUIET, bring_up_to_date
from sg_assets.order import Order
from sg_assets.session import Report

__all__ = ["ALL_ASSETS_JOB", "QUIET", "ROOT", "Account", "instance", "refresh"]


def instance(home: Path = ROOT) -> dg.DagsterInstance:
    """The history that `dagster.yaml` in a folder describes; its paths count from the repository, so we go there."""
    os.chdir(ROOT)
    development.prepare_dagster(ROOT, home)
    return dg.DagsterInstance.from_config(str(home))


def refresh(  # noqa: PLR0913, PLR0917 (what is declared, where, what to do, and who is told)
    project: Project,
    env: Environment,
    target: Target,
    order: Order,
    history: dg.DagsterInstance,
    listener: Callable[[Report, int], None],
    began: Callable[[str], None] = no_matter,
) -> Account:
    """Bring the target up to date; `listener` hears of each table as it is done, and how many there are.

    `began` hears of each as it begins.

    Raises:
        EnvironmentProblem, GraphError, WarehouseError: nothing was run.
    """

    def build(ended: Callable[[Report], None], begins: Callable[[str], None]) -> dg.Definitions:
        return definitions.build_defs(env, project, ended, begins)

    return bring_up_to_date(project, env, target, order, history, build, Listener(listener, began))
