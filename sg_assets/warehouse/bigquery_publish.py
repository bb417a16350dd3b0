"""One publication of a table in BigQuery: staged, judged, and put in place together with the state that follows.

What the verbs have in common; what is particular to each is in `bigquery_land.py`, `bigquery_load.py` and
`bigquery_build.py`. What was staged is dropped, however it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sg_assets.table import Mode, Table
from sg_assets.warehouse import bigquery_build as building
from sg_assets.warehouse import bigquery_land as landing_
from sg_assets.warehouse import bigquery_load as loading
from sg_assets.warehouse import bigquery_objects as objects
from sg_assets.warehouse import bigquery_rejected as rejected
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse import bigquery_state as states_
from sg_assets.warehouse import transitions, watching
from sg_assets.warehouse.bigquery_commit import Transaction
from sg_assets.warehouse.bigquery_origin import to_judge
from sg_assets.warehouse.bigquery_staging import Staging, judged
from sg_assets.warehouse.contract import Build, Judge, Landing, Load, Outcome, Rejected, WarehouseError, Watch
from sg_assets.warehouse.state import Change, TableState

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_tables import Stored, Tables
    from sg_assets.warehouse.watching import Seen


class Publication:
    """The publication of the state row after `previous`; use it as a context."""

    def __init__(self, jobs: Jobs, tables: Tables, scope: str, table: Table, previous: TableState | None) -> None:
        """Nothing is staged yet; `scope` is the id of the warehouse."""
        self._jobs = jobs
        self._tables = tables
        self._table = table
        self._previous = previous
        self._staging = Staging(jobs, tables, scope, table, previous.seq + 1 if previous else 1)
        self._transaction = Transaction(self._staging, previous)
        self._target = sql.quoted_table(jobs.settings, table.name)

    def __enter__(self) -> Self:
        """Nothing is done yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Drop what was staged."""
        self._staging.drop()

    def land(self, parquet: Sequence[Path], landing: Landing, judge: Judge) -> Outcome:
        """Land delivered rows."""
        table, script = self._table, self._transaction.script
        stored = self._tables.stored(table.name)
        told: tuple[str, ...] = ()
        if not landing.full:
            told = self._tables.follow(table, stored)
            stored = self._tables.stored(table.name) if told or stored is None else stored
        delivered = self._staging.deliver(parquet)
        landing_.refuse_shrink(self._staging, landing, stored, delivered)
        if landing.full or (table.mode is Mode.REPLACE and not table.key):
            changed = landing_.whole(self._staging, stored, delivered)
            soundness = judged(self._jobs, table, delivered.relation, judge)
            rows = delivered.rows
            if changed:
                self._put_anew(stored, delivered.relation, delivered.mark)
        else:
            changes = landing_.found(self._staging, landing, delivered)
            soundness = judged(self._jobs, table, landing_.after(self._staging, changes), judge)
            landing_.merge(self._staging, script, changes)
            changed, rows = changes.rows, changes.before + changes.new - changes.gone
        self._reject(landing.rejected, is_all=landing.full or not table.takes_parts)
        changed = max(changed, self._is_ahead(stored))
        state = transitions.landed(table, landing, self._previous, rows=rows, changed=changed)
        self._transaction.commit(state)
        return Outcome(state, changed, soundness, notes=(*told, *transitions.told_of(landing.rejected)))

    def load(self, parquet: Sequence[Path], load: Load, judge: Judge) -> Outcome:
        """Load the rows of some objects."""
        table, script, judging = self._table, self._transaction.script, sql.Script()
        delivered = self._staging.deliver(parquet)
        transitions.refuse_mismatch(table, load, delivered.rows_of_objects)
        stored = self._tables.stored(table.name)
        told = () if load.full else self._tables.follow(table, stored)
        before = objects.read(self._jobs, table.name)
        relation = loading.touched(self._staging, judging, load, before, delivered)
        soundness = judged(self._jobs, table, relation, judge, judging.parameters)
        if load.full:
            self._put_anew(stored, delivered.relation, delivered.mark)
        else:
            loading.publish(self._staging, script, load, before, delivered)
        names = [found.name for found in load.objects]
        self._reject(load.rejected, is_all=load.full, names=names)
        moved = objects.moved(before, table, load)
        days = loading.days_after(self._staging, load, moved)
        loading.note(self._staging, script, load, moved, days)
        changed = max(loading.changed_rows(load, before, delivered), self._is_ahead(stored))
        rows = sum(found.rows for found, _ in moved.loaded.values())
        state = transitions.loaded(table, load, self._previous, rows=rows, changed=changed)
        self._transaction.commit(state, is_anew=load.full)
        state = loading.noted(state, load, moved, days)
        return Outcome(state, changed, soundness, notes=(*told, *transitions.told_of(load.rejected)))

    def build(self, build: Build, judge: Judge) -> Outcome:
        """Build the table, or some of its days."""
        table = self._table
        marks = (build.inputs, {str(day): inputs for day, inputs in build.partitions.items()}, build.known_at)
        staged, mark = self._staging.build(build.sql, *marks)
        told = building.left_out(self._staging, build, staged) if table.is_partitioned else ()
        soundness = judged(self._jobs, table, building.wanted_rows(table, build, staged), judge)
        stored = self._tables.stored(table.name)
        if table.is_partitioned:
            state, changed, more = self._build_days(build, staged, mark, stored)
            return Outcome(state, changed, soundness, notes=(*told, *more))
        rows, hashes = landing_.content(self._staging, staged)
        version = transitions.content_version(rows, hashes)
        changed = max(1, rows)
        if self._is_alike(stored) and self._previous and self._previous.content_version == version:
            self._tables.follow(table, stored)
            changed = 0
        else:
            self._put_anew(stored, staged, mark)
        state = transitions.built(table, build, self._previous, rows=rows, version=version, partitions={})
        self._transaction.commit(state, is_anew=bool(self._previous and self._previous.partitions))
        return Outcome(state, changed, soundness, notes=told)

    def carry(self, build: Build) -> Outcome:
        """Move the state on, and nothing else.

        Raises:
            WarehouseError: the table was never built.
        """
        if self._previous is None:
            msg = f"{self._table.name} was never built: there is nothing to carry on"
            raise WarehouseError(msg)
        state = transitions.carried(build, self._previous)
        self._transaction.commit(state)
        reason = "same rows, its inputs reach further"
        return Outcome(state, 0, transitions.NOT_JUDGED, is_skipped=True, reason=reason)

    def watch(self, watch: Watch, found: Seen, judge: Judge) -> Outcome:
        """Note what was seen of a table that another system writes."""
        relation = to_judge(self._table, self._target, self._previous, found)
        soundness = judged(self._jobs, self._table, relation, judge) if relation else transitions.NOT_JUDGED
        state = watching.watched(self._table, watch, self._previous, found)
        is_first = self._previous is None or self._previous.change is not Change.WATCH
        marks = watching.moved_days({} if is_first or not self._previous else self._previous.event_days, state)
        rows = objects.mark_rows(self._table.name, marks, state.seq)
        states_.append_rows(self._staging, self._transaction.script, states_.EVENT_DAY, rows)
        self._transaction.commit(state, is_anew=is_first)
        is_same = self._previous is not None and found.version == self._previous.content_version
        return Outcome(state, 0 if is_same else found.rows, soundness)

    def overwrite(self, parquet: Sequence[Path]) -> None:
        """Write a table as another system would."""
        delivered = self._staging.deliver(parquet)
        self._tables.dataset(self._table.dataset)
        columns = sql.names(column.name for column in self._table.columns)
        query = f"select {columns} from {delivered.relation}"
        self._jobs.run(sql.create_table(self._jobs.settings, self._table, {}, query), table=self._table.name)

    def _build_days(
        self, build: Build, staged: str, mark: str, stored: Stored | None
    ) -> tuple[TableState, int, tuple[str, ...]]:
        table, previous = self._table, self._previous
        told: tuple[str, ...] = ()
        is_anew = stored is None or stored.partition != table.partition
        days = building.days(self._staging, build, staged, None if is_anew else previous)
        states = {**({} if is_anew or not previous else previous.partitions), **days.states}
        if is_anew:
            self._put_anew(stored, building.wanted_rows(table, build, staged), mark)
        else:
            told = self._tables.follow(table, stored)
            building.replace_days(self._staging, self._transaction.script, staged, days, set(states))
        version = transitions.added_up(day.content_version for day in states.values())
        rows = sum(day.rows for day in states.values())
        new = states_.partition_rows(table.name, days.states.values())
        states_.append_rows(self._staging, self._transaction.script, states_.PARTITION_STATE, new)
        known = dict(sorted(states.items()))
        state = transitions.built(table, build, previous, rows=rows, version=version, partitions=known)
        self._transaction.commit(state, is_anew=is_anew)
        return state, days.moved, told

    def _put_anew(self, stored: Stored | None, relation: str, mark: str) -> None:
        """Put the rows of a relation in place of the whole table: in the transaction, where it has its shape already.

        Else by a statement of its own, before; should nothing follow it, the table says that it is ahead of its state.
        """
        if stored is None or self._is_alike(stored):
            self._tables.follow(self._table, stored)
            landing_.replace_rows(self._staging, self._transaction.script, relation)
            return
        columns = sql.names(column.name for column in self._table.columns)
        step = self._staging.step("anew", mark, stored.modified)
        self._tables.anew(self._table, f"select {columns} from {relation}", stored, self._staging.seq, step)

    def _is_alike(self, stored: Stored | None) -> bool:
        """Whether a table is there that takes the declared rows as it is."""
        if stored is None or stored.partition != self._table.partition:
            return False
        return stored.has_columns(self._table.columns)

    def _is_ahead(self, stored: Stored | None) -> bool:
        """Whether the table was replaced by a statement of its own that no state followed."""
        return stored is not None and stored.seq > (self._previous.seq if self._previous else 0)

    def _reject(self, rows: Sequence[Rejected], *, is_all: bool, names: Sequence[str] = ()) -> None:
        rejected.make(self._tables, self._table)
        rejected.put(self._staging, self._transaction.script, rows, is_all=is_all, objects=names)
