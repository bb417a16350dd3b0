"""The functions that mended SQL calls, installed into a DuckDB connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def prepare(connection: DuckDBPyConnection) -> None:
    """Install the functions that SQL made by `to_duckdb` calls. Every connection and cursor needs it, once."""
    connection.execute("set TimeZone = 'UTC'")
