"""The warehouse in BigQuery: for a team, with many writers and readers at the same time.

The verbs of `contract.py`. Each stages its rows, has them judged there, and publishes them and the table's new state by
one script that is one transaction (`bigquery_commit.py`). What each verb does to the rows is in `bigquery_land.py`,
`bigquery_load.py` and `bigquery_build.py`; the state tables in `bigquery_state.py`; tables and their shapes in
`bigquery_tables.py`; jobs, and how none is run twice, in `bigquery_jobs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import (
    bigquery_ask,
    bigquery_ensure,
    bigquery_identity,
    bigquery_lent,
    bigquery_objects,
    bigquery_state,
    bigquery_watch,
    transitions,
    watching,
)
from sg_assets.warehouse.bigquery_commit import MovedError
from sg_assets.warehouse.bigquery_jobs import Cost, Jobs
from sg_assets.warehouse.bigquery_origin import Origins
from sg_assets.warehouse.bigquery_publish import Publication
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import Build, Judge, Landing, Load, Outcome, Unsent, WarehouseError, Watch
from sg_assets.warehouse.state import LoadedObject, TableState

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud.bigquery import Client

    from sg_assets.warehouse.bigquery_bucket import StagingBucket
    from sg_assets.warehouse.bigquery_client import Settings
    from sg_assets.warehouse.identity import Identity

_TRIES = 3
"""How often a verb begins again because somebody else wrote its table first."""


class BigQueryWarehouse:
    """The warehouse that `settings` mean, of `environment`, reached by `client`.

    Nothing is asked of BigQuery before the first verb. One object serves one thread. `jobs` has what it cost; `note` is
    a file in which the identity is repeated, for who must not wait; `bucket` is where files wait for load jobs.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        environment: str,
        *,
        note: Path | None = None,
        bucket: StagingBucket | None = None,
    ) -> None:
        """Nothing is opened yet."""
        self.jobs = Jobs(client, settings, bucket)
        self._tables = Tables(self.jobs)
        self._origins = Origins(self.jobs, self._tables)
        self._environment = environment
        self._note = note
        self._identity: Identity | None = None

    @property
    def id(self) -> str:
        """The id stored inside the warehouse; a new warehouse is made for the asking."""
        return self._open().id

    def states(self) -> dict[str, TableState]:
        """The newest state of every table that has one, partitions included."""
        self._open()
        return bigquery_state.read(self.jobs)

    def lent(self) -> dict[str, TableState]:
        """The states of the tables that are read from production; none where this is production."""
        self._open()
        return bigquery_lent.states(self.jobs)

    def loaded_objects(self, table: str) -> dict[str, LoadedObject]:
        """What a `files` table was loaded from, by object name."""
        self._open()
        return {name: found for name, (found, _) in bigquery_objects.read(self.jobs, table).items()}

    def ensure(self, tables: Sequence[Table], now: datetime) -> None:
        """Create missing tables, empty, and let raw ones follow whose declared columns grew or were described anew.

        Raises:
            EvolutionError: columns of some table changed so that it must be loaded anew; nothing was changed.
        """
        self._open()
        self._origins.unshown.update(bigquery_ensure.ensure(self._tables, tables))
        known = bigquery_state.read(self.jobs)
        new = [table for table in tables if table.is_landed and table.name not in known]
        bigquery_state.add_created(self.jobs, [transitions.created(table, now) for table in new])

    def land(self, table: Table, parquet: Sequence[Path], landing: Landing, judge: Judge) -> Outcome:
        """Land delivered rows by the table's mode, or in place of everything (`landing.full`).

        Raises:
            UnsoundError, ShrunkError: nothing was published.
            WarehouseError: the rows or the wish do not fit the table.
        """
        transitions.refuse_misfit(table, landing)

        def once(previous: TableState | None) -> Outcome:
            if skipped := transitions.landed_meanwhile(table, previous, landing.expected_seq):
                return skipped
            with self._publication(table, previous) as publication:
                return publication.land(parquet, landing, judge)

        return self._written(table, once)

    def load(self, table: Table, parquet: Sequence[Path], load: Load, judge: Judge) -> Outcome:
        """Put the rows of some objects in place of those of the same objects, or of everything (`load.full`).

        Raises:
            UnsoundError: nothing was published.
            WarehouseError: the staged rows are not those of the objects.
        """

        def once(previous: TableState | None) -> Outcome:
            if skipped := transitions.landed_meanwhile(table, previous, load.expected_seq):
                return skipped
            if previous is not None and transitions.is_idle(load, previous):
                return Outcome(previous, 0, transitions.NOT_JUDGED, is_skipped=True, reason="no new objects")
            with self._publication(table, previous) as publication:
                return publication.load(parquet, load, judge)

        return self._written(table, once)

    def watch(self, table: Table, watch: Watch, judge: Judge) -> Outcome:
        """Look how far another system has written its table, and keep that as the state when it is time to.

        Raises:
            UnsoundError: what it wrote is not sound; the state stays.
            WarehouseError: the table has other columns than were declared.
        """

        def once(previous: TableState | None) -> Outcome:
            if table.origin is not None:
                found = self._origins.seen(table, previous, watch)
            else:
                found = bigquery_watch.seen(self.jobs, self._origins.metadata, table, previous, watch)
            reason = watching.unmoved(previous, found, watch)
            if previous is not None and reason:
                return Outcome(previous, 0, transitions.NOT_JUDGED, is_skipped=True, reason=reason)
            with self._publication(table, previous) as publication:
                return publication.watch(watch, found, judge)

        return self._written(table, once)

    def overwrite(self, table: Table, parquet: Sequence[Path]) -> None:
        """Put rows in place of a watched table, as the system that writes it would: its state is not touched."""
        with self._publication(table, self._state(table.name)) as publication:
            publication.overwrite(parquet)

    def build(self, table: Table, build: Build, judge: Judge) -> Outcome:
        """Build a derived table, or some of its days, from its SQL; or only carry its state on (`build.is_carry`).

        Raises:
            UnsoundError: nothing was published.
            WarehouseError: the SQL cannot be run, or does not give the declared columns; or there is nothing to carry.
        """
        if not build.is_carry and table.is_partitioned != bool(build.partitions):
            msg = f"{table.name}: days are needed to build a partitioned table, and only that"
            raise WarehouseError(msg)

        def once(previous: TableState | None) -> Outcome:
            with self._publication(table, previous) as publication:
                return publication.carry(build) if build.is_carry else publication.build(build, judge)

        return self._written(table, once)

    def preview(self, table: str, limit: int) -> pa.Table:
        """A few rows, for the asset's page: the first by the stored order, which says nothing.

        Raises:
            WarehouseError: there is no such table.
        """
        jobs = bigquery_lent.holding(self.jobs, table)
        return bigquery_ask.rows(jobs, Tables(jobs), table, (), limit)

    def read(self, table: str, columns: Sequence[str]) -> pa.Table:
        """All rows of a table, in no order: these columns of it, or all where none are named.

        Raises:
            WarehouseError: there is no such table, or no such column.
        """
        jobs = bigquery_lent.holding(self.jobs, table)
        return bigquery_ask.rows(jobs, Tables(jobs), table, columns)

    def ask(self, sql: str, limit: int) -> pa.Table:
        """The first rows of what a query gives of the tables as they are now.

        Raises:
            WarehouseError: the query cannot be run.
        """
        return bigquery_ask.ask(self.jobs, sql, limit)

    def unsent(self, wanted: Unsent) -> pa.Table:
        """The rows of a table that its ledger does not have as they are now, in the order of their keys."""
        return bigquery_ask.unsent(self.jobs, self._tables, wanted)

    def spent(self, table: str) -> Cost:
        """What the jobs for a table took since this was asked for it last."""
        return self.jobs.costs.pop(table, Cost())

    def would_read(self, table: str, sql: str) -> int:
        """Bytes that a query for a table would read, at most: nothing is run, and nothing is paid for that.

        Raises:
            WarehouseError: it cannot be run, for instance since a table that it reads is not there yet.
        """
        return self.jobs.dry_run(bigquery_lent.located(self.jobs, sql), table=table).bytes_processed

    def release(self) -> None:
        """Nobody is kept out: nothing to do."""

    def close(self) -> None:
        """End of a run: readers read the tables themselves, so only connections are given back."""
        self.jobs.client.close()
        if self.jobs.bucket is not None:
            self.jobs.bucket.close()

    def _open(self) -> Identity:
        if self._identity is None:
            self._identity = bigquery_identity.establish(self.jobs, self._environment)
            if self._note is not None:
                bigquery_identity.write_note(self._note, self.jobs.settings, self._identity)
            bigquery_state.make(self._tables, self.jobs)
        return self._identity

    def _state(self, table: str) -> TableState | None:
        self._open()
        return bigquery_state.read(self.jobs, table).get(table)

    def _publication(self, table: Table, previous: TableState | None) -> Publication:
        return Publication(self.jobs, self._tables, self.id, table, previous)

    def _written(self, table: Table, once: Callable[[TableState | None], Outcome]) -> Outcome:
        """What a verb did; it begins again, from the newest state, where somebody else wrote the table meanwhile."""
        for _ in range(_TRIES):
            try:
                return once(self._state(table.name))
            except MovedError:
                continue
        msg = f"{table.name} cannot be written: others write it, or its rows in sg_ops were changed by hand"
        raise WarehouseError(msg)
