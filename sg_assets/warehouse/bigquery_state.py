"""The tables of `sg_ops` in BigQuery: made, read, and what to write into them.

They only grow: two transactions that change the same table abort one another there, two that add to it do not
(https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency). So the newest row of a day or of an
object is the true one, and a table's state says from which of its numbers on rows count (`since_seq`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from google.cloud.bigquery import Table as BigQueryTable

from sg_assets.columns import Column
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import refusals
from sg_assets.warehouse.state import Change, PartitionState, TableState

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_staging import Staging
    from sg_assets.warehouse.bigquery_tables import Tables

DATASET = "sg_ops"
TABLE_STATE, PARTITION_STATE = f"{DATASET}.table_state", f"{DATASET}.partition_state"
LOADED_OBJECT, EVENT_DAY = f"{DATASET}.loaded_object", f"{DATASET}.event_day"
MOVED = "sg_assets: the table moved meanwhile"
"""What a script says that finds the table in another state than its writer did."""

_NAME = Column("table_name", "STRING", "Table, as dataset.table.")
_SEQ = Column("seq", "INT64", "Number of the table's state row, from 1, with which this was written.")
_ROWS = Column("row_count", "INT64", "Rows.")
_VERSION = Column("content_version", "STRING", "A mark that differs when the rows differ.")
_CODE = Column("code_version", "STRING", "Version of the code that wrote it.")
_INPUTS = Column("inputs", "STRING", "Marks of the inputs that it was built from, by table, as JSON.")
_BUILT_AT = Column("built_at", "TIMESTAMP", "When it was written.")
_DAY = Column("day", "DATE", "Day.")

_CHANGE = Column("change", "STRING", "What wrote the row.")
COLUMNS = {
    TABLE_STATE: (
        _NAME,
        _SEQ,
        _BUILT_AT,
        _ROWS,
        Column("data_through", "TIMESTAMP", "Up to when the table is complete; null before data has landed."),
        _VERSION,
        _CODE,
        _CHANGE,
        _INPUTS,
        Column("cursor", "STRING", "What the next delivery goes on from, as JSON."),
        Column("known_at", "TIMESTAMP", "How far the inputs reached of which a day was kept."),
        Column("is_carried", "BOOL", "Whether a day was kept later than it should have been."),
        Column("since_seq", "INT64", "Days and objects noted with a smaller number do not count."),
    ),
    PARTITION_STATE: (_NAME, _DAY, _SEQ, _BUILT_AT, _ROWS, _VERSION, _CODE, _INPUTS),
    LOADED_OBJECT: (
        _NAME,
        Column("object", "STRING", "Name of the object in its bucket."),
        _SEQ,
        Column("generation", "STRING", "Generation of the object."),
        Column("feed", "STRING", "Feed that it belongs to."),
        _DAY,
        Column("hour", "INT64", "Hour in its name, 0 to 23."),
        _ROWS,
        Column("rejected", "INT64", "Rows that did not fit."),
        Column("event_days", "STRING", "Rows by day of the event, as JSON."),
        _CODE,
    ),
    EVENT_DAY: (_NAME, _DAY, _SEQ, Column("mark", "STRING", "A mark of the day's rows; null: there are none.")),
}
_DESCRIPTIONS = {
    TABLE_STATE: "State of every table after each change of it.",
    PARTITION_STATE: "State of every day of tables that are kept day by day, after each change of it.",
    LOADED_OBJECT: "Objects that tables were loaded from, each time that they were.",
    EVENT_DAY: "Marks of the days of events of tables that are loaded from objects.",
}
_KEYS = {PARTITION_STATE: "day", LOADED_OBJECT: "object", EVENT_DAY: "day"}


def make(tables: Tables, jobs: Jobs) -> None:
    """Make what is missing of `sg_ops`."""
    for name, columns in COLUMNS.items():
        tables.make(name, columns, _DESCRIPTIONS[name], cluster=[_NAME.name])
    name = f"{TABLE_STATE}_current"
    view = BigQueryTable(sql.table_id(jobs.settings, name))
    view.view_query = current(jobs, TABLE_STATE)
    view.description = "State of every table as of now."
    with refusals(name):
        jobs.client.create_table(view, exists_ok=True)


def current(jobs: Jobs, name: str) -> str:
    """A query over a state table: of each table's day or object the newest row that counts."""
    source = sql.quoted_table(jobs.settings, name)
    newest = "qualify row_number() over (partition by {} order by t.seq desc) = 1"
    if name == TABLE_STATE:  # that an empty table was made does not count beside a landing in it
        by_change = newest.replace("t.seq desc", f"t.seq desc, t.change = '{Change.CREATE}'")
        return f"select t.* from {source} as t where true {by_change.format('t.table_name')}"
    state = sql.quoted_table(jobs.settings, TABLE_STATE)
    since = f"select table_name, max(since_seq) as since_seq from {state} group by table_name"
    return (
        f"select t.* from {source} as t join ({since}) as s on t.table_name = s.table_name "
        f"where t.seq >= s.since_seq {newest.format(f't.table_name, t.{_KEYS[name]}')}"
    )


