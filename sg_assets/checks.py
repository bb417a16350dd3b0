"""`sound`, the check that every table has: judged on staged rows, before they are published.

Keys are present and unique, a table that may not be empty is not, and declared columns and types are those of the rows
(the warehouse refuses to stage others). More checks belong to a table only where its meaning asks for them, in
`tables/<dataset>/checks.py`; see `freshness/own_checks.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.source import EXTRA
from sg_assets.warehouse.contract import Soundness, Staged

if TYPE_CHECKING:
    from sg_assets.table import Table

SOUND = "sound"


def judge(table: Table, staged: Staged) -> Soundness:
    """What is wrong with rows about to be published as (part of) a table; `counts` has rows, repeated and null keys."""
    key = ", ".join(f"`{name}`" for name in table.key)
    a_part_is_null = " or ".join(f"`{name}` is null" for name in table.key)
    has_extra = EXTRA in table.columns
    extra = f"count({EXTRA.name})" if has_extra else "0"
    # Keys are counted with their rows, so that the rows are gone through once.
    ((rows, keys, null_keys, unknown),) = staged.rows(
        f"select coalesce(sum(sg_rows), 0), count(*), coalesce(sum(case when {a_part_is_null} then sg_rows end), 0), "  # noqa: S608 (our names)
        f"coalesce(sum(sg_extra), 0) from (select {key}, count(*) as sg_rows, {extra} as sg_extra "
        f"from {staged.relation} group by {key}) as keyed"
    )
    counts = {"rows": _int(rows), "repeated_keys": _int(rows) - _int(keys), "null_keys": _int(null_keys)}
    if has_extra:
        counts["rows_with_undeclared_fields"] = _int(unknown)
    problems = []
    if counts["repeated_keys"]:
        problems.append(f"{counts['repeated_keys']} rows repeat a key ({', '.join(table.key)})")
    if counts["null_keys"]:
        problems.append(f"{counts['null_keys']} rows have no key ({', '.join(table.key)})")
    if not counts["rows"] and not table.may_be_empty and _is_whole(table):
        problems.append("no rows at all, and the table may not be empty")
    return Soundness(tuple(problems), counts)


def _is_whole(table: Table) -> bool:
    """Whether staged rows are the whole table: not a merge's news, not some days."""
    return not table.takes_parts and not table.is_partitioned


def _int(value: object) -> int:
    """A count as the warehouse gave it."""
    if not isinstance(value, int):
        msg = f"a count came back as {value!r}"
        raise TypeError(msg)
    return value
