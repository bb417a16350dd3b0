"""The macros among the functions that mended SQL calls: made once, kept in a file, and attached by each connection.

Making them costs DuckDB some 50 ms of processor, attaching a file that has them 3 ms. The file is only a cache:
its name is what it is made of, it is put in place whole, by whoever needs it first, and where it cannot be, each engine
makes its own in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sg_assets.folders import ROOT
from sg_assets.warehouse.duckdb_sql import quoted, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CATALOG = "sg_dialect"
"""The catalog that holds them; a dataset must not have the same name."""

CACHE = ROOT / ".sg" / "cache"
_TEXTS = ("conversions.sql", "functions.sql")  # the second calls the first


def attach(connection: DuckDBPyConnection, functions: Callable[[DuckDBPyConnection], None], folder: Path) -> None:
    """Give an engine the catalog that holds the macros, made first in `folder` where it is not there yet.

    `functions` gives a connection those that the macros call. To be found, they need `search` too.
    """
    import duckdb  # noqa: PLC0415 (whoever has a connection has it already)

    file = folder / f"dialect-{_version()}.duckdb"
    with suppress(OSError, duckdb.IOException):  # a folder that cannot be written, a file that is gone or is none
        if not file.exists():
            _make(file, functions)
        connection.execute(f"attach {text(str(file))} as {CATALOG} (read_only)")
        return
    connection.execute(f"attach ':memory:' as {CATALOG}")
    _create(connection)


def search(connection: DuckDBPyConnection) -> None:
    """Have a connection look for functions there, after its own catalog; `use` undoes it."""
    own = connection.execute("select current_database(), current_schema()").fetchone()
    if own is not None:
        path = f"{quoted(own[0])}.{quoted(own[1])},{CATALOG}.main"
        connection.execute(f"set search_path = {text(path)}")


def _make(file: Path, functions: Callable[[DuckDBPyConnection], None]) -> None:
    """Write the file beside its place, then put it there: nobody sees half of one, and all put the same."""
    import duckdb  # noqa: PLC0415 (as above)

    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent) as beside, closing(duckdb.connect()) as connection:
        part = Path(beside) / file.name
        functions(connection)
        connection.execute(f"attach {text(str(part))} as {CATALOG}")
        _create(connection)
        connection.execute(f"checkpoint {CATALOG}; detach {CATALOG}")
        part.replace(file)


def _create(connection: DuckDBPyConnection) -> None:
    own = connection.execute("select current_setting('search_path')").fetchone()
    connection.execute(f"use {CATALOG}")
    try:
        connection.execute(_texts())
    finally:
        connection.execute(f"set search_path = {text(own[0] if own else '')}")


@cache
def _texts() -> str:
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _TEXTS)


@cache
def _version() -> str:
    import duckdb  # noqa: PLC0415 (as above)

    return sha256(f"{duckdb.__version__}\n{_texts()}".encode()).hexdigest()[:16]
