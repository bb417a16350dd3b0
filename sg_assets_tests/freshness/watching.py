"""Ways to let the watch look at the small project, and to see what it wrote."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from sg_assets.asset_spec import FRESH, asset_key
from sg_assets.freshness.watch import WATCH, Found, Watching
from sg_assets.message import Message
from sg_assets_tests.mini import Mini

MINUTE = timedelta(minutes=1)


def look(mini: Mini, after: timedelta = timedelta(0)) -> Found:
    """A tick some time later; the watch was awake all the while."""
    if after:
        mini.later(after)
        mini.env.operations.beat(WATCH, mini.now - MINUTE)
    return Watching(mini.project, mini.env, mini.history, "team:x").tick()


def shown(mini: Mini, table: str) -> dg.AssetCheckEvaluation:
    """What Dagster says of a table's check `fresh` now."""
    record = mini.history.get_latest_asset_check_evaluation_record(dg.AssetCheckKey(asset_key(table), FRESH))
    assert record
    assert isinstance(record.evaluation, dg.AssetCheckEvaluation)
    return record.evaluation


def told(mini: Mini) -> list[Message]:
    return mini.env.operations.outbox.undelivered("log")
