"""Landing pulled rows in BigQuery: merge, window, snapshot, replace, and a whole table anew.

What would change is worked out first, into a staged table: rows with what is to be done with each. So the rows that
will be there can be counted and judged before anything is published, and only what changes is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sg_assets.source import DELETED_AT
from sg_assets.table import Mode, Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import what
from sg_assets.warehouse.contract import Landing
from sg_assets.warehouse.transitions import refuse_shrunk, rejected_keys

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_staging import Delivered, Staging
    from sg_assets.warehouse.bigquery_tables import Stored

CHANGE = "_sg_change"
"""The column of staged changes that says what is to be done with a row."""
NEW, OTHER, GONE = "new", "other", "gone"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a landing changes: the staged table that says it (None: nothing), and how many rows of each kind.

    `before` is how many rows the table had.
    """

    relation: str | None
    before: int
    new: int
    other: int
    gone: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.new + self.other + self.gone


def found(staging: Staging, landing: Landing, delivered: Delivered) -> Changes:
    """What changes when delivered rows are brought into the table, by key."""
    jobs, table = staging.jobs, staging.table
    script = sql.Script()
    parts = _parts(jobs, script, table, landing, delivered)
    query = " union all ".join(parts)
    mark = what(query, [parameter.to_api_repr() for parameter in script.parameters])
    relation = staging.select("changes", mark, query, script.parameters)
    before = f"select '', count(*) from {sql.quoted_table(jobs.settings, table.name)}"
    counted = f"select {CHANGE}, count(*) from {relation} group by {CHANGE} union all {before}"
    rows = {str(kind): int(str(count)) for kind, count in jobs.run(counted, table=table.name)}
    new, other, gone = (rows.get(kind, 0) for kind in (NEW, OTHER, GONE))
    return Changes(relation if new or other or gone else None, rows.get("", 0), new, other, gone)


def _parts(jobs: Jobs, script: Script, table: Table, landing: Landing, delivered: Delivered) -> list[str]:
    columns = [column.name for column in table.columns]
    target, key = f"{sql.quoted_table(jobs.settings, table.name)} as t", sql.same_key(table.key, "t", "s")
    came = f"{delivered.relation} as s"
    missing = f"not exists (select 1 from {came} where {key})"
    others = [column for column in table.columns if column.name not in table.key]
    is_new = f"not exists (select 1 from {target} where {key})"
    parts = [f"select {sql.names(columns, 's.')}, '{NEW}' as {CHANGE} from {came} where {is_new}"]
    if others:
        both = f"{came} join {target} on {key}"
        different = sql.differ(others, "t", "s")
        parts.append(f"select {sql.names(columns, 's.')}, '{OTHER}' as {CHANGE} from {both} where {different}")
    if table.mode is Mode.REPLACE:
        parts.append(f"select {sql.names(columns, 't.')}, '{GONE}' as {CHANGE} from {target} where {missing}")
    elif table.marks_deleted:
        deleted = sql.quoted(DELETED_AT.name)
        now = script.value("TIMESTAMP", landing.now)
        marked = [now if name == DELETED_AT.name else f"t.{sql.quoted(name)}" for name in columns]
        where = f"t.{deleted} is null and {missing} and {_did_not_come(script, table, landing)}"
        where = f"{where} and {complete(script, table, landing, 't.')}"
        parts.append(f"select {', '.join(marked)}, '{OTHER}' as {CHANGE} from {target} where {where}")
    return parts


def _did_not_come(script: Script, table: Table, landing: Landing) -> str:
    """The condition that a row is not among those that came and did not fit: what was good of it stays."""
    keys = rejected_keys(table, landing)
    if keys is None:
        return "false"
    if not keys:
        return "true"
    own = ", ".join(f"cast(t.{sql.quoted(name)} as string)" for name in table.key)
    return f"array_to_string([{own}], chr(31)) not in unnest({script.values('STRING', map(chr(31).join, keys))})"


