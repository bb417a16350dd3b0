"""A `.sql` file becomes a table: its path is the name, its header the declaration, its FROM the inputs.

Also the text that builds some days of a partitioned table. Text only: nothing here runs SQL; how a text becomes
DuckDB's is in `warehouse/dialect.py`, what the header may say in `sql_header.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets import day_snapshot
from sg_assets.day_snapshot import DAY_ON
from sg_assets.sql_header import Header, SqlFileError, read_header, split
from sg_assets.sql_reading import Reading, Readings
from sg_assets.table import Input, Table

if TYPE_CHECKING:
    from sqlglot import exp

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DAY = timedelta(days=1)


def read_all(root: Path, remembered: Path | None = None) -> list[Table]:
    """Every table below `root`, by name; `remembered` is where what the queries say is kept for the next process.

    Raises:
        SqlFileError: one of the files cannot be a table.
    """
    readings = Readings(remembered)
    tables = [read_sql_file(path, root, readings) for path in sorted(root.rglob("*.sql"))]
    readings.keep()
    return tables


def read_sql_file(path: Path, root: Path, readings: Readings | None = None) -> Table:
    """The table that `<root>/<dataset>/<table>.sql` declares.

    Raises:
        SqlFileError: the header or the query is not as it must be; the message names the file and says what to do.
    """
    name = _name(path, root)
    whole = path.read_text(encoding="utf-8")
    text, body = split(whole, path)
    header = read_header(text, path)
    in_place = "\n" * whole[: whole.rindex(body)].count("\n") + body  # so that complaints name the file's lines
    query = (readings or Readings()).of(body, lambda: _read(in_place, path))
    if (header.partition or header.is_day_snapshot) and query.reads_current_date:
        msg = f"{path}: a table of days cannot read CURRENT_DATE(); compare with a column of its inputs instead"
        raise SqlFileError(msg)
    day = DAY_ON.name if header.is_day_snapshot else header.partition
    return Table(
        name=name,
        description=header.description,
        owner=header.owner,
        columns=day_snapshot.columns(header.columns) if header.is_day_snapshot else header.columns,
        key=(DAY_ON.name, *header.key) if header.is_day_snapshot else header.key,
        promise=header.promise,
        file=path,
        inputs=_inputs(name, header, query.tables, path),
        partition=day,
        event_column=day,
        is_day_snapshot=header.is_day_snapshot,
        cluster=header.cluster,
        open_days=header.open_days,
        may_be_empty=not header.not_empty,
        max_bytes=header.max_bytes,
        code_version=_code_version(header, query),
        sql=body,
        reads_current_date=query.reads_current_date,
        tags=dict(header.tags),
    )


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    if len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):  # noqa: PLR2004
        msg = f"{path}: must be <dataset>/<table>.sql below {root}, in lower-case letters, digits and underscores"
        raise SqlFileError(msg)
    if parts[0].startswith("raw_") or parts[0] == "sg_ops":
        msg = f"{path}: the dataset {parts[0]} is not for derived tables; choose one that is neither raw_* nor sg_ops"
        raise SqlFileError(msg)
    return ".".join(parts)


def _read(sql: str, file: Path) -> Reading:
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    try:
        tree = dialect.parse(sql)
        dialect.refuse(sql)
        reads_current_date = dialect.reads_current_date(sql)
    except dialect.DialectError as error:
        msg = f"{file}: {error}"
        raise SqlFileError(msg) from error
    words = hashlib.sha256("\n".join(dialect.words(sql)).encode()).hexdigest()
    return Reading(_tables_read(tree, file), reads_current_date, words)


def _tables_read(tree: exp.Query, file: Path) -> tuple[str, ...]:
    """The names in FROM and JOIN that are no common table expression, in order of first appearance."""
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (as above)

    found: dict[str, None] = {}
    for table in dialect.tables(tree):
        if not table.db or table.catalog:
            msg = f"{file}: reads {table.sql('bigquery')}; write dataset.table, without a project"
            raise SqlFileError(msg)
        found[f"{table.db}.{table.name}"] = None
    return tuple(found)


def _inputs(name: str, header: Header, read: Sequence[str], file: Path) -> tuple[Input, ...]:
    for what, named in (("lookup", header.lookup), ("optional", header.optional), ("days", header.days)):
        for table in named:
            if table not in read:
                msg = f"{file}: {what} names {table}; the query reads {', '.join(read) or 'nothing'}"
                raise SqlFileError(msg)
    if header.days and not header.partition:
        msg = f"{file}: days is for partitioned tables; declare a partition or leave it out"
        raise SqlFileError(msg)
    if name in read:
        msg = f"{file}: reads itself; history comes from snapshots or from the vendor, never from a table's own past"
        raise SqlFileError(msg)
    for table in header.lookup & header.days.keys():
        msg = f"{file}: {table} is a lookup, which is read whole; leave it out of days"
        raise SqlFileError(msg)
    return tuple(
        Input(
            table,
            is_lookup=table in header.lookup,
            is_optional=table in header.optional,
            days=header.days.get(table, (0, 0)),
        )
        for table in read
    )


def _code_version(header: Header, query: Reading) -> str:
    """A mark of everything that decides the rows; comments, white space and documentation do not."""
    declared = {
        "sql": query.words,
        "columns": [(column.name, column.type) for column in header.columns],
        "key": header.key,
        "partition": header.partition,
        "days": sorted(header.days.items()),
        "open_days": header.open_days,
        **({"snapshot": "day"} if header.is_day_snapshot else {}),
    }
    return hashlib.sha256(json.dumps(declared).encode()).hexdigest()[:16]


def narrow(table: Table, graph: Mapping[str, Table], days: Sequence[date]) -> str:
    """BigQuery SQL that gives the rows of these days; of an unpartitioned table, its SQL as it is.

    `days` need not be contiguous. Lookups, and inputs without an event column, are read whole.
    """
    if table.partition is None:
        return table.sql
    windows: dict[str, str] = {}
    for wanted in table.inputs:
        event_column = graph[wanted.table].event_column
        if event_column and not wanted.is_lookup:
            first, last = wanted.days
            needed = {day + offset * _DAY for day in days for offset in range(first, last + 1)}
            type_ = graph[wanted.table].column(event_column).type
            windows[wanted.table] = _within(f"`{event_column}`", type_, needed)
    return (
        f"select *\nfrom (\n{_read_through(table.sql, windows)}\n) as built\n"
        f"where {_within(f'built.`{table.partition}`', 'DATE', days)}"
    )


def _read_through(sql: str, windows: Mapping[str, str]) -> str:
    """The SQL with each of these tables replaced, where it is named, by a subselect with this condition."""
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (as above)

    text = sql
    for place in sorted(dialect.places_of(sql), key=lambda place: place.start, reverse=True):
        condition = windows.get(place.table)
        if condition is not None:
            alias = "" if place.has_alias else f" as `{place.table.partition('.')[2]}`"
            within = f"(select * from {place.table} where {condition}){alias}"  # noqa: S608 (declared names)
            text = text[: place.start] + within + text[place.end :]
    return text


def _within(column: str, type_: str, days: Iterable[date]) -> str:
    """A condition that holds on these days, as few ranges as possible; days of a time are UTC's."""
    if type_ == "DATE":
        parts = [f"{column} between date '{first}' and date '{last}'" for first, last in _ranges(days)]
    elif type_ == "TIMESTAMP":
        parts = [
            f"{column} >= timestamp '{first} 00:00:00+00' and {column} < timestamp '{last + _DAY} 00:00:00+00'"
            for first, last in _ranges(days)
        ]
    else:
        msg = f"event column {column} is a {type_}; only a DATE or a TIMESTAMP has days"
        raise ValueError(msg)
    return "(" + " or ".join(f"({part})" for part in parts) + ")" if len(parts) > 1 else "".join(parts) or "false"


def _ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Unbroken ranges, first and last day included."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    breaks = [(a, b) for a, b in pairwise(ordered) if b - a > _DAY]
    firsts = [ordered[0], *(b for _, b in breaks)]
    lasts = [*(a for a, _ in breaks), ordered[-1]]
    return list(zip(firsts, lasts, strict=True))


def compile_sql(table: Table, graph: Mapping[str, Table], dialect_name: str) -> str:
    """The table's SQL as `bigquery` or `duckdb` reads it, for people; a comment says which days of inputs a day reads.

    CURRENT_DATE() stays what it is on BigQuery, and is a function that asks for a date on DuckDB.
    """
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (as above)

    days = [
        f"-- a day reads days {i.days[0]} to {i.days[1]} of {i.table}.{graph[i.table].event_column}"
        for i in table.inputs
        if table.partition and not table.is_day_snapshot and not i.is_lookup and graph[i.table].event_column
    ]
    text = table.sql if dialect_name == "bigquery" else dialect.to_duckdb(table.sql, is_pretty=True)
    return "\n".join([f"-- {table.name}", *days, text])
