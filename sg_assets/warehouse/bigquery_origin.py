"""Tables in BigQuery that another system writes elsewhere: looked at by their metadata, and shown by a view of ours.

What BigQuery says of all of them in a dataset is one question, which reads none of their rows. Only where one changed
more is asked: of one that is cut by days, of its newest days. The view is put in place when it is first looked at, and
when its declaration changed; so derived tables, and people, find the rows under the name that they always had.
https://cloud.google.com/bigquery/docs/information-schema-partitions
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from sg_assets.table import Reach, Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse import shown
from sg_assets.warehouse.bigquery_jobs import what
from sg_assets.warehouse.bigquery_metadata import Metadata, Written, quoted_place
from sg_assets.warehouse.bigquery_tables import labels_of
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.state import Change, TableState
from sg_assets.warehouse.watching import Seen, reached_by

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_tables import Tables

DAY = timedelta(days=1)
BUFFERED = "__UNPARTITIONED__"
"""What is streamed and not yet in its partition: https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery"""
_DAY_DIGITS = 8  # of a partition's name: 20251231, and with an hour two more


class Origins:
    """Other systems' tables, asked about once per dataset and look; `unshown` are ours that are no views of them."""

    def __init__(self, jobs: Jobs, tables: Tables) -> None:
        """Nothing is asked yet."""
        self._jobs = jobs
        self._tables = tables
        self.unshown: set[str] = set()
        self.metadata = Metadata(jobs)

    def seen(self, table: Table, previous: TableState | None, watch: Watch) -> Seen:
        """Look at a watched table by what BigQuery says of its origin; put its view in place where that is not there.

        Raises:
            WarehouseError: its origin is not there, or cannot be shown as it is declared.
        """
        if table.origin is None:
            raise AssertionError(table.name)  # who asks has seen that it has one
        names = table.origin.tables
        noted = (previous.change, previous.code_version) if previous is not None else None
        is_shown = noted == (Change.WATCH, table.code_version) and table.name not in self.unshown
        if not is_shown:
            self._show(table)
        found = self.metadata.written({name: self.metadata.place(name) for name in names}, watch)
        views = [name for name in names if name not in found]
        if views and table.origin.reach is not Reach.TOLD:
            return self._counted(table, watch)
        version = what([[name, found[name].modified, found[name].rows] for name in names if name in found], views)
        version += f":{watch.told.isoformat()}" if views and watch.told else ""
        rows = sum(found[part.table].rows for part in table.origin.parts if part.table in found)
        if previous is not None and is_shown and previous.content_version == version and previous.has_landed:
            through = reached_by(watch.told, watch.now) if table.is_synced else previous.data_through
            return Seen(previous.rows, version, through, previous.event_days)
        if table.origin.reach is Reach.TOLD:
            return Seen(rows, version, reached_by(watch.told, watch.now))
        if table.origin.reach is Reach.WRITTEN:
            modified = max(one.modified for one in found.values()) if rows else None
            return Seen(rows, version, reached_by(modified, watch.now))
        days = self._days(table, found[names[0]], watch.now)
        if days is None:
            return self._counted(table, watch, version)
        return Seen(rows, version, reached_by(self._newest(table, days), watch.now), days)

    def _show(self, table: Table) -> None:
        """Put the view in place.

        Raises:
            WarehouseError: a table of the origin is not there or cannot be shown so; or ours holds rows.
        """
        types = {}
        for name in table.origin.tables if table.origin else ():
            stored = self._tables.stored_at(self.metadata.place(name), name)
            if stored is None:
                msg = f"there is no table {name}, which {table.origin and table.origin.variable} names"
                raise WarehouseError(msg)
            types[name] = stored.types
        query = shown.query(table, types, lambda name: quoted_place(self.metadata.place(name), 2))
        here = self._tables.stored(table.name)
        if here is not None and not here.is_view:
            shown.refuse_rows(table, here.rows)
            self._tables.drop(table.name)
        self._tables.dataset(table.dataset)
        text = sql.create_view(self._jobs.settings, table, labels_of(table), query)
        self._jobs.run(text, table=table.name)
        self.unshown.discard(table.name)

    def _days(self, table: Table, found: Written, now: datetime) -> Mapping[date, str] | None:
        """The marks of its days, where its partitions are the days of the event column; else None."""
        (part,) = table.origin.parts if table.origin else ()
        stored = self._tables.stored_at(self.metadata.place(part.table), part.table)
        if stored is None or stored.partition is None or stored.partition != part.fields.get(table.event_column or ""):
            return None
        marks: dict[date, list[str]] = defaultdict(list)
        for partition, mark in sorted(found.partitions.items()):
            if not partition[:_DAY_DIGITS].isdigit():
                continue
            if len(partition) < _DAY_DIGITS:
                return None  # by months, or years
            marks[datetime.strptime(partition[:_DAY_DIGITS], "%Y%m%d").replace(tzinfo=UTC).date()].append(mark)
        if buffered := found.partitions.get(BUFFERED):
            for day in (now.date() - DAY, now.date()):  # rows wait there for some minutes, 90 at most
                marks[day].append(buffered)
        return {day: "+".join(listed) for day, listed in sorted(marks.items())}

    def _newest(self, table: Table, days: Mapping[date, str]) -> datetime | None:
        """The greatest value of the event column, of the newest days first, so that no others are read."""
        column, target = sql.quoted(table.event_column or ""), sql.quoted_table(self._jobs.settings, table.name)
        if not days:
            return None
        script = sql.Script()
        since = script.value("TIMESTAMP", datetime.combine(max(days) - DAY, datetime.min.time(), UTC))
        ask = f"select max({column}) from {target}"
        ((newest,),) = self._jobs.run(f"{ask} where {column} >= {since}", script.parameters, table=table.name)
        if newest is None:
            ((newest,),) = self._jobs.run(ask, table=table.name)
        return cast("datetime | None", newest)

    def _counted(self, table: Table, watch: Watch, version: str = "") -> Seen:
        """Look at a table of whose days nothing is said: its event column is read, and no other one."""
        column, target = sql.quoted(table.event_column or ""), sql.quoted_table(self._jobs.settings, table.name)
        asked = f"select date({column}), count(*), max({column}) from {target} where {column} is not null group by 1"
        found = [
            (cast("date", day), int(str(rows)), newest) for day, rows, newest in self._jobs.run(asked, table=table.name)
        ]
        days = {day: str(rows) for day, rows, _ in sorted(found, key=lambda one: one[0])}
        newest = max((cast("datetime", at) for *_, at in found), default=None)
        rows = sum(rows for _, rows, _ in found)
        return Seen(rows, version or what(sorted(days.items()), newest), reached_by(newest, watch.now), days)


def to_judge(table: Table, target: str, previous: TableState | None, found: Seen) -> str | None:
    """The rows to be judged of what was seen: those of days that changed; None where nothing can be read by days.

    A writer that streams adds to few days, and the others were judged before.
    """
    if table.origin is None or table.origin.reach is Reach.TOLD:
        return target
    if table.origin.reach is Reach.WRITTEN:
        return None
    before = previous.event_days if previous is not None else {}
    changed = [day for day, mark in found.event_days.items() if before.get(day) != mark]
    first = min(changed, default=max(found.event_days, default=date.max))
    return f"(select * from {target} where {sql.quoted(table.event_column or '')} >= timestamp '{first} 00:00:00+00')"
