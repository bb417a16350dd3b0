"""What there is: every source module, every `.sql` file, and the one checked graph of their tables.

No list is edited for a new source or table; this is where they are found.
"""

from __future__ import annotations

import importlib
import pkgutil
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


@cache
def graph() -> Graph:
    """Every declared table, with its promises checked; read once per process.

    Raises:
        GraphError, SqlFileError: a declaration does not fit; the message names the file.
    """
    found = Graph.of([raw.table for source in sources() for raw in source.tables.values()] + derived_tables())
    check_promises(found)
    return found
