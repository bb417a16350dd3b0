"""What in Looker reads which table, as the copy of the warehouse has it that the last run published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.readcopy import Answer

SQL = """select content_type, title, table_read
from operations.looker_content cross join unnest(tables_read) as table_read
order by table_read, content_type, title"""


class Readable(Protocol):
    """What can be asked in BigQuery's dialect: the copy that people query."""

    def query(self, sql: str) -> Answer:
        """The result of a query."""


@dataclass(frozen=True, slots=True)
class Content:
    """`titles` are by table; `as_of` is None where nothing is at hand."""

    as_of: datetime | None = None
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def titles_by_table(copy: Readable) -> Content:
    """For each table that Looker reads, what does: `dashboard: Customer health`."""
    try:
        answer = copy.query(SQL)
    except WarehouseError:  # nothing was published yet, or this table was not built
        return Content()
    found: dict[str, dict[str, None]] = {}
    for kind, title, table in answer.rows:
        found.setdefault(str(table), {})[f"{kind}: {title}"] = None
    return Content(answer.as_of, {table: tuple(titles) for table, titles in found.items()})
