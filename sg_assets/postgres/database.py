"""Reading a Postgres database: read-only, columnar, every table of a run as of one instant.

One connection holds a snapshot for as long as the run goes on; each table is read by a connection of its own, which
takes that snapshot over (https://www.postgresql.org/docs/current/functions-admin.html, pg_export_snapshot). So tables
agree with one another, and an error in one does no harm to the others. Rows come by COPY in binary form, through ADBC,
and stay Arrow. What is read is the source's; nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sg_assets.columns import Column, arrow_schema
from sg_assets.http import SourceError
from sg_assets.http.answers import redacted
from sg_assets.postgres.errors import SNAPSHOT_GONE, meaning

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_manager.dbapi import Connection, Cursor

    from sg_assets.http.quota import Quota

SCHEMES = ("postgres", "postgresql")
LOCAL = {"localhost", "127.0.0.1", "::1"}
CONNECT_SECONDS = 10
SETTINGS = {
    "statement_timeout": "15min",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "2h",  # of the snapshot's holder, should this machine vanish during a run
    "timezone": "UTC",
}
TYPES = {
    "STRING": "text",
    "INT64": "bigint",
    "FLOAT64": "float8",
    "NUMERIC": "text",  # the driver has no decimals
    "BOOL": "boolean",
    "DATE": "date",
    "DATETIME": "timestamp",
    "TIMESTAMP": "timestamptz",
    "JSON": "text",
}
"""What each declared type is asked for as."""


class Database:
    """A database during one run. Nothing is opened before the first question; `close` ends the snapshot.

    Args:
        url: `postgresql://…` as libpq takes it, with its options; over a network it asks for TLS unless it says how.
        name: the source, as errors call it.
    """

    def __init__(self, url: str, *, name: str) -> None:
        """Keep the address."""
        self.name = name
        self.calls = 0
        self.patience = float(CONNECT_SECONDS)
        self.quota: Quota | None = None
        self._url = url
        self._holder: Connection | None = None
        self._snapshot = ""
        self._idle: list[Connection] = []  # they see the snapshot, and wait for the next question

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Give the snapshot back; the next question takes a new one."""
        found, self._idle, self._holder = [*self._idle, *([self._holder] if self._holder else [])], [], None
        for connection in found:
            import adbc_driver_manager

            with suppress(adbc_driver_manager.Error):  # the server may be gone, and with it the snapshot
                connection.close()

    def read(
        self, table: str, columns: Sequence[Column], *, where: str = "", order_by: str = "", limit: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a table, in batches of the declared columns and types.

        Args:
            table: as the database knows it, and as errors call it.
            columns: the only ones that are asked for.
            where: a condition on the rows.
            order_by: columns in whose order they come.
            limit: how many at most.

        Raises:
            SourceError: it could not be read; with the HTTP status that says the same where a retry would not help.
        """
        condition = f" where {where}" if where else ""
        order = f" order by {order_by}" if order_by else ""
        query = f"select {selected(columns)} from {table}{condition}{order}"
        yield from self.ask(table, query, columns, limit=limit)

    def ask(
        self, table: str, query: str, columns: Sequence[Column], *, limit: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The answer to a query, in batches; its columns have these types. `table` is what errors call it.

        Raises:
            SourceError: see `read`.
        """
        import pyarrow as pa

        schema = arrow_schema(tuple(columns))
        with self._told(table), self._reader(table) as connection, closing(connection.cursor()) as cursor:
            self.calls += 1
            cursor.execute(query if limit is None else f"{query} limit {int(limit)}")
            for batch in cursor.fetch_record_batch():
                arrays = [array.cast(f.type) for array, f in zip(batch.columns, schema, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    @contextmanager
    def _reader(self, table: str) -> Generator[Connection]:
        """A connection that sees what the run's snapshot saw; it serves again when its answer was read to the end."""
        connection = self._waiting() or self._connected_reader(table)
        with ExitStack() as undo:
            undo.callback(connection.close)
            yield connection
            if self._holder is not None:
                undo.pop_all()
                self._idle.append(connection)

    def _waiting(self) -> Connection | None:
        """One that has served, where it is still there."""
        import adbc_driver_manager

        while self._idle:
            connection = self._idle.pop()
            with suppress(adbc_driver_manager.Error), closing(connection.cursor()) as cursor:
                cursor.execute("select 1")
                return connection
            with suppress(adbc_driver_manager.Error):
                connection.close()
        return None

    def _connected_reader(self, table: str) -> Connection:
        import adbc_driver_manager

        if self._holder is None:
            self._hold()
        with ExitStack() as undo:
            connection = undo.enter_context(closing(self._connect()))
            with closing(connection.cursor()) as cursor:
                _begin(cursor)
                try:
                    cursor.execute(f"set transaction snapshot {_text(self._snapshot)}")
                except adbc_driver_manager.Error as error:
                    self.close()  # a next try takes a new snapshot
                    if error.sqlstate != SNAPSHOT_GONE:
                        raise
                    came = "the connection that held the run's snapshot was lost"
                    raise SourceError(self.name, f"read {table}", came, "A next try begins a new one.") from error
            undo.pop_all()
            return connection

    def _hold(self) -> None:
        """Take the snapshot."""
        holder = self._connect()
        with closing(holder.cursor()) as cursor:
            _begin(cursor)
            self.calls += 1
            cursor.execute("select pg_export_snapshot()")
            row = cursor.fetchone()
        if row is None:
            raise AssertionError  # a function gives a row
        self._holder, self._snapshot = holder, str(row[0])

    def _connect(self) -> Connection:
        from adbc_driver_postgresql import dbapi

        url = with_options(self._url, self.patience)
        return dbapi.connect(url, autocommit=True)  # we begin by ourselves

    @contextmanager
    def _told(self, table: str) -> Generator[None]:
        """Turn the errors of the database and of its driver into one that says what to do."""
        import adbc_driver_manager
        import pyarrow as pa

        try:
            yield
        except (adbc_driver_manager.Error, OSError, pa.ArrowException) as error:
            found = meaning(str(error))
            raise SourceError(self.name, f"read {table}", self._safe(found.came), found.advice, found.status) from None

    def _safe(self, text: str) -> str:
        parts = urlsplit(self._url)
        passwords = [parts.password, *(value for name, value in parse_qsl(parts.query) if name == "password")]
        return redacted(text, [self._url, *(form for one in passwords if one for form in (one, unquote(one)))])


def selected(columns: Sequence[Column]) -> str:
    """The select list that gives declared columns under their names and types, whatever the database calls its own.

    Text of any kind (citext, uuid) comes as text, JSON as its text. An infinite time, which no warehouse has, is null,
    and so is a null inside an array left out.
    """
    return ", ".join(f"{expression(column)} as {quoted(column.name)}" for column in columns)


def with_options(url: str, patience: float) -> str:
    """An address of libpq with our name, a time-out, and TLS where it leads over a network and says nothing of it.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    ours = {"application_name": "sg-assets", "connect_timeout": str(max(2, round(patience)))}
    host = given.get("host") or parts.hostname or ""
    if not (host in LOCAL or host.startswith("/")):
        ours["sslmode"] = "require"
    return parts._replace(query=urlencode({**ours, **given}, quote_via=quote)).geturl()


def _begin(cursor: Cursor) -> None:
    """Begin to read: nothing can be written, and everything is as of one instant."""
    cursor.execute("begin transaction isolation level repeatable read, read only")
    for name, value in SETTINGS.items():
        cursor.execute(f"set local {name} = {_text(value)}")


def expression(column: Column) -> str:
    """A column of the database as a value of the declared type."""
    name = quoted(column.name)
    if column.is_array:
        return f"array_remove({name}::{TYPES[column.element_type]}[], null)"
    if column.type in {"TIMESTAMP", "DATETIME", "DATE"}:
        return f"case when isfinite({name}) then {name}::{TYPES[column.type]} end"
    return f"{name}::{TYPES[column.type]}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"  # as it is where standard_conforming_strings is on, which is usual


def quoted(name: str) -> str:
    """An identifier of Postgres."""
    return '"' + name.replace('"', '""') + '"'
