"""How often outside systems were asked for each table, day by day, and what they said of their quotas.

Kept in the operations store, because what a failed or repeated fetch asked counts, too. What a run that was killed had
asked for its last table is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Engine, Integer, Table, Text, or_, select, update

from sg_assets.operations_engine import make, upserting
from sg_assets.operations_tables import metadata

if TYPE_CHECKING:
    from sg_assets.http.quota import Quota

api_call = Table(
    "api_call",
    metadata,
    Column("day_on", Date, primary_key=True),
    Column("table_name", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("fetches", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("quota_allowed", Integer),
    Column("quota_used", Integer),
    Column("quota_period", Text),
)


class ApiCalls:
    """The calls in the operations store behind an engine (`operations_tables.connect`); made where it is missing."""

    def __init__(self, engine: Engine) -> None:
        """Create what is missing."""
        self._engine = engine
        make(engine, metadata, [api_call])

    def record(self, day: date, source: str, table: str, calls: int, quota: Quota | None) -> None:
        """Add the calls of one fetch to those of a UTC day; of several quotas told on it the fullest is kept."""
        kept = api_call.c
        is_it = (kept.day_on == day) & (kept.table_name == table)
        with self._engine.begin() as connection:
            row = {"day_on": day, "table_name": table, "source": source, "fetches": 1, "calls": calls}
            more = {"fetches": kept.fetches + 1, "calls": kept.calls + calls}
            counting = upserting(connection, api_call)
            connection.execute(counting.on_conflict_do_update(index_elements=["day_on", "table_name"], set_=more), row)
            if quota is not None:
                was_less = kept.quota_used * quota.allowed <= quota.used * kept.quota_allowed
                told = {
                    "quota_allowed": quota.allowed,
                    "quota_used": quota.used,
                    "quota_period": quota.period,
                }
                fuller = update(api_call).where(is_it, or_(kept.quota_used.is_(None), was_less)).values(told)
                connection.execute(fuller)

    def all(self) -> list[Mapping[str, object]]:
        """Every day and table that asked for anything, in that order."""
        with self._engine.connect() as connection:
            found = connection.execute(select(api_call).order_by(api_call.c.day_on, api_call.c.table_name))
            return [dict(row) for row in found.mappings()]
