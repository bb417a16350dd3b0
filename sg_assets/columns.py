"""Columns: name, type, description, and what kind of data they hold.

Types are BigQuery's, because SQL is written in BigQuery's dialect; this module turns them into DuckDB's, Arrow's and
Dagster's. It knows nothing of tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Classification(StrEnum):
    """What a column says about people; pages mask `personal`, and a `secret` is never stored, only its hash."""

    NONE = "none"
    PSEUDONYMOUS = "pseudonymous"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105 (the name of a class of data, not a password)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "JSON": "JSON",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `type` is a BigQuery type (`STRING`, `INT64`, …) or `ARRAY<…>` of one.

    Raises:
        ValueError: the type is not one that both warehouses can hold, or the name not one that SQL takes as it is.
    """

    name: str
    type: str
    description: str
    classification: Classification = Classification.NONE

    def __post_init__(self) -> None:
        """Refuse a name or type that no warehouse of ours takes, where it is written rather than where it is used."""
        if not _NAME.fullmatch(self.name):
            msg = f"column {self.name!r}: a name is letters, digits and underscores, and begins with no digit"
            raise ValueError(msg)
        if self.element_type not in DUCKDB_TYPES:
            msg = f"column {self.name}: type {self.type!r} is none of {', '.join(DUCKDB_TYPES)} or ARRAY<…> of one"
            raise ValueError(msg)

    @property
    def is_array(self) -> bool:
        """Whether the column holds a list."""
        return self.type.startswith("ARRAY<")

    @property
    def element_type(self) -> str:
        """The BigQuery type of one value: of the elements where the column is an array."""
        return self.type.removeprefix("ARRAY<").removesuffix(">") if self.is_array else self.type

    @property
    def duckdb_type(self) -> str:
        """The same type in DuckDB's words."""
        return DUCKDB_TYPES[self.element_type] + ("[]" if self.is_array else "")

    @property
    def arrow_type(self) -> pa.DataType:
        """The same type in Arrow's; JSON travels as text."""
        import pyarrow as pa

        arrow = {
            "STRING": pa.string(),
            "INT64": pa.int64(),
            "FLOAT64": pa.float64(),
            "NUMERIC": pa.decimal128(38, 9),
            "BOOL": pa.bool_(),
            "DATE": pa.date32(),
            "DATETIME": pa.timestamp("us"),
            "TIMESTAMP": pa.timestamp("us", tz="UTC"),
            "JSON": pa.string(),
        }[self.element_type]
        return pa.list_(arrow) if self.is_array else arrow


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of these columns, in their order, all nullable."""
    import pyarrow as pa

    return pa.schema([(column.name, column.arrow_type) for column in columns])
