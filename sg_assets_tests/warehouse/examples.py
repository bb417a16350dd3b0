"""Small tables and deliveries that the warehouse's tests land, load and build; nothing here is tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sg_assets import checks
from sg_assets.columns import Column, arrow_schema
from sg_assets.promise import DAILY
from sg_assets.source import ARRIVAL_COLUMNS, DELETED_AT, EXTRA
from sg_assets.table import Delivery, Mode, Table, Window
from sg_assets.warehouse.contract import Build, Landing, Load, Outcome, Rejected, Warehouse
from sg_assets.warehouse.state import LoadedObject

NOW = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
Row = Mapping[str, object]

_ACCOUNT_COLUMNS = (
    Column("id", "STRING", "Id."),
    Column("name", "STRING", "Name; it's what people say."),
    Column("seats", "INT64", "Seats."),
    Column("arr_usd", "NUMERIC", "Revenue."),
    Column("tags", "ARRAY<STRING>", "Tags."),
    Column("seen_at", "TIMESTAMP", "Last seen."),
    Column("profile", "JSON", "Anything."),
)


def raw(mode: Mode = Mode.MERGE, columns: Sequence[Column] = _ACCOUNT_COLUMNS, name: str = "raw_crm.account") -> Table:
    """A pulled table with the key `id`."""
    deleted = (DELETED_AT,) if mode in {Mode.SNAPSHOT, Mode.WINDOW} else ()
    return Table(
        name=name,
        description="Accounts as the vendor's API gives them.",
        owner="data",
        columns=(*columns, *deleted, EXTRA),
        key=("id",),
        promise=DAILY,
        file=Path("sources/crm.py"),
        delivery=Delivery.PULL,
        source="crm",
        mode=mode,
        code_version="1",
    )


def row(id_: str | None, name: str | None = "Ada", **more: object) -> Row:
    """A delivered row of the pulled table."""
    return {"id": id_, "name": name, **more}


PING = Table(
    name="raw_pings.ping",
    description="Pings as they arrive.",
    owner="data",
    columns=(
        *ARRIVAL_COLUMNS,
        Column("instance", "STRING", "Instance."),
        Column("timestamp", "TIMESTAMP", "When it happened."),
        EXTRA,
    ),
    key=("_object", "_line", "_item"),
    promise=DAILY,
    file=Path("sources/pings.py"),
    delivery=Delivery.FILES,
    source="pings",
    partition="_object_on",
    event_column="timestamp",
    code_version="1",
)


def derived(
    columns: Sequence[Column], key: Sequence[str], *, partition: str | None = None, name: str = "crm.account"
) -> Table:
    """A table that is built from SQL."""
    return Table(
        name=name,
        description="Accounts, cleaned.",
        owner="data",
        columns=tuple(columns),
        key=tuple(key),
        promise=DAILY,
        file=Path("tables/crm/account.sql"),
        partition=partition,
        event_column=partition,
        code_version="1",
    )


_numbers = count()


def parquet(folder: Path, table: Table, rows: Iterable[Row]) -> Path:
    """The rows as a spooled file with the table's declared columns."""
    path = folder / f"{next(_numbers)}.parquet"
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(table.columns)), path)
    return path


def land(  # noqa: PLR0913 (what tests vary)
    warehouse: Warehouse,
    folder: Path,
    table: Table,
    rows: Iterable[Row] | None,
    *,
    now: datetime = NOW,
    expected_seq: int | None = None,
    cursor: Mapping[str, object] | None = None,
    rejected: Sequence[Rejected] = (),
    is_part: bool = False,
    accept_shrink: bool = False,
    full: bool = False,
    covers: Sequence[Window] = (),
) -> Outcome:
    """Land rows (None: not even a file), as a source that read the state just before."""
    state = warehouse.states().get(table.name)
    landing = Landing(
        now=now,
        expected_seq=(state.seq if state else 0) if expected_seq is None else expected_seq,
        data_through=now,
        cursor=cursor,
        rejected=rejected,
        is_part=is_part,
        accept_shrink=accept_shrink,
        full=full,
        covers=covers,
    )
    files = [] if rows is None else [parquet(folder, table, rows)]
    return warehouse.land(table, files, landing, checks.judge)


def pinged(
    day: date, hour: int, events: Sequence[datetime], *, generation: str = "1"
) -> tuple[LoadedObject, list[Row]]:
    """An object of an hour, with one ping per event time."""
    name = f"pings/{day}/{hour:02}/shard-0.ndjson.gz"
    rows: list[Row] = [
        {"_object_on": day, "_object": name, "_line": n, "_item": 0, "instance": f"i{n}", "timestamp": at}
        for n, at in enumerate(events, start=1)
    ]
    days: dict[date, int] = {}
    for at in events:
        days[at.date()] = days.get(at.date(), 0) + 1
    return LoadedObject(name, generation, "shard-0", day, hour, len(rows), 0, days), rows


def load(  # noqa: PLR0913 (what tests vary)
    warehouse: Warehouse,
    folder: Path,
    objects: Sequence[tuple[LoadedObject, list[Row]]],
    *,
    table: Table = PING,
    data_through: datetime | None = NOW,
    cursor: Mapping[str, object] | None = None,
    rejected: Sequence[Rejected] = (),
    full: bool = False,
) -> Outcome:
    """Load objects with their rows."""
    state = warehouse.states().get(table.name)
    wish = Load(
        now=NOW,
        expected_seq=state.seq if state else 0,
        data_through=data_through,
        objects=[found for found, _ in objects],
        cursor=cursor,
        rejected=rejected,
        full=full,
    )
    rows = [row for _, rows in objects for row in rows]
    return warehouse.load(table, [parquet(folder, table, rows)] if rows else [], wish, checks.judge)


def build(warehouse: Warehouse, table: Table, sql: str, **more: object) -> Outcome:
    """Build a table from SQL; `more` are fields of `Build`."""
    wish = replace(Build(now=NOW, data_through=NOW, sql=sql), **more)  # pyrefly: ignore[bad-argument-type]
    return warehouse.build(table, wish, checks.judge)
