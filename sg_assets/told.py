"""How far other systems say themselves that they got: Fivetran by its connections, scheduled queries by their runs.

Read from our own tables about them, once for all tables that are looked at together. Who looks is in `watched.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from sg_assets.filled import CONNECTIONS
from sg_assets.filling import connection_variable
from sg_assets.source import DELETED_AT
from sg_assets.table import QUERIES, RUNS, Table
from sg_assets.warehouse.contract import Warehouse, WarehouseError

SUCCEEDED = "SUCCEEDED"


class Told:
    """What a warehouse has of it; nothing is read before somebody asks."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Nothing is read yet."""
        self._warehouse = warehouse

    def of(self, table: Table) -> datetime | None:
        """How far the writer of a watched table says that it got; None: nowhere yet, or nothing is known of it.

        Of Fivetran, when its connection last succeeded: when that sync began it does not tell, so what changed at the
        source while it ran may only come with the next one. Of a scheduled query, the instant that its newest good run
        stands for.

        Raises:
            WarehouseError: there is no such connection or query, or several.
        """
        if table.is_synced and table.origin is not None:
            variable = connection_variable(table.origin.variable)
            return _only(self._synced, table.origin.connection, "connection of Fivetran", f"set {variable} to")
        if table.scheduled_query:
            return _only(self._run, table.scheduled_query, "scheduled query", f"name in {table.file.name}")
        return None

    @cached_property
    def _synced(self) -> Mapping[str, list[datetime | None]]:
        found: dict[str, list[datetime | None]] = defaultdict(list)
        for row in self._rows(CONNECTIONS, "id", "schema_name", "succeeded_at"):
            for name in {row["id"], row["schema_name"]}:
                found[str(name)].append(_instant(row["succeeded_at"]))
        return found

    @cached_property
    def _run(self) -> Mapping[str, list[datetime | None]]:
        newest: dict[object, datetime] = {}
        for row in self._warehouse.read(RUNS, ("config_name", "state", "run_at")).to_pylist():
            at = _instant(row["run_at"])
            if row["state"] == SUCCEEDED and at is not None:
                newest[row["config_name"]] = max(at, newest.get(row["config_name"], at))
        found: dict[str, list[datetime | None]] = defaultdict(list)
        for row in self._rows(QUERIES, "name", "config_id", "display_name"):
            for name in {row["config_id"], row["display_name"]}:
                found[str(name)].append(newest.get(row["name"]))
        return found

    def _rows(self, table: str, *columns: str) -> list[dict[str, object]]:
        """The rows of a listing that are still in it."""
        rows = self._warehouse.read(table, (*columns, DELETED_AT.name)).to_pylist()
        return [row for row in rows if row[DELETED_AT.name] is None]


def _only(known: Mapping[str, list[datetime | None]], name: str, what: str, cure: str) -> datetime | None:
    found = known.get(name, [])
    if known and len(found) != 1:
        wrong = "the name of more than one" if found else "no"
        msg = f"{name} is {wrong} {what}: {cure} one of {', '.join(sorted(known))}"
        raise WarehouseError(msg)
    return found[0] if found else None


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
