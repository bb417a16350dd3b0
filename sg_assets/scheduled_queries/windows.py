"""The promise that a new table can keep: its cron, and windows that what it reads allows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from sg_assets.freshness.graph import Graph, least_fail, least_warn
from sg_assets.promise import DAY, HOUR, Frozen, Promise
from sg_assets.table import Table

LONG = timedelta(days=3650)


def promise_for(cron: str, table: Table, graph: Graph) -> Promise | Frozen:
    """A promise for a table whose inputs are all in the graph; whole hours, and some slack beyond what is needed.

    Late soon an hour after its latest input is; late two hours after that one, and a third of its longest gap after it
    was late soon. A table that reads nothing that moves is frozen.

    Raises:
        ValueError: the cron cannot be kept.
    """
    patient = Promise(cron, warn=LONG, fail=LONG + DAY)
    tried = replace(table, promise=patient)
    whole = Graph.of([*(one for one in graph if one.name != table.name), tried])
    above = [whole[i.table].promise for i in whole.counted_inputs(tried)]
    promises = [promise for promise in above if isinstance(promise, Promise)]
    if not promises:
        return Frozen("everything that it reads is frozen")
    warn = _hours(max(least_warn(whole, tried), *(promise.warn + HOUR for promise in promises)))
    slack = max(2 * HOUR, patient.longest_gap() / 3)
    fail = _hours(max(least_fail(whole, tried), warn + slack, *(promise.fail + 2 * HOUR for promise in promises)))
    return Promise(cron, warn=warn, fail=fail)


def _hours(span: timedelta) -> timedelta:
    return math.ceil(span / HOUR) * HOUR
