"""How the operations store is reached: a SQLite file, or a Postgres that other programs use, too.

What differs between the two is here, and nowhere else: how a connection is made, tables are created by several
processes at once, rows are put in place of others, times and words are kept. The tables are in `operations_tables.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateSchema
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30
"""How long a process waits for another one's write; writes take milliseconds."""
POSTGRES = "postgresql"
DRIVER = "postgresql+psycopg2"
"""The driver that Dagster's own storage brings; SQLAlchemy would take another one by itself."""
SCHEMA = "sg_ops"
"""The schema of our tables in a Postgres, where Dagster has tables of its own."""
MAKING = "making the tables"


class UtcTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC outside, without its zone inside, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is stored.

        Raises:
            ValueError: the instant has no time zone.
        """
        if value is not None and value.tzinfo is None:
            msg = f"{value.isoformat()} has no time zone"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What was stored."""
        return None if value is None else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text that may come from outside: without the character NUL, which Postgres does not take."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What is stored."""
        return None if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def with_driver(url: str) -> str:
    """The URL of a Postgres with the driver that is installed; any other URL as it is."""
    scheme, separator, rest = url.partition("://")
    return f"{DRIVER}://{rest}" if separator and scheme == POSTGRES else url


def engine_of(url: str) -> Engine:
    """An engine for the store at a SQLAlchemy URL; connects when first used."""
    if url.startswith(POSTGRES):
        # A connection that the server closed meanwhile is noticed before it is used: our processes live for weeks.
        options = {"schema_translate_map": {None: SCHEMA}}
        return create_engine(with_driver(url), pool_pre_ping=True, execution_options=options, hide_parameters=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _let_readers_and_a_writer_meet)
    return engine


def _let_readers_and_a_writer_meet(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own type)
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.close()


def make(engine: Engine, metadata: MetaData, tables: Sequence[Table] | None = None) -> None:
    """Create the tables that are missing (None: all); several processes may do so at once."""
    with engine.begin() as connection:
        if _is_postgres(connection):  # there two that look and then create would meet
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{SCHEMA}: {MAKING}"))))
            if not inspect(connection).has_schema(SCHEMA):
                connection.execute(CreateSchema(SCHEMA))
        metadata.create_all(connection, tables=tables)


@contextmanager
def only_one(engine: Engine, name: str) -> Generator[bool]:
    """Whether nobody else on any machine is inside the block of this name; a SQLite file is not on several machines."""
    if engine.dialect.name != POSTGRES:
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # ends with the block, instead of going on with the lock in the pool
        yield bool(connection.execute(select(func.pg_try_advisory_lock(func.hashtext(f"{SCHEMA}: {name}")))).scalar())


def upserting(connection: Connection, table: Table) -> Any:  # noqa: ANN401 (the insert of either kind)
    """An insert into a table that can say what is done with a key that is there."""
    kind: Any = postgresql if _is_postgres(connection) else sqlite
    return kind.insert(table)


def put(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    only_if_newer: str | None = None,
    keep: bool = False,
) -> None:
    """Insert rows; where the key is there, put them in place, unless to `keep` it or `only_if_newer` is not greater."""
    statement = upserting(connection, table)
    key = [column.name for column in table.primary_key.columns]
    if keep:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    else:
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=key,
            set_={column.name: new[column.name] for column in table.columns if column.name not in key},
            where=None if only_if_newer is None else table.c[only_if_newer] < new[only_if_newer],
        )
    # In one order, so that two who put the same rows at once wait for each other, and not each for the other.
    connection.execute(statement, sorted(rows, key=lambda row: [str(row[name]) for name in key]))


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == POSTGRES