def complete(script: Script, table: Table, landing: Landing, prefix: str = "") -> str:
    """The condition for the rows of which the delivery is all there are."""
    if table.mode is not Mode.WINDOW or landing.full:
        return "true"
    ranges = []
    for window in landing.covers:
        kind, name = table.column(window.column).type, f"{prefix}{sql.quoted(window.column)}"
        low, high = script.value(kind, window.low), script.value(kind, window.high)
        ranges.append(f"({name} >= {low} and {name} < {high})")
    return f"({' or '.join(ranges) or 'false'})"


def refuse_shrink(staging: Staging, landing: Landing, stored: Stored | None, delivered: Delivered) -> None:
    """Refuse what should be complete and lost over half of the live rows.

    Raises:
        ShrunkError: it did.
    """
    jobs, table = staging.jobs, staging.table
    if stored is None or landing.accept_shrink or (table.mode is Mode.MERGE and not landing.full):
        return
    script = sql.Script()
    alive = f"{sql.quoted(DELETED_AT.name)} is null" if DELETED_AT.name in stored.types else "true"
    old = f"select count(*) from {sql.quoted_table(jobs.settings, table.name)} where {alive}"
    new = f"select count(*) from {delivered.relation} where true"
    limited = complete(script, table, landing)
    counts = jobs.run(f"select ({old} and {limited}), ({new} and {limited})", script.parameters, table=table.name)
    (before, came) = (int(str(count)) for count in counts[0])
    refuse_shrunk(table, before, came)


def after(staging: Staging, changes: Changes) -> str:
    """The relation that the table will be."""
    target = sql.quoted_table(staging.jobs.settings, staging.table.name)
    columns = sql.names(column.name for column in staging.table.columns)
    if changes.relation is None:
        return f"(select {columns} from {target})"
    key = sql.same_key(staging.table.key, "t", "s")
    kept = f"select {columns} from {target} as t where not exists (select 1 from {changes.relation} as s where {key})"
    return f"({kept} union all select {columns} from {changes.relation} where {CHANGE} != '{GONE}')"


def merge(staging: Staging, script: Script, changes: Changes) -> None:
    """Add to a script what brings the changes into the table: rows that change go, and come as they are now."""
    target = sql.quoted_table(staging.jobs.settings, staging.table.name)
    columns = sql.names(column.name for column in staging.table.columns)
    if changes.other or changes.gone:
        same = sql.same_key(staging.table.key, "t", "s")
        old = f"select 1 from {changes.relation} as s where {same} and s.{CHANGE} != '{NEW}'"
        script.add(f"delete from {target} as t where exists ({old})")
    if changes.new or changes.other:
        new = f"select {columns} from {changes.relation} where {CHANGE} != '{GONE}'"
        script.add(f"insert into {target} ({columns}) {new}")


def replace_rows(staging: Staging, script: Script, relation: str) -> None:
    """Add to a script what puts the rows of a relation in place of all rows of a table of the same columns."""
    target = sql.quoted_table(staging.jobs.settings, staging.table.name)
    columns = sql.names(column.name for column in staging.table.columns)
    script.add(f"delete from {target} where true")
    script.add(f"insert into {target} ({columns}) select {columns} from {relation}")


def content(staging: Staging, relation: str) -> tuple[int, int]:
    """Row count and hash of a relation that has a table's columns."""
    ((rows, hashes),) = staging.jobs.run(
        f"select count(*), {sql.content_hash(staging.table.columns)} from {relation}", table=staging.table.name
    )
    return int(str(rows)), sql.as_hash(hashes)


def whole(staging: Staging, stored: Stored | None, delivered: Delivered) -> int:
    """How many rows change when delivered rows are put in place of the whole table, unless it holds just them."""
    if stored is not None and stored.has_columns(staging.table.columns):
        target = sql.quoted_table(staging.jobs.settings, staging.table.name)
        if content(staging, target) == content(staging, delivered.relation):
            return 0
    return max(1, delivered.rows)  # an emptied table changed too
