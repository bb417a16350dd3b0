"""The warehouse in one DuckDB file: the default, on a laptop with no account anywhere.

The verbs of `contract.py`, each one transaction of data and state together. How the file is locked, opened and copied
is in `duckdb_file.py`; what each verb does to the rows in `duckdb_land.py`, `duckdb_load.py` and `duckdb_build.py`; the
state tables in `duckdb_state.py`; what is read in `duckdb_ask.py`, what was not sent yet in `duckdb_sent.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import (
    duckdb_build,
    duckdb_ensure,
    duckdb_land,
    duckdb_load,
    duckdb_sent,
    duckdb_state,
    duckdb_watch,
    transitions,
    watching,
)
from sg_assets.warehouse.contract import Build, Judge, Landing, Load, Outcome, Unsent, WarehouseError, Watch
from sg_assets.warehouse.duckdb_file import DuckDBFile, Settings
from sg_assets.warehouse.duckdb_known import Known
from sg_assets.warehouse.duckdb_lent import Lent
from sg_assets.warehouse.duckdb_sql import quoted_table
from sg_assets.warehouse.duckdb_staging import BUILT, bring_in, count, judged, judged_as, temporarily_built, temporary
from sg_assets.warehouse.state import LoadedObject, TableState

if TYPE_CHECKING:
    import pyarrow as pa


class DuckDBWarehouse:
    """The warehouse at `path`, of `environment`; readers open the copy at `read_copy`.

    `lender` is the copy of another one, of which a development copy reads what was not built in it (`lent.py`).
    `known` is what others knew of it before. It is opened at the first verb and kept, with its lock, until `release` or
    `close`. One object serves one thread.
    """

    def __init__(  # noqa: PLR0913 (where it is, and what is known of it)
        self,
        path: Path,
        environment: str,
        *,
        read_copy: Path | None = None,
        settings: Settings | None = None,
        lender: Path | None = None,
        known: Known | None = None,
    ) -> None:
        """Nothing is opened yet."""
        self._known = known or Known()
        self._file = DuckDBFile(path, environment, read_copy, settings or Settings(), self._known, lender)
        self._lent = Lent(self._file)

    @property
    def id(self) -> str:
        """The id stored inside the warehouse; a new warehouse is made for the asking."""
        return self._file.identity.id

    def states(self) -> dict[str, TableState]:
        """The newest state of every table that has one, partitions included."""
        return self._known.states(self._file.connection("read states"))

    def lent(self) -> dict[str, TableState]:
        """The states of the tables that are read from production; none where this is production."""
        return self._lent.states()

    def loaded_objects(self, table: str) -> dict[str, LoadedObject]:
        """What a `files` table was loaded from, by object name."""
        return duckdb_state.loaded_objects(self._file.connection(f"read what {table} was loaded from"), table)

    def ensure(self, tables: Sequence[Table], now: datetime) -> None:
        """Create missing tables, empty, and let raw ones follow whose declared columns grew or were described anew.

        Raises:
            EvolutionError: columns of some table changed so that it must be loaded anew; nothing was changed.
        """
        duckdb_ensure.ensure(self._file, self._known, tables, now)

    def land(self, table: Table, parquet: Sequence[Path], landing: Landing, judge: Judge) -> Outcome:
        """Land delivered rows by the table's mode, or in place of everything (`landing.full`).

        Raises:
            UnsoundError, ShrunkError: nothing was published.
            WarehouseError: the rows or the wish do not fit the table.
        """
        transitions.refuse_misfit(table, landing)
        what = f"land {table.name}"
        connection = self._file.connection(what, with_functions=True)
        previous = self._known.state(connection, table.name)
        if skipped := transitions.landed_meanwhile(table, previous, landing.expected_seq):
            return skipped
        with temporary(connection):
            bring_in(connection, table, parquet)
            self._file.step("staged")
            with self._file.transaction(what):
                stored = duckdb_ensure.stored_raw(connection, self._known, table)
                changed, told = duckdb_land.publish(connection, table, landing, stored)
                self._file.step("rows")
                whole = f"select * from {quoted_table(table.name)}"
                soundness = judged(connection, table, whole, judge)
                duckdb_land.reject(connection, table, landing)
                rows = count(connection, quoted_table(table.name))
                state = transitions.landed(table, landing, previous, rows=rows, changed=changed)
                duckdb_state.add(connection, state)
        self._known.wrote(table, state)
        return Outcome(state, changed, soundness, notes=(*told, *transitions.told_of(landing.rejected)))

    def load(self, table: Table, parquet: Sequence[Path], load: Load, judge: Judge) -> Outcome:
        """Put the rows of some objects in place of those of the same objects, or of everything (`load.full`).

        Raises:
            UnsoundError: nothing was published.
            WarehouseError: the staged rows are not those of the objects.
        """
        what = f"load {table.name}"
        connection = self._file.connection(what, with_functions=True)
        previous = self._known.state(connection, table.name)
        if skipped := transitions.landed_meanwhile(table, previous, load.expected_seq):
            return skipped
        if previous is not None and transitions.is_idle(load, previous):
            return Outcome(previous, 0, transitions.NOT_JUDGED, is_skipped=True, reason="no new objects")
        with temporary(connection):
            bring_in(connection, table, parquet)
            duckdb_load.refuse_mismatch(connection, table, load)
            self._file.step("staged")
            with self._file.transaction(what):
                stored = duckdb_ensure.stored_raw(connection, self._known, table)
                changed, told = duckdb_load.publish(connection, table, load, stored)
                self._file.step("rows")
                soundness = judged(connection, table, duckdb_load.touched_rows(table, load), judge)
                rows = count(connection, quoted_table(table.name))
                state = transitions.loaded(table, load, previous, rows=rows, changed=changed)
                duckdb_load.put_days(connection, table, load, state.seq)
                state = duckdb_state.append(connection, state)
        self._known.wrote(table, state)
        return Outcome(state, changed, soundness, notes=(*told, *transitions.told_of(load.rejected)))

    def watch(self, table: Table, watch: Watch, judge: Judge) -> Outcome:
        """Look how far another system has written its table, and keep that as the state when it is time to.

        Raises:
            UnsoundError: what it wrote is not sound; the state stays.
            WarehouseError: the table has other columns than were declared.
        """
        what = f"look at {table.name}"
        connection = self._file.connection(what, with_functions=True)
        previous = self._known.state(connection, table.name)
        if previous is None:
            raise AssertionError(table.name)  # whoever looks has ensured it
        with temporary(connection):
            rows = duckdb_watch.rows(connection, table)
            found = duckdb_watch.seen(connection, table, rows, watch)
            if reason := watching.unmoved(previous, found, watch):
                return Outcome(previous, 0, transitions.NOT_JUDGED, is_skipped=True, reason=reason)
            with self._file.transaction(what):
                soundness = judged(connection, table, f"select * from {rows}", judge)
                state = duckdb_watch.note(connection, table, previous, watching.watched(table, watch, previous, found))
        self._known.forget() if table.origin else self._known.carried(state)
        return Outcome(state, 0 if found.version == previous.content_version else found.rows, soundness)

    def overwrite(self, table: Table, parquet: Sequence[Path]) -> None:
        """Put rows in place of a watched table, as the system that writes it would: its state is not touched."""
        what = f"write {table.name} as another system"
        connection = self._file.connection(what)
        with temporary(connection):
            bring_in(connection, table, parquet)
            with self._file.transaction(what):
                duckdb_land.put_anew(connection, table, self._known.shape(connection, table.name))
        self._known.reshaped(table)

    def build(self, table: Table, build: Build, judge: Judge) -> Outcome:
        """Build a derived table, or some of its days, from its SQL; or only carry its state on (`build.is_carry`).

        Raises:
            UnsoundError: nothing was published.
            WarehouseError: the SQL cannot be run, or does not give the declared columns; or there is nothing to carry.
        """
        what = f"build {table.name}"
        connection = self._file.connection(what, with_functions=True)
        previous = self._known.state(connection, table.name)
        if build.is_carry:
            return self._carry(table, build, previous)
        if table.is_partitioned != bool(build.partitions):
            msg = f"{table.name}: days are needed to build a partitioned table, and only that"
            raise WarehouseError(msg)
        self._file.allow(duckdb_build.BUILD_MEMORY)
        with temporarily_built(connection):
            duckdb_build.stage(connection, table, self._lent.placed(build.sql))
            told = duckdb_build.leave_out(connection, table, build)
            soundness = judged_as(connection, table, BUILT, judge)
            self._file.step("staged")
            with self._file.transaction(what):
                stored = self._known.shape(connection, table.name)
                now = duckdb_build.publish(connection, table, build, stored, previous)
                self._file.step("rows")
                state = transitions.built(
                    table, build, previous, rows=now.rows, version=now.version, partitions=now.partitions
                )
                duckdb_state.add(connection, state)
        self._known.wrote(table, state)
        return Outcome(state, now.changed, soundness, notes=(*told, *now.told))

    def preview(self, table: str, limit: int) -> pa.Table:
        """A few rows, for the asset's page: the first by the stored order, which says nothing.

        Raises:
            WarehouseError: there is no such table.
        """
        return self._lent.rows(self._known, table, (), limit)

    def read(self, table: str, columns: Sequence[str]) -> pa.Table:
        """All rows of a table, in no order: these columns of it, or all where none are named.

        Raises:
            WarehouseError: there is no such table, or no such column.
        """
        return self._lent.rows(self._known, table, columns)

    def ask(self, sql: str, limit: int) -> pa.Table:
        """The first rows of what a query in BigQuery's dialect gives of the tables as they are now.

        Raises:
            WarehouseError: the query cannot be run.
        """
        return self._lent.ask(sql, limit)

    def unsent(self, wanted: Unsent) -> pa.Table:
        """The rows of a table that its ledger does not have as they are now, in the order of their keys."""
        return duckdb_sent.unsent(self._file.connection(f"compare {wanted.table} with what was sent"), wanted)

    def release(self) -> None:
        """Let other processes at the warehouse until the next verb."""
        self._file.release()

    def close(self) -> None:
        """End of a run: publish what readers read, if anything was written, and release."""
        self._file.close()

    def _carry(self, table: Table, build: Build, previous: TableState | None) -> Outcome:
        if previous is None:
            msg = f"{table.name} was never built: there is nothing to carry on"
            raise WarehouseError(msg)
        state = transitions.carried(build, previous)
        with self._file.transaction(f"carry {table.name}") as connection:
            duckdb_state.add(connection, state)
        self._known.carried(state)
        return Outcome(state, 0, transitions.NOT_JUDGED, is_skipped=True, reason="same rows, its inputs reach further")
