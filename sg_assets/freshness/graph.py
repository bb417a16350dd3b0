"""The graph of declared tables: order, ancestors, descendants, and whether the promises in it can be kept.

Pure: knows what is declared, not what ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from sg_assets.promise import Promise
from sg_assets.table import Input, Table

MARGIN = timedelta(minutes=15)
SNAPSHOT_MARGIN = timedelta(hours=24)


class GraphError(ValueError):
    """The declared tables do not fit together; the message names the file to change."""


@dataclass(frozen=True)
class Graph:
    """All declared tables by name.

    Raises:
        GraphError: a table reads one that nobody declares, or itself through others.
    """

    tables: Mapping[str, Table]

    @classmethod
    def of(cls, tables: Iterable[Table]) -> Graph:
        """The checked graph of these tables."""
        graph = cls({table.name: table for table in tables})
        for table in graph.tables.values():
            for wanted in table.inputs:
                if wanted.table not in graph.tables:
                    msg = f"{table.file}: reads {wanted.table}, which no source and no .sql file defines"
                    raise GraphError(msg)
        graph.order  # noqa: B018 (raises on a cycle)
        return graph

    def __getitem__(self, name: str) -> Table:
        """The table of that name."""
        return self.tables[name]

    def __iter__(self) -> Iterator[Table]:
        """Tables in topological order."""
        return (self.tables[name] for name in self.order)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names, every table after its inputs; ties by name, so that the order is the same everywhere."""
        sorter = TopologicalSorter({t.name: [i.table for i in t.inputs] for t in self.tables.values()})
        try:
            sorter.prepare()
        except CycleError as error:
            msg = f"tables read each other in a circle: {' -> '.join(error.args[1])}"
            raise GraphError(msg) from None
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            order += ready
            sorter.done(*ready)
        return tuple(order)

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """For each table, those that read it directly."""
        readers: dict[str, list[str]] = {name: [] for name in self.tables}
        for name in self.order:
            for wanted in self.tables[name].inputs:
                readers[wanted.table].append(name)
        return {name: tuple(found) for name, found in readers.items()}

    def descendants(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that reads one of these tables, at any distance, without the tables themselves."""
        return _walk(names, lambda name: self.readers[name])

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that one of these tables reads, at any distance, without the tables themselves."""
        return _walk(names, lambda name: [i.table for i in self.tables[name].inputs])

    @cached_property
    def _counted(self) -> Mapping[str, tuple[Input, ...]]:
        counts = {name: isinstance(table.promise, Promise) for name, table in self.tables.items()}
        return {
            name: tuple(i for i in table.inputs if not i.is_lookup and counts[i.table])
            for name, table in self.tables.items()
        }

    @cached_property
    def has_optional(self) -> frozenset[str]:
        """The tables of which some input that counts is optional."""
        return frozenset(name for name, counted in self._counted.items() if any(i.is_optional for i in counted))

    @cached_property
    def there_from_the_start(self) -> tuple[Table, ...]:
        """The tables that must exist before they landed: raw ones, and derived ones that some table can do without."""
        optional = {i.table for table in self.tables.values() for i in table.inputs if i.is_optional}
        return tuple(table for table in self if table.is_landed or table.name in optional)

    def counted_inputs(self, table: Table) -> tuple[Input, ...]:
        """The declared inputs that count for freshness: neither looked up nor frozen.

        An `optional` one is among them, although it counts only from its first landing on: `Facts` leaves it out until
        then.
        """
        return self._counted[table.name]

    def counted_ancestors(self, table: Table) -> frozenset[str]:
        """Everything that counts for a table's freshness, at any distance, without the table itself."""
        return _walk([table.name], lambda name: [i.table for i in self._counted[name]])


def _walk(names: Iterable[str], step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Everything that can be reached from some tables, without those of them that cannot be reached from another."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        for found in step(todo.pop()):
            if found not in seen:
                seen.add(found)
                todo.append(found)
    return frozenset(seen)


def least_warn(graph: Graph, table: Table) -> timedelta:
    """The least `warn` that a table can promise; zero for a frozen one.

    The longest counted cron gap among the table and its counted ancestors, plus their greatest grain, plus the greatest
    known delay of a vendor, plus a margin; a day more where a snapshot waits for the day to end.
    """
    own = table.promise
    if not isinstance(own, Promise):
        return timedelta(0)
    line = [table, *(graph[name] for name in graph.counted_ancestors(table))]
    gap = max(own.longest_gap(t.promise.cron, t.promise.timezone) for t in line if isinstance(t.promise, Promise))
    snapshot = SNAPSHOT_MARGIN if any(t.is_day_snapshot for t in line) else timedelta(0)
    return gap + max(t.grain for t in line) + max(t.known_delay for t in line) + MARGIN + snapshot


def least_fail(graph: Graph, table: Table) -> timedelta:
    """The least `fail` that a table can promise; zero for a frozen one.

    Its counted inputs must not be allowed to be later than it is: neither by the number that they promise, nor by the
    days that they leave out and the table counts.
    """
    own = table.promise
    if not isinstance(own, Promise):
        return timedelta(0)
    above = [graph[i.table].promise for i in graph.counted_inputs(table)]
    return max(
        (max(promise.fail, own.longest_wait(promise)) for promise in above if isinstance(promise, Promise)),
        default=timedelta(0),
    )


def check_promises(graph: Graph) -> None:
    """Refuse promises that cannot be kept even when everything works.

    Raises:
        GraphError: names the file and the least legal value of each, or the table of which nothing could ever move the
            data on, because all that it reads is looked up or frozen.
    """
    wrong: list[str] = []
    for table in graph:
        if not table.is_raw and table.inputs and not graph.counted_inputs(table):
            if isinstance(table.promise, Promise):
                wrong.append(f"{table.file}: {table.name} reads nothing that counts: it can only be frozen")
            elif table.is_partitioned:
                wrong.append(f"{table.file}: {table.name} reads nothing that counts, so its days have no end")
        if isinstance(table.promise, Promise):
            for word, value, least in (
                ("warn", table.promise.warn, least_warn(graph, table)),
                ("fail", table.promise.fail, least_fail(graph, table)),
            ):
                if value < least:
                    wrong.append(f"{table.file}: {table.name} promises {word} {value}, at least {least} is needed")
    if wrong:
        raise GraphError("\n".join(wrong))
