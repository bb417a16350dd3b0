"""What differs between the definitions of two revisions, table by table: pure, on the documents of both.

A table that was renamed is one that was removed and one that was added. Of two documents only what both say is
compared, so that a revision that says less is not taken for one that says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sg_assets.warehouse import dialect

if TYPE_CHECKING:
    from sg_assets.comparison.revision import Documents

SQL, PROMISE = "SQL", "promise"
COLUMN_ADDED, COLUMN_REMOVED, COLUMN_RETYPED = "column added", "column removed", "column retyped"
COLUMN_DESCRIBED, COLUMN_CLASSED = "column described anew", "column class"

# Fields of a document, what they are called, and whether another value means other rows.
_PLAIN = (
    ("kind", "kind", True),
    ("delivery", "delivery", True),
    ("mode", "mode", True),
    ("source", "source", True),
    ("owner", "owner", False),
    ("description", "description", False),
    ("partition", "partition", True),
    ("partitioned", "partitioned", True),
    ("snapshot", "snapshot", True),
    ("open_days", "open days", True),
    ("not_empty", "must not be empty", False),
    ("frozen", "why it is frozen", False),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise: `name` is that of a column or an input, where it is about one.

    `before` and `after` are texts for people; of SQL there are none. `is_of_data`: the table holds other rows, or is
    built anew to find out.
    """

    what: str
    name: str | None = None
    before: str | None = None
    after: str | None = None
    is_of_data: bool = False


@dataclass(frozen=True)
class Changes:
    """What differs: names of tables, and of each that both have what is otherwise."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)

    @property
    def removed_columns(self) -> dict[str, frozenset[str]]:
        """By table that both have, the columns that it had before and has no more."""
        found = {
            table: frozenset(c.name for c in changes if c.what == COLUMN_REMOVED and c.name)
            for table, changes in self.changed.items()
        }
        return {table: names for table, names in found.items() if names}


def compare(base: Documents, head: Documents) -> Changes:
    """What `head` has otherwise than `base`; tables in the order of the documents."""
    both = {name: tuple(_changes(base[name], head[name])) for name in head if name in base}
    return Changes(
        added=tuple(name for name in head if name not in base),
        removed=tuple(name for name in base if name not in head),
        changed={name: found for name, found in both.items() if found},
    )


def promise_in_words(promise: Mapping[str, Any] | None) -> str:
    """A promise as a document has it, in a few words."""
    if promise is None:
        return "none, it is frozen"
    warn, fail = (timedelta(seconds=promise[name]) for name in ("warn_seconds", "fail_seconds"))
    return f"{promise['cron']} {promise['timezone']}, late soon after {_span(warn)}, late after {_span(fail)}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if "sql" in before and "sql" in after and _words(before["sql"] or "") != _words(after["sql"] or ""):
        yield Change(SQL, is_of_data=True)
    yield from _columns(before["columns"], after["columns"])
    if before["key"] != after["key"]:
        yield Change("key", None, _listed(before["key"]), _listed(after["key"]), is_of_data=True)
    if before["promise"] != after["promise"]:
        yield Change(PROMISE, None, promise_in_words(before["promise"]), promise_in_words(after["promise"]))
    yield from _inputs(before, after)
    skipped = {"partitioned"} if "partition" in before and "partition" in after else set()
    for name, what, is_of_data in _PLAIN:
        if name in before and name in after and before[name] != after[name] and name not in skipped:
            yield Change(what, None, _text(before[name]), _text(after[name]), is_of_data=is_of_data)


def _columns(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> Iterator[Change]:
    was, is_now = ({column["name"]: column for column in columns} for columns in (before, after))
    for name, column in is_now.items():
        if name not in was:
            yield Change(COLUMN_ADDED, name, None, column["type"], is_of_data=True)
    for name, column in was.items():
        if name not in is_now:
            yield Change(COLUMN_REMOVED, name, column["type"], None, is_of_data=True)
            continue
        found = is_now[name]
        if column["type"] != found["type"]:
            yield Change(COLUMN_RETYPED, name, column["type"], found["type"], is_of_data=True)
        if column["class"] != found["class"]:
            yield Change(COLUMN_CLASSED, name, column["class"], found["class"])
        if column["description"] != found["description"]:
            yield Change(COLUMN_DESCRIBED, name, column["description"], found["description"])


def _inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    was, is_now = set(before["deps"]), set(after["deps"])
    for name in after["deps"]:
        if name not in was:
            yield Change("input added", name, is_of_data=True)
    for name in before["deps"]:
        if name not in is_now:
            yield Change("input removed", name, is_of_data=True)
    if "inputs" in before and "inputs" in after:
        old, new = ({one["table"]: one for one in document["inputs"]} for document in (before, after))
        for name in new:
            if name in old and old[name] != new[name]:
                days = old[name]["days"] != new[name]["days"]
                yield Change("input read otherwise", name, _read(old[name]), _read(new[name]), is_of_data=days)


def _read(wanted: Mapping[str, Any]) -> str:
    first, last = wanted["days"]
    said = [word for word in ("lookup", "optional") if wanted[word]]
    return ", ".join([*said, *([f"days {first}..{last}"] if (first, last) != (0, 0) else [])]) or "as any other"


def _words(sql: str) -> object:
    """What counts of a text: neither comments nor white space."""
    try:
        return dialect.words(sql)
    except dialect.DialectError:
        return sql


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:g} d" if hours >= 48 and hours % 24 == 0 else f"{hours:g} h"  # noqa: PLR2004 (two days)
