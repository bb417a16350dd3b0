"""What there is: every source module, every `.sql` file, and the one checked graph of their tables.

No list is edited for a new source or table; this is where they are found.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sg_assets.sources
from sg_assets.freshness import published_tables
from sg_assets.freshness.graph import Graph, GraphError, check_promises
from sg_assets.source import Source
from sg_assets.sql_file import read_all
from sg_assets.table import Table

if TYPE_CHECKING:
    from dagster import AssetChecksDefinition

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


def own_checks(folder: Path) -> list[AssetChecksDefinition]:
    """The Dagster asset checks of every `<dataset>/checks.py` in a folder.

    Raises:
        GraphError: one is not blocking, so that what reads its table would be built in the same run all the same.
    """
    found: list[AssetChecksDefinition] = []
    files = sorted(folder.glob("*/checks.py"))
    if not files:
        return found
    from dagster import AssetChecksDefinition  # noqa: PLC0415 (slow to import, and most commands do without)

    for file in files:
        spec = importlib.util.spec_from_file_location(f"sg_assets.tables.{file.parent.name}.checks", file)
        if spec is None or spec.loader is None:
            raise AssertionError(file)  # it ends in .py
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        declared = [v for v in vars(module).values() if isinstance(v, AssetChecksDefinition)]
        for check in (check for checks in declared for check in checks.check_specs):
            if not check.blocking:
                msg = f"{file}: the check {check.name} must be blocking=True, to hold what reads its table"
                raise GraphError(msg)
        found += declared
    return found


@dataclass(frozen=True)
class Project:
    """What is declared: the sources, the checked graph of all tables, and those that publish what we know ourselves."""

    sources: tuple[Source, ...]
    graph: Graph
    published: tuple[Table, ...] = ()
    checks: tuple[AssetChecksDefinition, ...] = ()

    @classmethod
    def of(
        cls,
        sources: Iterable[Source],
        derived: Iterable[Table],
        published: Iterable[Table] = (),
        checks: Iterable[AssetChecksDefinition] = (),
    ) -> Project:
        """The project of these sources, derived tables, tables of our own, and checks beside those of every table.

        Raises:
            GraphError: they do not fit together; the message names the file.
        """
        found = tuple(sources)
        own = tuple(published)
        graph = Graph.of([raw.table for source in found for raw in source.tables.values()] + [*derived, *own])
        check_promises(graph)
        return cls(found, graph, own, tuple(checks))


@cache
def project() -> Project:
    """Everything that is declared in this package; read once per process.

    Raises:
        GraphError, SqlFileError: a declaration does not fit; the message names the file.
    """
    return Project.of(sources(), derived_tables(), published_tables.TABLES, own_checks(TABLES))


def graph() -> Graph:
    """The graph of `project()`."""
    return project().graph
