"""The operations store: what every process may read at any time, while a run writes the warehouse.

Copies of the warehouse's states, when tables and sources were first met, failed tries, heartbeats, notes; what the
watch remembers is in `operations_incidents.py`. It decides nothing: planner, evaluator and sensors do.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Table, case, delete, select, update

from sg_assets import operations_tables as store
from sg_assets.api_calls import ApiCalls
from sg_assets.durations import Durations
from sg_assets.forgetting import forget
from sg_assets.freshness.notes import Note
from sg_assets.operations_engine import only_one, put, upserting
from sg_assets.operations_incidents import WatchBook
from sg_assets.outbox import Outbox
from sg_assets.settled import Settled
from sg_assets.warehouse.state import TableState


@dataclass(frozen=True, slots=True)
class Attempt:
    """Failed tries of a table.

    `count` are those in a row with the same `fingerprint` (of code and input versions); `come_back_at` is when the
    vendor said to try again, if it did; `reason` why the last one failed.
    """

    fingerprint: str
    count: int
    last_at: datetime
    come_back_at: datetime | None
    reason: str


class Operations:
    """The store at a SQLAlchemy URL (`sqlite:////path/operations.sqlite`, `postgresql://…`); made where it is missing.

    Times are given and taken in UTC with their zone. Threads may share one.
    """

    def __init__(self, url: str) -> None:
        """Connect, and create what is missing."""
        self._engine = store.connect(url)
        self._known: dict[tuple[str, str], TableState] = {}

    @cached_property
    def api_calls(self) -> ApiCalls:
        """How often outside systems were asked."""
        return ApiCalls(self._engine)

    @cached_property
    def durations(self) -> Durations:
        """How long steps took."""
        return Durations(self._engine)

    @cached_property
    def outbox(self) -> Outbox:
        """Messages, and how far each got."""
        return Outbox(self._engine)

    @cached_property
    def watch_book(self) -> WatchBook:
        """How tables stood, what changed when, and incidents."""
        return WatchBook(self._engine, self.outbox)

    @cached_property
    def settled(self) -> Settled:
        """Whether something is left to be put right."""
        return Settled(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def forget(self, before: datetime) -> Mapping[str, int]:
        """Remove history that was over before an instant; gives how many rows of each table were."""
        return forget(self._engine, before)

    def only_one(self, name: str) -> AbstractContextManager[bool]:
        """Whether nobody else who has this store, on any machine, is inside a block of this name."""
        return only_one(self._engine, name)

    def copy_states(self, warehouse_id: str, states: Mapping[str, TableState]) -> None:
        """Keep copies of a warehouse's states; of each table only what is newer than its copy."""
        seqs = self._seqs(warehouse_id)
        if newer := [state for name, state in states.items() if state.seq > seqs.get(name, 0)]:
            self._put_states(warehouse_id, newer)

    def copy_state(self, warehouse_id: str, state: TableState) -> None:
        """Keep a copy of a state that was just written, unless that of a newer one is there."""
        self._put_states(warehouse_id, [state])

    def _put_states(self, warehouse_id: str, states: Sequence[TableState]) -> None:
        rows = [
            {
                "warehouse_id": warehouse_id,
                "table_name": state.table,
                "seq": state.seq,
                "document": store.to_document(state),
            }
            for state in states
        ]
        with self._engine.begin() as connection:
            put(connection, store.warehouse_state, rows, only_if_newer="seq")
        self._known |= {(warehouse_id, state.table): state for state in states}  # until the store has a newer one

    def states(self, warehouse_id: str) -> dict[str, TableState]:
        """The copies of a warehouse's states, each equal to the original."""
        table = store.warehouse_state
        seqs = self._seqs(warehouse_id)
        changed = [
            name
            for name, seq in seqs.items()
            if (known := self._known.get((warehouse_id, name))) is None or known.seq != seq
        ]
        if changed:
            wanted = select(table.c.table_name, table.c.document).where(table.c.warehouse_id == warehouse_id)
            if len(changed) == 1:
                wanted = wanted.where(table.c.table_name == changed[0])
            with self._engine.connect() as connection:
                documents = dict(connection.execute(wanted).all())
            for name in changed:
                self._known[warehouse_id, name] = store.from_document(documents[name])
        return {name: self._known[warehouse_id, name] for name in sorted(seqs)}

    def _seqs(self, warehouse_id: str) -> dict[str, int]:
        table = store.warehouse_state
        wanted = select(table.c.table_name, table.c.seq).where(table.c.warehouse_id == warehouse_id)
        with self._engine.connect() as connection:
            return dict(connection.execute(wanted).all())

    def first_seen(self, tables: Iterable[str], now: datetime) -> dict[str, datetime]:
        """When each of these tables was first asked about here: now, for those never seen before."""
        wanted = set(tables)
        known = self._first(store.table_seen, wanted, now)
        return {name: at for name, at in known.items() if name in wanted}

    def connected_once(self, sources: Iterable[str], now: datetime) -> dict[str, datetime]:
        """Every source that was ever connected, and since when; `sources` are those connected now."""
        return self._first(store.source_connected, set(sources), now)

    def _first(self, table: Table, names: Collection[str], now: datetime) -> dict[str, datetime]:
        column = next(iter(table.primary_key.columns))
        everything = select(column, table.c.first_at)
        with self._engine.connect() as connection:
            known: dict[str, datetime] = dict(connection.execute(everything).all())
        if unseen := [name for name in names if name not in known]:
            with self._engine.begin() as connection:
                put(connection, table, [{column.name: name, "first_at": now} for name in sorted(unseen)], keep=True)
                known = dict(connection.execute(everything).all())
        return known

    def record_try(
        self, table: str, fingerprint: str, now: datetime, come_back_at: datetime | None = None, reason: str = ""
    ) -> None:
        """Count the try of the run of `now`, once however often it is told; anew when the fingerprint is another.

        `reason` is why it failed; without one, that is not known (yet), or it went well and led to nothing.
        """
        failed = store.attempt.c
        row = {
            "table_name": table,
            "fingerprint": fingerprint,
            "tries": 1,
            "last_at": now,
            "come_back_at": come_back_at,
            "reason": reason,
        }
        with self._engine.begin() as connection:
            statement = upserting(connection, store.attempt)
            new = statement.excluded
            again = failed.tries + case((failed.last_at == new.last_at, 0), else_=1)
            counted = {"tries": case((failed.fingerprint == new.fingerprint, again), else_=1)}
            told = {name: new[name] for name in ("fingerprint", "last_at", "come_back_at", "reason")}
            connection.execute(statement.on_conflict_do_update(index_elements=["table_name"], set_=counted | told), row)

    def clear_attempts(self, tables: Collection[str] | None) -> None:
        """Forget the failed tries of some tables, or (None) of all."""
        forget = delete(store.attempt)
        with self._engine.begin() as connection:
            if tables is None:
                connection.execute(forget)
            else:
                for table in tables:
                    connection.execute(forget.where(store.attempt.c.table_name == table))

    def attempts(self) -> dict[str, Attempt]:
        """The failed tries of every table whose last try failed."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(store.attempt)).all()
        return {
            row.table_name: Attempt(row.fingerprint, row.tries, row.last_at, row.come_back_at, row.reason)
            for row in rows
        }

    def beat(self, name: str, now: datetime) -> None:
        """Say that a sensor or process is alive."""
        with self._engine.begin() as connection:
            put(connection, store.heartbeat, [{"name": name, "beat_at": now}])

    def heartbeats(self) -> dict[str, datetime]:
        """When each was last alive."""
        with self._engine.connect() as connection:
            return dict(connection.execute(select(store.heartbeat)).all())

    def add_note(self, tables: Sequence[str], author: str, reason: str, start: datetime, until: datetime) -> Note:
        """Publish a note.

        Raises:
            ValueError: it names no table, no author or no reason, or ends before it starts.
        """
        draft = Note("new", tuple(tables), author, reason, start, until)
        row = {
            "tables": json.dumps(draft.tables),
            "author": author,
            "reason": reason,
            "start": start,
            "until": until,
        }
        with self._engine.begin() as connection:
            made = connection.execute(store.note.insert().values(row).returning(store.note.c.id)).scalar_one()
        return Note(str(made), draft.tables, author, reason, start, until)

    def notes(self) -> list[Note]:
        """Every note, ended and expired ones too, in the order in which they were written."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(store.note).order_by(store.note.c.id)).all()
        return [
            Note(str(row.id), tuple(json.loads(row.tables)), row.author, row.reason, row.start, row.until, row.ended_at)
            for row in rows
        ]

    def end_note(self, note_id: str, now: datetime) -> bool:
        """End a note before its time; says whether there was one to end."""
        if not note_id.isdecimal():
            return False
        with self._engine.begin() as connection:
            ended = connection.execute(
                update(store.note)
                .where(store.note.c.id == int(note_id), store.note.c.ended_at.is_(None))
                .values(ended_at=now)
            )
        return ended.rowcount > 0
