"""Tables in BigQuery as they are: found, made as declared, and brought to their declaration when it changes.

A raw table only grows: an added column is null in the old rows, a widened type is converted. A derived table takes any
shape: what cannot be kept is null until its day is built again. Nothing of this can be part of a transaction there,
so it is done before one, each change by itself whole: readers see a column more, or a type wider, and the same rows.
https://cloud.google.com/bigquery/docs/transactions#limitations
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from google.api_core.exceptions import NotFound
from google.cloud.bigquery import Dataset, SchemaField, TimePartitioning
from google.cloud.bigquery import Table as BigQueryTable

from sg_assets.columns import Column
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse import declared
from sg_assets.warehouse.bigquery_jobs import label, refusals, standard_type

if TYPE_CHECKING:
    from sg_assets.table import Table
    from sg_assets.warehouse.bigquery_jobs import Jobs

SEQ = "sg_seq"
"""The label of a table that was put in place by a statement of its own: the number of the state that was to follow."""
_LONGEST_DESCRIPTION = 1024  # of a column: https://cloud.google.com/bigquery/quotas#column_description
_AT_ONCE = 8
STAGING = "sg_staging"
ONE_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """A table as it is: its columns' types as SQL calls them, how it is described, cut and ordered, and its rows.

    `seq` is the number of the state that follows its last replacement as a whole, 0 where it never was replaced so.
    """

    types: Mapping[str, str]
    descriptions: Mapping[str, str | None]
    description: str | None
    partition: str | None
    cluster: tuple[str, ...]
    rows: int
    modified: datetime | None
    seq: int
    is_view: bool = False

    def has_columns(self, columns: Sequence[Column]) -> bool:
        """Whether these are its columns, in whatever order: BigQuery adds new ones at the end."""
        return dict(self.types) == {column.name: column.type for column in columns}

    def is_described(self, table: Table) -> bool:
        """Whether it is described and ordered as declared."""
        described = {column.name: _short(column.description) for column in table.columns}
        return (self.description, dict(self.descriptions), self.cluster) == (
            table.description,
            described,
            table.cluster,
        )


class Tables:
    """The tables of one warehouse."""

    def __init__(self, jobs: Jobs) -> None:
        """Nothing is looked at yet."""
        self._jobs = jobs
        self._datasets: set[str] = set()
        self._made: set[str] = set()

    def stored(self, name: str) -> Stored | None:
        """The table of that name; None where there is none."""
        return self.stored_at(sql.table_id(self._jobs.settings, name), name)

    def stored_at(self, place: str, name: str) -> Stored | None:
        """The table in a place (`project.dataset.table`), whoever writes it; None where there is none."""
        with refusals(name):
            try:
                found = self._jobs.client.get_table(place)
            except NotFound:
                return None
        return Stored(
            types={one.name: standard_type(one.field_type, one.mode) for one in found.schema},
            descriptions={one.name: one.description for one in found.schema},
            description=found.description,
            partition=found.time_partitioning.field if found.time_partitioning else None,
            cluster=tuple(found.clustering_fields or ()),
            rows=found.num_rows or 0,
            modified=found.modified,
            seq=int(found.labels.get(SEQ, 0)),
            is_view=found.table_type == "VIEW",
        )

    def all_stored(self, names: Sequence[str]) -> dict[str, Stored]:
        """The tables of these names that are there; asking for one costs nothing but its time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(names, pool.map(self.stored, names), strict=True))
        return {name: stored for name, stored in found.items() if stored is not None}

    def dataset(self, name: str, *, expires_after_ms: int | None = None) -> None:
        """Make a dataset where it is missing; tables in it end after some milliseconds (None: never)."""
        settings = self._jobs.settings
        if name in self._datasets:
            return
        made = Dataset(f"{settings.project}.{settings.dataset_prefix}{name}")
        made.location = settings.location
        if expires_after_ms is not None:
            made.default_table_expiration_ms = expires_after_ms
        with refusals(name):
            self._jobs.client.create_dataset(made, exists_ok=True)
        self._datasets.add(name)

    def make(  # noqa: PLR0913 (what a table can be made with)
        self,
        name: str,
        columns: Sequence[Column],
        description: str,
        *,
        partition: str | None = None,
        cluster: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Make an empty table where there is none of its name."""
        if name in self._made:
            return
        self.dataset(name.partition(".")[0])
        made = BigQueryTable(sql.table_id(self._jobs.settings, name), schema=[field_of(column) for column in columns])
        made.description = description
        made.labels = dict(labels or {})
        made.clustering_fields = list(cluster) or None
        if partition:
            made.time_partitioning = TimePartitioning(field=partition)
        with refusals(name):
            self._jobs.client.create_table(made, exists_ok=True)
        self._made.add(name)

    def create(self, table: Table) -> None:
        """Make a declared table, empty, where there is none of its name."""
        self.make(
            table.name,
            table.columns,
            table.description,
            partition=table.partition,
            cluster=table.cluster,
            labels=labels_of(table),
        )

    def follow(self, table: Table, now: Stored | None) -> tuple[str, ...]:
        """Make the stored table as declared; gives what was changed, for people.

        Raises:
            EvolutionError: a column of a raw table vanished, or changed to a type that does not hold its old values.
        """
        if now is None:
            self.create(table)
            return ()
        if now.has_columns(table.columns):
            if not now.is_described(table):
                self._patch(table)
            return ()
        if table.is_landed or table.is_day_snapshot:
            declared.refuse_loss(table, now.types)
        told = declared.growth(table, now.types)
        if now.has_columns([column for column in table.columns if column.name in now.types]):
            self._patch(table, [column.name for column in table.columns if column.name not in now.types], now)
        else:
            self._rewrite(table, now)
        return told

    def drop(self, name: str) -> None:
        """Drop a table, if there is one."""
        self._made.discard(name)
        with refusals(name):
            self._jobs.client.delete_table(sql.table_id(self._jobs.settings, name), not_found_ok=True)

    def anew(self, table: Table, query: str, now: Stored | None, seq: int, step: str) -> None:
        """Put the rows of a query in place of a table of another shape, at once; the state that follows is `seq`.

        Where it was cut by another column, or not at all, it is dropped before: BigQuery replaces no such table.
        https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_table_statement
        """
        self.dataset(table.dataset)
        if now is not None and now.partition != table.partition:
            self.drop(table.name)
        text = sql.create_table(self._jobs.settings, table, {**labels_of(table), SEQ: str(seq)}, query)
        self._jobs.step(step, text, table=table.name)

    def _rewrite(self, table: Table, now: Stored) -> None:
        values = []
        for column in table.columns:
            name, was = sql.quoted(column.name), now.types.get(column.name, "")
            value = sql.converted(column, was, name) if declared.can_hold(column.type, was) else sql.missing(column)
            values.append(f"{value} as {name}")
        settings, converted = self._jobs.settings, f"{STAGING}.{table.name.replace('.', '__')}__converted_{uuid4().hex}"
        self.dataset(STAGING, expires_after_ms=ONE_DAY_MS)
        source, staged = sql.quoted_table(settings, table.name), sql.quoted_table(settings, converted)
        self._jobs.run(f"create table {staged} as select {', '.join(values)} from {source}", table=table.name)
        labels = {**labels_of(table), SEQ: str(now.seq)}
        self._jobs.run(sql.create_table(settings, table, labels, f"select * from {staged}"), table=table.name)
        self.drop(converted)

    def _patch(self, table: Table, added: Sequence[str] = (), now: Stored | None = None) -> None:
        """Describe a table as declared, and add columns at its end."""
        order = [*(now.types if now else ()), *added] or None
        with refusals(table.name):
            found = self._jobs.client.get_table(sql.table_id(self._jobs.settings, table.name))
            found.schema = [field_of(table.column(name)) for name in order or [one.name for one in found.schema]]
            found.description = table.description
            found.clustering_fields = list(table.cluster) or None
            self._jobs.client.update_table(found, ["schema", "description", "clustering_fields"])


def field_of(column: Column) -> SchemaField:
    """A column as BigQuery's API declares it."""
    mode = "REPEATED" if column.is_array else "NULLABLE"
    return SchemaField(column.name, column.element_type, mode=mode, description=_short(column.description))


def labels_of(table: Table) -> dict[str, str]:
    """What a table's labels say of it."""
    return {"sg_kind": table.kind, "sg_owner": label(table.owner)} | (
        {"sg_source": label(table.source)} if table.source else {}
    )


def _short(description: str) -> str:
    return description[:_LONGEST_DESCRIPTION]
