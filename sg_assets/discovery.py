"""What there is: every source, `.sql` file and destination, and the one checked graph of their tables.

No list is edited for a new source or table; this is where they are found.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, TypeVar

import sg_assets.destinations
import sg_assets.sources
from sg_assets.destination import Destination, DestinationError, Sending
from sg_assets.filled import filled
from sg_assets.freshness import published_tables
from sg_assets.freshness.graph import Graph, GraphError, check_promises
from sg_assets.source import Source
from sg_assets.sql_file import read_all
from sg_assets.table import Table
from sg_assets.variables import of_fillings

if TYPE_CHECKING:
    from dagster import AssetChecksDefinition

TABLES = Path(__file__).parent / "tables"
READ = Path(__file__).parent / "__pycache__" / "sql_files.json"
"""What the queries say, beside the compiled modules."""
Kind = TypeVar("Kind")


def sources() -> list[Source]:
    """The `Source` of every module of `sg_assets.sources`, by name.

    Raises:
        TypeError: a module does not have exactly one.
    """
    return _declared(sg_assets.sources, Source)


def destinations() -> list[Destination]:
    """The `Destination` of every module of `sg_assets.destinations`, by name.

    Raises:
        TypeError: a module does not have exactly one.
    """
    return _declared(sg_assets.destinations, Destination)


def reached() -> list[Source]:
    """Every outside system as it is reached: the sources, and what destinations write to."""
    return [*sources(), *(destination.system for destination in destinations())]


def _declared(package: ModuleType, kind: type[Kind]) -> list[Kind]:
    found: list[Kind] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        members = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        declared = [value for value in members.values() if isinstance(value, kind)]
        if len(declared) != 1:
            place = f"{package.__name__.replace('.', '/')}/{module.name}"
            msg = f"{place}: must have one {kind.__name__} at module level, has {len(declared)}"
            raise TypeError(msg)
        found += declared
    return found


def derived_tables() -> list[Table]:
    """The table of every `.sql` file."""
    return read_all(TABLES, READ)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the files declare, whether it fits together or not: for whoever looks at what does not.

    Of a sending of what is not there, there is no ledger among the tables.
    """

    tables: tuple[Table, ...]
    sendings: tuple[Sending, ...] = ()
    checks: tuple[AssetChecksDefinition, ...] = ()


def declared() -> Declared:
    """Everything that is declared in this package, unchecked.

    Raises:
        GraphError, SqlFileError: a declaration cannot even be read by itself; the message names the file.
    """
    raw = [raw.table for source in sources() for raw in source.tables.values()]
    tables = {table.name: table for table in (*raw, *derived_tables(), *published_tables.TABLES)}
    sendings = [(to, one) for to in destinations() for one in to.sendings.values()]
    for to, one in sendings:
        with suppress(DestinationError, KeyError):
            tables[one.name] = one.ledger(to.system, tables[one.reads])
    return Declared(tuple(tables.values()), tuple(one for _, one in sendings), tuple(own_checks(TABLES)))


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


@dataclass(frozen=True, slots=True)
class System:
    """An outside system that is connected or not, as a source or as a destination: the one does not follow the other.

    `reached` says how; `tables` are those that it delivers, or the ledgers of what is sent to it.
    """

    name: str
    reached: Source
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """What is declared: the sources and destinations, the checked graph of all tables, and those that publish our own.

    The latter are what we know ourselves, such as how fresh everything is.
    """

    sources: tuple[Source, ...]
    graph: Graph
    published: tuple[Table, ...] = ()
    declared_checks: Callable[[], Iterable[AssetChecksDefinition]] = tuple
    destinations: tuple[Destination, ...] = ()

    @cached_property
    def checks(self) -> tuple[AssetChecksDefinition, ...]:
        """Own checks, read when they are first asked for: they bring Dagster, and most commands do without."""
        return tuple(self.declared_checks())

    @property
    def systems(self) -> tuple[System, ...]:
        """The outside systems: the sources, then the destinations."""
        sources = [System(source.name, source, tuple(source.tables)) for source in self.sources]
        ledgers = [(to, tuple(one.name for one in to.sendings.values())) for to in self.destinations]
        return (*sources, *(System(to.name, to.system, names) for to, names in ledgers))

    @classmethod
    def of(
        cls,
        sources: Iterable[Source],
        derived: Iterable[Table],
        published: Iterable[Table] = (),
        checks: Callable[[], Iterable[AssetChecksDefinition]] = tuple,
        destinations: Iterable[Destination] = (),
    ) -> Project:
        """The project of these sources, derived tables, tables of our own, own checks and destinations.

        Raises:
            GraphError: they do not fit together; the message names the file.
        """
        found, own, sent_to = tuple(sources), tuple(published), tuple(destinations)
        tables = [raw.table for source in found for raw in source.tables.values()] + [*derived, *own]
        known = {table.name: table for table in tables}
        try:
            ledgers = [ledger for to in sent_to for ledger in to.ledgers(known)]
        except DestinationError as error:
            raise GraphError(str(error)) from error
        graph = Graph.of([*tables, *ledgers])
        check_promises(graph)
        return cls(found, graph, own, checks, sent_to)


def project(given: Mapping[str, str] = MappingProxyType({})) -> Project:
    """Everything that is declared in this package, where variables are `given`; read once per process.

    Raises:
        EnvironmentProblem: a variable that says where another system fills tables cannot be read.
        GraphError, SqlFileError: a declaration does not fit; the message names the file.
    """
    return _project(tuple((name, text) for name in _counting() if (text := given.get(name))))


@cache
def _counting() -> tuple[str, ...]:
    """The variables that decide what is declared."""
    return tuple(sorted({variable.name for source in sources() for variable in of_fillings(source)}))


@cache
def _project(given: tuple[tuple[str, str], ...]) -> Project:
    found = filled(sources(), dict(given))
    return Project.of(found, derived_tables(), published_tables.TABLES, partial(own_checks, TABLES), destinations())


def graph(given: Mapping[str, str] = MappingProxyType({})) -> Graph:
    """The graph of `project()`."""
    return project(given).graph
