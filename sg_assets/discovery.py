"""What there is: every source module, every `.sql` file, and the one checked graph of their tables.

No list is edited for a new source or table; this is where they are found.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sg_assets.sources
from sg_assets.freshness.graph import Graph, check_promises
from sg_assets.source import Source
from sg_assets.sql_file import read_all
from sg_assets.table import Table

TABLES = Path(__file__).parent / "tables"


def sources() -> list[Source]:
    """The `Source` of every module of `sg_assets.sources`, by name.

    Raises:
        TypeError: a module does not have exactly one.
    """
    found: list[Source] = []
    for module in sorted(pkgutil.iter_modules(sg_assets.sources.__path__), key=lambda module: module.name):
        members = vars(importlib.import_module(f"{sg_assets.sources.__name__}.{module.name}"))
        declared = [value for value in members.values() if isinstance(value, Source)]
        if len(declared) != 1:
            msg = f"sg_assets/sources/{module.name}: must have one Source at module level, has {len(declared)}"
            raise TypeError(msg)
        found += declared
    return found


def derived_tables() -> list[Table]:
    """The table of every `.sql` file."""
    return read_all(TABLES)


@dataclass(frozen=True)
class Project:
    """What is declared: the sources, and the checked graph of their tables and of those derived from them."""

    sources: tuple[Source, ...]
    graph: Graph

    @classmethod
    def of(cls, sources: Iterable[Source], derived: Iterable[Table]) -> Project:
        """The project of these sources and derived tables.

        Raises:
            GraphError: they do not fit together; the message names the file.
        """
        found = tuple(sources)
        graph = Graph.of([raw.table for source in found for raw in source.tables.values()] + list(derived))
        check_promises(graph)
        return cls(found, graph)


@cache
def project() -> Project:
    """Everything that is declared in this package; read once per process.

    Raises:
        GraphError, SqlFileError: a declaration does not fit; the message names the file.
    """
    return Project.of(sources(), derived_tables())


def graph() -> Graph:
    """The graph of `project()`."""
    return project().graph
