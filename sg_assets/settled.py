"""Whether nothing is left to be put right: every committed state copied, and Dagster has heard of it.

Who has put it right (`freshness/healing.py`) notes a mark of what there was. As long as the mark is the same, and
nobody writes the warehouse or was killed while writing it, a command that has nothing to run need neither open the
warehouse nor load Dagster to find that out again. A file in Dagster's history witnesses that it is still the same one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Column, Engine, Table, Text, select

from sg_assets.operations_engine import make, put
from sg_assets.operations_tables import metadata
from sg_assets.table import Table as Declared
from sg_assets.warehouse.state import TableState

settled = Table(
    "put_right",
    metadata,
    Column("warehouse_id", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("witness", Text, nullable=False),
)
WITNESS = "put_right"


class Settled:
    """The marks of the operations store behind an engine (`operations_tables.connect`); made where it is missing."""

    def __init__(self, engine: Engine) -> None:
        """Create what is missing."""
        self._engine = engine
        make(engine, metadata, [settled])

    def note(self, warehouse_id: str, mark: str, history: Path) -> None:
        """Note what there is, when nothing is left to be put right; `history` is the folder of Dagster's history."""
        witness = history.resolve() / WITNESS
        witness.parent.mkdir(parents=True, exist_ok=True)
        witness.touch()
        with self._engine.begin() as connection:
            put(connection, settled, [{"warehouse_id": warehouse_id, "mark": mark, "witness": str(witness)}])

    def is_so(self, warehouse_id: str, mark: str) -> bool:
        """Whether there is still what was noted."""
        with self._engine.connect() as connection:
            known = select(settled.c.witness).where(settled.c.warehouse_id == warehouse_id, settled.c.mark == mark)
            witness = connection.execute(known).scalar()
        return witness is not None and Path(witness).exists()


def mark_of(declared: Iterable[Declared], states: Mapping[str, TableState]) -> str:
    """A mark that differs when a raw table or a ledger is declared otherwise, or a table was written."""
    raw = {
        table.name: [(c.name, c.type, c.description) for c in table.columns] for table in declared if table.is_landed
    }
    seqs = {name: state.seq for name, state in states.items()}
    return sha256(json.dumps([raw, seqs], sort_keys=True).encode()).hexdigest()
