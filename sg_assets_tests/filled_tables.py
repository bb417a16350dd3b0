"""Tables that another system fills, as a test has it fill them, and what we then see under our names: test support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sg_assets.checks import judge
from sg_assets.columns import Column, arrow_schema
from sg_assets.filled import filled
from sg_assets.promise import Promise
from sg_assets.source import Source, nowhere
from sg_assets.table import Table
from sg_assets.warehouse.contract import Outcome, Warehouse, Watch
from sg_assets.warehouse.shown import query
from sg_assets_tests.analyzer import GoogleSql

if TYPE_CHECKING:
    from sg_assets.source import RawTable

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
Row = Mapping[str, object]


@dataclass(frozen=True)
class Theirs:
    """Another system, and us: it writes into the dataset `theirs`, and we look."""

    warehouse: Warehouse
    folder: Path

    @property
    def dataset(self) -> str:
        """Where it writes: in BigQuery, tests have datasets of their own."""
        jobs = getattr(self.warehouse, "jobs", None)
        return f"{jobs.settings.dataset_prefix}theirs" if jobs else "theirs"

    def writes(self, table: str, types: Mapping[str, str], rows: Iterable[Row]) -> None:
        """Put rows in place of what is in one of its tables; a name with a dataset is that of another one."""
        columns = tuple(Column(name, type_, "Theirs.") for name, type_ in types.items())
        source = Source("theirs", "T.", "team:x", Promise("0 * * * *", warn=HOUR, fail=2 * HOUR), nowhere)

        def described() -> None:
            """Theirs."""

        source.watched(columns=columns, key=(), through=columns[0].name)(described)
        (raw,) = source.tables.values()
        file = self.folder / "theirs.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows), arrow_schema(columns)), file)
        self.warehouse.overwrite(replace(raw.table, name=table if "." in table else f"theirs.{table}"), [file])

    def looks(self, table: Table, now: datetime = NOW, told: datetime | None = None) -> Outcome:
        """Look at one of ours, at the newest hour."""
        tick = now.replace(minute=0, second=0)
        return self.warehouse.watch(table, Watch(now, tick, lambda _: False, told), judge)

    def rows(self, table: Table) -> list[dict[str, object]]:
        """What is then seen under our name, in the order of the key."""
        found = self.warehouse.read(table.name, ()).to_pylist()
        return sorted(found, key=lambda row: [str(row[name]) for name in table.key])


HOUR = timedelta(hours=1)


def of(source: Source, given: Mapping[str, str]) -> dict[str, RawTable]:
    """The tables of a source that another system fills, by their short names."""
    watched = [one for one in filled([source], given) if one.is_only_watched]
    return {name.partition(".")[2]: raw for one in watched for name, raw in one.tables.items()}


def texts(names: Sequence[str]) -> dict[str, str]:
    """Columns that are all texts."""
    return dict.fromkeys(names, "STRING")


def google(table: Table, types: Mapping[str, Mapping[str, str]], rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """What Google's own engine gives for the query that shows a table of ours: `types` and `rows` by their tables."""
    theirs = [
        replace(table, name=name, columns=tuple(Column(column, kind, "Theirs.") for column, kind in found.items()))
        for name, found in types.items()
    ]
    text = query(table, types, lambda name: f"`{name}`")
    columns = [column.name for column in table.columns]
    return [dict(zip(columns, row, strict=True)) for row in GoogleSql(theirs).rows(text, rows)]