def read(jobs: Jobs, table: str | None = None) -> dict[str, TableState]:
    """The newest state of every table that has one, or of one table, with its partitions and event days."""
    script = sql.Script()
    which = "true" if table is None else f"table_name = {script.value('STRING', table)}"

    def part(kind: str, name: str, **given: str) -> str:
        values = [given.get(c.name, f"cast(null as {c.type})") for c in (_DAY, *COLUMNS[TABLE_STATE])]
        return f"select {kind}, {', '.join(values)} from ({current(jobs, name)}) where {which}"

    own = {column.name: column.name for column in COLUMNS[TABLE_STATE]}
    days = {column.name: column.name for column in COLUMNS[PARTITION_STATE]}
    marks = {"table_name": "table_name", "day": "day", "content_version": "mark"}
    everything = (part("0", TABLE_STATE, **own), part("1", PARTITION_STATE, **days), part("2", EVENT_DAY, **marks))
    rows = jobs.run(" union all ".join(everything) + " order by 1, 3, 2", script.parameters, table=table or "")
    partitions: dict[str, dict[date, PartitionState]] = defaultdict(dict)
    event_days: dict[str, dict[date, str]] = defaultdict(dict)
    found: list[list[Any]] = []
    for kind, day, *values in rows:
        name, seq, built_at, count, _, content, code, _, inputs, *_ = cells = list[Any](values)
        if kind == 0:
            found.append(cells)
        elif kind == 1:
            state = PartitionState(day, seq, built_at, count, content, code, json.loads(inputs))  # pyrefly: ignore[bad-argument-type]
            partitions[name][state.day] = state
        elif content is not None:
            event_days[name][day] = content  # pyrefly: ignore[unsupported-operation]
    return {row[0]: _state(row, partitions[row[0]], event_days[row[0]]) for row in found}


def _state(row: Sequence[Any], partitions: Mapping[date, PartitionState], event_days: Mapping[date, str]) -> TableState:
    return TableState(
        table=row[0],
        seq=row[1],
        built_at=row[2],
        rows=row[3],
        data_through=row[4],
        content_version=row[5],
        code_version=row[6],
        change=Change(row[7]),
        inputs=json.loads(row[8]),
        cursor=None if row[9] is None else json.loads(row[9]),
        known_at=row[10],
        is_carried=row[11],
        partitions=partitions,
        event_days=event_days,
    )


def refuse_moved(jobs: Jobs, script: Script, table: str, seq: int) -> None:
    """Let a script fail, with nothing written, unless the table's newest state is the one of this number."""
    newest = f"select max(seq) from {sql.quoted_table(jobs.settings, TABLE_STATE)}"
    which = f"table_name = {script.value('STRING', table)}"
    is_there = f"ifnull(({newest} where {which}), 0) = {script.value('INT64', seq)}"
    script.add(f"select if({is_there}, true, error({sql.text(MOVED)}))")


def append(jobs: Jobs, script: Script, state: TableState, *, is_anew: bool) -> None:
    """Append a table's new state row; `is_anew`: what was noted of days and objects before does not count any more."""
    target = sql.quoted_table(jobs.settings, TABLE_STATE)
    name, seq = script.value("STRING", state.table), script.value("INT64", state.seq)
    since = seq if is_anew else f"ifnull((select max(since_seq) from {target} where table_name = {name}), 1)"
    values = [
        name,
        seq,
        script.value("TIMESTAMP", state.built_at),
        script.value("INT64", state.rows),
        script.value("TIMESTAMP", state.data_through),
        script.value("STRING", state.content_version),
        script.value("STRING", state.code_version),
        script.value("STRING", state.change.value),
        script.value("STRING", as_json(state.inputs)),
        script.value("STRING", None if state.cursor is None else as_json(state.cursor)),
        script.value("TIMESTAMP", state.known_at),
        script.value("BOOL", state.is_carried),
        since,
    ]
    columns = sql.names(column.name for column in COLUMNS[TABLE_STATE])
    script.add(f"insert into {target} ({columns}) select {', '.join(values)}")


def add_created(jobs: Jobs, new: Sequence[TableState]) -> None:
    """Append the states of tables that were made, unless somebody else has done so."""
    if not new:
        return
    script = sql.Script()
    since = COLUMNS[TABLE_STATE][-1]
    columns = (_NAME, _SEQ, _BUILT_AT, _ROWS, _VERSION, _CODE, _CHANGE, _INPUTS, since)
    rows = [
        (
            *(one.table, one.seq, sql.plain(one.built_at), one.rows, one.content_version, one.code_version),
            *(one.change.value, as_json(one.inputs), one.seq),
        )
        for one in new
    ]
    target = sql.quoted_table(jobs.settings, TABLE_STATE)
    names = sql.names(column.name for column in columns)
    there = f"select table_name from {target}"
    made = f"select {names} from {script.rows(columns, json.dumps(rows))} where table_name not in ({there})"
    jobs.run(f"insert into {target} ({names}) {made}", script.parameters)


def append_rows(staging: Staging, script: Script, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Append rows to one of the other state tables."""
    if rows:
        columns = sql.names(column.name for column in COLUMNS[name])
        target, new = sql.quoted_table(staging.jobs.settings, name), staging.rows(script, COLUMNS[name], rows)
        script.add(f"insert into {target} ({columns}) select {columns} from {new}")


def partition_rows(table: str, partitions: Iterable[PartitionState]) -> list[Mapping[str, object]]:
    """States of days as rows."""
    return [
        {
            "table_name": table,
            "day": one.day,
            "seq": one.seq,
            "built_at": one.built_at,
            "row_count": one.rows,
            "content_version": one.content_version,
            "code_version": one.code_version,
            "inputs": as_json(one.inputs),
        }
        for one in partitions
    ]


def as_json(value: Mapping[str, object]) -> str:
    """A mapping as text that is the same for equal ones."""
    return json.dumps(dict(value), sort_keys=True)
