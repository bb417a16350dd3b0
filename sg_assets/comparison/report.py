"""What follows from a change of the definitions: what is below it, whose promises it touches, what it breaks.

Pure: from the documents of two revisions, and from who reads what now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sg_assets.comparison.changes import COLUMN_REMOVED, PROMISE, Change, Changes, compare, promise_in_words

if TYPE_CHECKING:
    from sg_assets.comparison.readers import Reading
    from sg_assets.comparison.revision import Documents, Revision


@dataclass(frozen=True, slots=True)
class Broken:
    """A table, or (`column`) a column of it, that was removed although somebody reads it; `readers` as (who, how)."""

    table: str
    column: str | None
    readers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Below:
    """A table that reads what was changed, at any distance: `because` of these; it `is_rebuilt` when their rows differ.

    `is_direct`: it reads one of them itself.
    """

    table: str
    owner: str
    promise: str
    because: tuple[str, ...]
    is_direct: bool
    is_rebuilt: bool


@dataclass(frozen=True)
class Report:
    """A revision held against this checkout."""

    revision: Revision
    head: Documents
    changes: Changes
    below: tuple[Below, ...] = ()
    broken: tuple[Broken, ...] = ()
    read_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def promises(self) -> dict[str, Change]:
        """By table, the promise that it has otherwise than before."""
        return {
            table: change
            for table, changes in self.changes.changed.items()
            for change in changes
            if change.what == PROMISE
        }

    @property
    def owners(self) -> dict[str, tuple[str, ...]]:
        """By owner, the tables below that will be built anew."""
        found: dict[str, list[str]] = {}
        for one in self.below:
            if one.is_rebuilt:
                found.setdefault(one.owner, []).append(one.table)
        return {owner: tuple(tables) for owner, tables in sorted(found.items())}

    def document(self) -> dict[str, Any]:
        """The whole as JSON has it."""
        base = self.revision.tables
        return {
            "base": {"revision": self.revision.name, "commit": self.revision.commit},
            "added": [_told(self.head[name]) for name in self.changes.added],
            "removed": [
                {**_told(base[name]), "read_by": list(self.read_before.get(name, ()))} for name in self.changes.removed
            ],
            "changed": [
                {**_told(self.head[name]), "changes": [asdict(change) for change in found]}
                for name, found in self.changes.changed.items()
            ],
            "downstream": [{**asdict(one), "because": list(one.because)} for one in self.below],
            "promises": [
                {"table": name, "owner": self.head[name]["owner"], "before": change.before, "after": change.after}
                for name, change in self.promises.items()
            ],
            "broken": [
                {
                    "table": one.table,
                    "column": one.column,
                    "readers": [{"reader": reader, "how": how} for reader, how in one.readers],
                }
                for one in self.broken
            ],
        }


def report(revision: Revision, head: Documents, readings: Iterable[Reading]) -> Report:
    """What becomes of a revision when it is as `head`; `readings` are of `head`, of removed columns and tables too."""
    base, found = revision.tables, list(readings)
    changes = compare(base, head)
    direct = {name: set(document["deps"]) for name, document in head.items()}
    return Report(
        revision,
        head,
        changes,
        _below(head, direct, changes),
        tuple(_broken(changes, found)),
        {name: tuple(n for n, document in base.items() if name in document["deps"]) for name in changes.removed},
    )


def _below(head: Documents, direct: Mapping[str, set[str]], changes: Changes) -> tuple[Below, ...]:
    """Every table that reads an added, removed or changed one, in the order of the documents."""
    moved = {*changes.added, *changes.removed}
    moved |= {name for name, found in changes.changed.items() if any(change.is_of_data for change in found)}
    touched = moved | set(changes.changed)
    causes: dict[str, set[str]] = {}
    for name in _in_order(direct):
        causes[name] = {cause for wanted in direct[name] for cause in causes.get(wanted, set())}
        causes[name] |= direct[name] & touched
    return tuple(
        Below(
            name,
            head[name]["owner"],
            promise_in_words(head[name]["promise"]),
            tuple(sorted(causes[name])),
            is_direct=bool(direct[name] & touched),
            is_rebuilt=bool(causes[name] & moved) and head[name]["kind"] != "raw",
        )
        for name in head
        if causes[name] and name not in changes.added
    )


def _in_order(direct: Mapping[str, set[str]]) -> list[str]:
    """Every table after what it reads; what is read and not there is left out, and so is a circle."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in direct:
            return
        seen.add(name)
        for wanted in sorted(direct[name]):
            visit(wanted)
        order.append(name)

    for name in direct:
        visit(name)
    return order


def _broken(changes: Changes, readings: list[Reading]) -> Iterable[Broken]:
    for table in changes.removed:
        if readers := {(r.reader, r.how) for r in readings if r.table == table}:
            yield Broken(table, None, tuple(sorted(readers)))
    for table, found in changes.changed.items():
        for column in (change.name for change in found if change.what == COLUMN_REMOVED):
            if readers := {(r.reader, r.how) for r in readings if r.table == table and column in r.columns}:
                yield Broken(table, column, tuple(sorted(readers)))


def _told(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("table", "kind", "owner", "file")}
