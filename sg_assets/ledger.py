"""What became of sent rows, on its way into their ledger: noted, and written down before it has waited long."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic

from sg_assets.checks import judge
from sg_assets.columns import arrow_schema
from sg_assets.destination import DETAIL, IS_ACCEPTED, SENT_AT, Receipt
from sg_assets.freshness.marks import NOTHING
from sg_assets.session import Session
from sg_assets.table import Table
from sg_assets.warehouse.contract import Landing, Outcome, WarehouseError

PART_SECONDS = 10.0
"""How long receipts may wait before they are written down: a run that is killed sends at most these again."""


class Ledger:
    """The ledger of one sending, in one run. The warehouse is held only while something is written."""

    def __init__(self, session: Session, table: Table, seq: int) -> None:
        """Write to `table`, whose state row has the number `seq` now."""
        self.accepted = self.refused = 0
        self._session, self._table, self._seq = session, table, seq
        self._columns = table.columns
        self._pending: list[dict[str, object]] = []
        self._landed_at = monotonic()

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Note receipts; they are written down at once where others have waited long enough.

        Raises:
            WarehouseError: they could not be written.
        """
        now = self._session.environment.clock()
        for receipt in receipts:
            self.accepted += receipt.is_accepted
            self.refused += not receipt.is_accepted
            told = {SENT_AT.name: now, IS_ACCEPTED.name: receipt.is_accepted, DETAIL.name: receipt.detail}
            self._pending.append({**receipt.row, **told})
        if monotonic() - self._landed_at > PART_SECONDS:
            self.write_part()

    def write_part(self) -> None:
        """Write down what there is, while the sending goes on, or was given up; the ledger stays stale.

        Raises:
            WarehouseError: it could not be written, or somebody else wrote to the ledger.
        """
        outcome = self._land(None, {wanted.table: NOTHING for wanted in self._table.inputs})
        if outcome.is_skipped:
            msg = f"{self._table.name}: another run has sent rows meanwhile; what is left is compared anew"
            raise WarehouseError(msg)
        self._session.release()

    def close(self, data_through: datetime | None, inputs: Mapping[str, str]) -> Outcome:
        """Write down the rest: everything was sent that the inputs with these marks had.

        Raises:
            WarehouseError: it could not be written.
        """
        return self._land(data_through, inputs)

    def _land(self, data_through: datetime | None, inputs: Mapping[str, str]) -> Outcome:
        import pyarrow as pa
        import pyarrow.parquet as pq

        session, now = self._session, self._session.now
        landing = Landing(
            now=now,
            expected_seq=self._seq,
            data_through=data_through or now,  # of a part it is ignored
            is_part=data_through is None,
            inputs=inputs,
        )
        with tempfile.TemporaryDirectory(dir=session.folder) as folder:
            paths = []
            if self._pending:
                paths = [Path(folder) / "receipts.parquet"]
                pq.write_table(pa.Table.from_pylist(self._pending, arrow_schema(self._columns)), paths[0])
            outcome = session.warehouse.land(self._table, paths, landing, judge)
        session.wrote(outcome)
        self._pending, self._seq, self._landed_at = [], outcome.state.seq, monotonic()
        return outcome
