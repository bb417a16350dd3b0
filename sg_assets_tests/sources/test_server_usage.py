from __future__ import annotations

from sg_assets.sources.server_usage import server_usage
from sg_assets.table import Delivery


def test_its_table_is_watched_and_holds_nothing_of_ours() -> None:
    (raw,) = server_usage.tables.values()
    assert server_usage.is_only_watched
    assert (raw.table.delivery, raw.table.event_column) == (Delivery.WATCHED, "day_on")
    assert not [column.name for column in raw.table.columns if column.name.startswith("_")]
