"""Roots: which tables, most upstream, explain the state of another, and by which way.

Whether one table explains another is decided in `evaluate.py`; here the answers are put together. When hundreds of
tables are late, each below hundreds of roots, nobody looks at most of the paths: they are worked out when they are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import overload

from sg_assets.freshness.graph import Graph


@dataclass(frozen=True, slots=True)
class Root:
    """The most upstream table whose own lateness explains a verdict; `path` leads from the judged table up to it."""

    table: str
    path: tuple[str, ...]


class Causes:
    """Who explains whom, told in topological order."""

    def __init__(self, graph: Graph) -> None:
        """Nothing is explained yet of the tables of a graph."""
        self._graph = graph
        self._names = sorted(graph.order)
        self._bits = {name: 1 << n for n, name in enumerate(self._names)}
        self._above: dict[str, Sequence[str]] = {}
        self._roots: dict[str, int] = {}  # the roots of each table, as a set of bits: thousands are united at once

    def tell(self, table: str, above: Sequence[str], also: Collection[str] = (), *, is_root: bool) -> Roots:
        """Say what explains a table, and whether it is a root itself.

        The roots of the tables `above`, of which all was told before, are its own; those of `also` are roots of it
        themselves, whatever is so of them.
        """
        bits = (self._bits[table] if is_root else 0) | self.mask(also)
        for name in above:
            bits |= self._roots.get(name, 0)
        self._above[table], self._roots[table] = above, bits
        return Roots(self, table, bits)

    def mask(self, tables: Iterable[str]) -> int:
        """Some tables as bits; names that are not in the graph are left out."""
        mask = 0
        for name in tables:
            mask |= self._bits.get(name, 0)
        return mask

    def named(self, bits: int) -> Iterator[str]:
        """The tables of some bits, by name."""
        while bits:
            lowest = bits & -bits
            yield self._names[lowest.bit_length() - 1]
            bits ^= lowest

    def paths(self, table: str, roots: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The shortest way up to each root, over what explains the table where that leads there, else over its inputs.

        Of equally short ones it is the first by name.
        """
        found = _ways(table, lambda name: self._above.get(name, ()))
        wanted = set(roots)
        if not wanted <= found.keys():
            found = _ways(table, lambda name: [i.table for i in self._graph[name].inputs]) | found
        return {name: found[name] for name in wanted}


def _ways(table: str, step: Callable[[str], Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {table: (table,)}
    todo = deque([table])
    while todo:
        name = todo.popleft()
        for above in sorted(step(name)):
            if above not in found:
                found[above] = (*found[name], above)
                todo.append(above)
    return found


class Roots(Sequence[Root]):
    """The roots of one table, by name; equal to a tuple of the same."""

    def __init__(self, causes: Causes, table: str, bits: int) -> None:
        """What `Causes.tell` found."""
        self._causes, self._table, self.bits = causes, table, bits

    @property
    def tables(self) -> Iterator[str]:
        """The names alone, at little cost."""
        return self._causes.named(self.bits)

    def besides(self, table: str, most: int) -> tuple[bool, list[str], int]:
        """Whether a table is one of them, the first of the others by name, and how many more there are."""
        others = self.bits & ~self._causes.mask([table])
        named = list(islice(self._causes.named(others), most))
        return others != self.bits, named, others.bit_count() - len(named)

    @cached_property
    def _all(self) -> tuple[Root, ...]:
        paths = self._causes.paths(self._table, self.tables) if self.bits else {}
        return tuple(Root(name, paths[name]) for name in self.tables)

    def __len__(self) -> int:
        """How many there are."""
        return self.bits.bit_count()

    @overload
    def __getitem__(self, at: int) -> Root: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Root]: ...
    def __getitem__(self, at: int | slice) -> Root | Sequence[Root]:
        """One root, or some."""
        return self._all[at]

    def __eq__(self, other: object) -> bool:
        """Whether the roots are the same, and the ways to them."""
        return isinstance(other, (Roots, tuple)) and self._all == tuple(other)

    def __hash__(self) -> int:
        """As the tuple."""
        return hash(self._all)

    def __repr__(self) -> str:
        """As the tuple."""
        return repr(self._all)
