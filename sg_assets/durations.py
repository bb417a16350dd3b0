"""How long steps took, so that a plan can say how long it will take.

Kept in the operations store, where every process may read it at any time; only the newest few of each table count, so
that a table that grew is not judged by what it was.
"""

from __future__ import annotations

from datetime import datetime
from statistics import median

from sqlalchemy import Column, Engine, Float, Integer, Table, Text, delete, select

from sg_assets.operations_engine import UtcTime, make
from sg_assets.operations_tables import metadata

KEPT = 15
"""How many steps of a table are remembered, with the same result."""

step_time = Table(
    "step_time",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("table_name", Text, nullable=False, index=True),
    Column("result", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
)


class Durations:
    """The steps of the operations store behind an engine (`operations_tables.connect`); made where it is missing."""

    def __init__(self, engine: Engine) -> None:
        """Create what is missing."""
        self._engine = engine
        make(engine, metadata, [step_time])

    def record(self, table: str, result: str, seconds: float, now: datetime) -> None:
        """Remember a step that went well, and forget the oldest of its kind."""
        row = {"table_name": table, "result": result, "seconds": seconds, "ended_at": now}
        alike = (step_time.c.table_name == table) & (step_time.c.result == result)
        newest = select(step_time.c.id).where(alike).order_by(step_time.c.id.desc()).limit(KEPT)
        with self._engine.begin() as connection:
            connection.execute(step_time.insert(), [row])
            connection.execute(delete(step_time).where(alike, step_time.c.id.not_in(newest)))

    def typical(self) -> dict[tuple[str, str], float]:
        """The median seconds of each table's steps, by table and result."""
        found: dict[tuple[str, str], list[float]] = {}
        with self._engine.connect() as connection:
            for name, result, seconds in connection.execute(
                select(step_time.c.table_name, step_time.c.result, step_time.c.seconds)
            ):
                found.setdefault((name, result), []).append(seconds)
        return {key: median(seconds) for key, seconds in found.items()}
