"""One scheduled query as the `.sql` file of a table: its name, what its header says, and what could not be told.

Nothing is written here. A file that is not refused is either whole, and then known to load, or names in its place what
its SQL does not tell.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sg_assets.freshness.graph import Graph, GraphError, check_promises
from sg_assets.promise import DAILY
from sg_assets.scheduled_queries import origins
from sg_assets.scheduled_queries.audit import SERVICE_ACCOUNTS, owner_of, projects_of
from sg_assets.scheduled_queries.body import ONE_DAY, Body, Refused, body_of
from sg_assets.scheduled_queries.header import text_of
from sg_assets.scheduled_queries.partition import obstacle
from sg_assets.scheduled_queries.schedule import ScheduleError, cron_of
from sg_assets.scheduled_queries.shape import Shape, ShapeError, shape_of
from sg_assets.scheduled_queries.windows import promise_for
from sg_assets.sql_file import read_sql_file
from sg_assets.sql_header import SqlFileError
from sg_assets.table import Input, Table
from sg_assets.warehouse import dialect

_TABLE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")
OWNER = "team:analytics"
APPENDED = "select all of its rows at once, or keep what it gives each day with `snapshot: day`"
NOBODY = "no source and no .sql file defines it; declare it in a source (`watched`, where another system writes it)"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody says of an import because the scheduled query does not: all may be left out."""

    table: str = ""
    cron: str = ""
    key: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be written: `table` is its name, `declared` what it declares, None where something could not be told.

    `missing` says what that is; `remarks` is what is worth knowing of a file that is whole.
    """

    table: str
    text: str
    reads: tuple[str, ...]
    declared: Table | None
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class Unknown(Refused):
    """It reads tables that nobody declares: `tables`."""

    def __init__(self, tables: Sequence[str], written_by: Mapping[str, str]) -> None:
        """Say what to do about them: `written_by` names the scheduled queries that write tables."""
        told = (
            f"{one}: " + (f"import {written_by[one]} first, which writes it" if one in written_by else NOBODY)
            for one in tables
        )
        super().__init__(f"reads what is not defined here: {'; '.join(told)}")
        self.tables = tuple(tables)


def draft(  # noqa: PLR0913, PLR0917 (all that it depends on)
    config: Mapping[str, Any],
    project: str,
    graph: Graph,
    wishes: Wishes,
    written_by: Mapping[str, str],
    shown: Mapping[str, Table] = MappingProxyType({}),
) -> Draft:
    """The file that a scheduled query becomes.

    Args:
        config: the configuration, as the API tells it.
        project: id of the analytics project.
        graph: the tables that there are.
        wishes: what is said beside it.
        written_by: for tables that scheduled queries write, which do.
        shown: for tables that other systems fill (`project.dataset.table`), which of ours shows it.

    Raises:
        Refused: it cannot be a table as it is; `Unknown` where it reads tables that are not declared.
    """
    params = config.get("params") or {}
    name, day_of_run = target(config, wishes)
    body = body_of(
        str(params.get("query") or ""),
        projects_of(config, project),
        takes_run_date=not day_of_run,
        shown={theirs: table.name for theirs, table in shown.items()},
    )
    others = {theirs: graph[ours] for theirs, ours in body.others}
    if not name:
        msg = "writes no table: say which one with --as"
        raise Refused(msg)
    if day_of_run:
        msg = f"writes {name} by {day_of_run}: {ONE_DAY}"
        raise Refused(msg)
    if params.get("write_disposition") == "WRITE_APPEND":
        msg = f"adds rows to {name}, where a table here is what its SQL gives: {APPENDED}"
        raise Refused(msg)
    if name in body.reads:
        msg = f"reads {name}, the table that it writes: history comes from `snapshot: day`, or from a source"
        raise Refused(msg)
    if unknown := [table for table in body.reads if table not in graph.tables]:
        raise Unknown(unknown, written_by)
    inputs = {table: graph[table] for table in body.reads}
    origins.refuse_other_columns(body.sql, others.values())
    shape = _shape(body, tuple(inputs.values()), origins.advice(others.values()))
    cron, cron_remark = _cron(config, wishes)
    partition, partition_remark = _partition(params.get("partitioning_field"), shape, body, inputs)
    owner, owner_remark = _owner(config, wishes)
    key = wishes.key or shape.key
    missing = tuple(_missing(shape, key))
    table = _table(name, owner, key, inputs)
    try:
        promise = promise_for(cron, table, graph)
    except ValueError as error:
        raise Refused(str(error)) from error
    title = str(config.get("displayName") or name)
    was = f"Was a scheduled query of BigQuery, `{title}`, which ran {config.get('schedule') or 'when somebody asked'}."
    text = text_of(
        description=(f"{title.rstrip('.')}." if title != name else name, was),
        owner=owner,
        promise=promise,
        key=key,
        partition=partition,
        columns=shape.columns,
        sql=body.sql,
    )
    key_remark = f"key ({', '.join(key)}): a row in which one of them is null stops the build" if key else ""
    remarks = (
        *body.remarks,
        *origins.remarks(others),
        key_remark,
        cron_remark,
        owner_remark,
        partition_remark,
        _not_on_duckdb(shape),
    )
    declared = None if missing else _loaded(name, text, graph)
    return Draft(name, text, body.reads, declared, missing, tuple(filter(None, remarks)))


def target(config: Mapping[str, Any], wishes: Wishes) -> tuple[str, str]:
    """The name of the table, empty where it has none, and what each run fills in there, such as `$20260101`.

    Raises:
        Refused: its name cannot be kept.
    """
    template = str((config.get("params") or {}).get("destination_table_name_template") or "")
    written, dollar, partition = template.partition("$")
    filled_in = f"{dollar}{partition}" or "".join(re.findall(r"\{[^}]*\}", written))
    dataset = str(config.get("destinationDatasetId") or "")
    name = wishes.table or (f"{dataset}.{written}" if dataset and written else "")
    if not name:
        return "", filled_in
    plain = re.sub(r"[_-]?\{[^}]*\}", "", name)
    if not _TABLE.fullmatch(plain) or plain.startswith(("raw_", "sg_ops.")):
        msg = f"writes {name}; a table is dataset.table in lower case, neither raw_* nor sg_ops: say which with --as"
        raise Refused(msg)
    return plain, filled_in


def _shape(body: Body, inputs: Sequence[Table], advice: str) -> Shape:
    try:
        shape = shape_of(body.sql, inputs)
    except ShapeError as error:
        msg = f"{error}{advice}"
        raise Refused(msg) from error
    names = [column.name for column in shape.columns]
    if wrong := [name for name in names if not _COLUMN.fullmatch(name) or names.count(name) > 1]:
        msg = f"its columns {', '.join(wrong)} need a name of their own in lower case: write `as …` in its SQL"
        raise Refused(msg)
    return shape


def _cron(config: Mapping[str, Any], wishes: Wishes) -> tuple[str, str]:
    if wishes.cron:
        return wishes.cron, ""
    known = config.get("nextRunTime") or (config.get("scheduleOptions") or {}).get("startTime")
    try:
        found = cron_of(str(config.get("schedule") or ""), datetime.fromisoformat(known) if known else None)
    except ScheduleError as error:
        raise Refused(str(error)) from error
    return found.line, found.remark


def _partition(field: object, shape: Shape, body: Body, inputs: Mapping[str, Table]) -> tuple[str | None, str]:
    if not field:
        return None, ""
    why = obstacle(shape, str(field), inputs, reads_current_date=dialect.reads_current_date(body.sql))
    return (None, f"was partitioned by {field}; here it is built whole, since {why}") if why else (str(field), "")


def _owner(config: Mapping[str, Any], wishes: Wishes) -> tuple[str, str]:
    owner = owner_of(config)
    if wishes.owner:
        return wishes.owner, ""
    if owner is None or owner.lower().endswith(SERVICE_ACCOUNTS):
        return OWNER, f"{owner or 'nobody that is told'} owned it: {OWNER} does now (--owner says another)"
    return owner, ""


def _missing(shape: Shape, key: Sequence[str]) -> Iterable[str]:
    if not key:
        yield "key: the columns by which rows are unique (--key)"
    names = {column.name for column in shape.columns}
    if wrong := [name for name in key if name not in names]:
        msg = f"--key {', '.join(wrong)}: it has the columns {', '.join(sorted(names))}"
        raise Refused(msg)
    yield from (f"type of the column {column.name}" for column in shape.columns if column.type is None)


def _not_on_duckdb(shape: Shape) -> str:
    return f"cannot be built on DuckDB: {shape.remark}" if shape.remark else ""


def _table(name: str, owner: str, key: Sequence[str], inputs: Iterable[str]) -> Table:
    """The table as far as its promise depends on it."""
    read = tuple(Input(one) for one in inputs)
    return Table(name, "", owner, (), tuple(key), DAILY, Path(f"{name.replace('.', '/')}.sql"), inputs=read)


def _loaded(name: str, text: str, graph: Graph) -> Table:
    """What the file declares, read as it will be read.

    Raises:
        Refused: it would not load.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        file = root / f"{name.replace('.', '/')}.sql"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
        try:
            table = read_sql_file(file, root)
            check_promises(Graph.of([*(one for one in graph if one.name != name), table]))
        except (SqlFileError, GraphError) as error:
            raise Refused(str(error).replace(f"{folder}/", "")) from error
    return table
