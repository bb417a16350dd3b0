"""Dagster's history in SQLite files, with connections that last: named in `dagster.yaml`, used by Dagster itself.

Dagster opens and closes two SQLite files for every event that it stores, and forgets all that SQLAlchemy compiled for
them, which makes an event cost seven milliseconds instead of two. A first refresh tells of a thousand days of tables
that are kept day by day, so that this was half of its time. Files, tables and rows are Dagster's own: without the line
in `dagster.yaml` the same history goes on, more slowly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import (  # noqa: TID251 (what is made faster here)
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS  # noqa: TID251 (as above)
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage  # noqa: TID251 (as above)
from sqlalchemy import Connection, Engine, create_engine, event

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData

MOST_OPEN = 8
"""How many files stay open: the index, and the runs that were told of last. Each run has a file of its own."""


class LastingConnections(SqliteEventLogStorage):
    """The event log, whose files stay open between two events."""

    _engines: OrderedDict[str, Engine]

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        """A transaction in the file of a run, or of the index; one thread at a time, as in the class above."""
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        engines = self.__dict__.setdefault("_engines", OrderedDict())
        engine: Engine | None = engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            event.listen(engine, "connect", _wait_less_for_the_disk)
        engines[shard] = engine
        while len(engines) > MOST_OPEN:
            _, oldest = engines.popitem(last=False)
            oldest.dispose()
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; that it has is asked once, and not for every event, from a file of its own."""
        known = self.__dict__.setdefault("_known_tables", set[str]())
        if table_name not in known and super().has_table(table_name):
            known.add(table_name)
        return table_name in known

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """Whether the table of assets has a column that was added once; that it has is asked once, too."""
        known = self.__dict__.setdefault("_known_columns", set[str]())
        if column_name not in known and super()._has_asset_key_col_on_connection(conn, column_name):
            known.add(column_name)
        return column_name in known

    def has_asset_key_col(self, column_name: str) -> bool:
        """The same, without a connection where it is known."""
        return column_name in self.__dict__.get("_known_columns", ()) or super().has_asset_key_col(column_name)

    def delete_events(self, run_id: str) -> None:
        """Forget a run's events, and remove the file that they were in."""
        super().delete_events(run_id)
        with self._db_lock:
            if (engine := self.__dict__.get("_engines", {}).pop(run_id, None)) is not None:
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for end in ("", "-shm", "-wal"):
                Path(f"{self.path_for_shard(run_id)}{end}").unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close the files."""
        for engine in self.__dict__.get("_engines", {}).values():
            engine.dispose()
        super().dispose()


def _wait_less_for_the_disk(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own type)
    """Say that an event need not be on the disk before the next one, only before it leaves the write-ahead log.

    Whoever is killed loses nothing; a machine that loses its power, the last events. What became of the tables is in
    the warehouse, of which the history is then told again. https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    cursor = connection.cursor()
    cursor.execute("pragma synchronous = normal")
    cursor.close()


class HistoryStorage(DagsterSqliteStorage):
    """All of Dagster's history below one folder, as its own SQLite storage keeps it."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Take up, or begin, the history below a folder."""
        super().__init__(base_dir, inst_data)
        plain = self._event_log_storage
        self._event_log_storage = LastingConnections(plain._base_dir)  # noqa: SLF001 (where its files are)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> HistoryStorage:  # noqa: ANN401
        """What `dagster.yaml` asks for."""
        return cls.from_local(inst_data=inst_data, **config_value)
