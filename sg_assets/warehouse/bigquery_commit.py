"""Publishing in BigQuery: one script that is one transaction, in which rows and state move together.

The number of the state row that a transaction writes is in its job's id, which BigQuery takes once: of two writers of
one table one has the number, and the other one finds that it was taken. The transaction looks for itself, too, that the
table is where its writer found it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.warehouse import bigquery_state as states
from sg_assets.warehouse.bigquery_sql import Script
from sg_assets.warehouse.bigquery_staging import Staging
from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from sg_assets.warehouse.state import TableState


class MovedError(Exception):
    """Somebody else wrote the table since its state was read; nothing was written now."""


class Transaction:
    """The transaction that writes the state row after `previous`; statements are added to `script`."""

    def __init__(self, staging: Staging, previous: TableState | None) -> None:
        """Nothing is run yet."""
        self._staging = staging
        self.script = Script(["begin transaction"])
        states.refuse_moved(staging.jobs, self.script, staging.table.name, previous.seq if previous else 0)

    def commit(self, state: TableState, *, is_anew: bool = False) -> None:
        """Write everything, and the state; `is_anew`: what was noted of days and objects before does not count.

        Raises:
            MovedError: somebody else wrote the table meanwhile.
            WarehouseError: BigQuery refused.
        """
        states.append(self._staging.jobs, self.script, state, is_anew=is_anew)
        self.script.add("commit transaction")
        try:
            is_ours = self._staging.jobs.step(
                self._staging.step("state"), self.script.text(), self.script.parameters, table=self._staging.table.name
            )
        except WarehouseError as error:
            if states.MOVED in str(error):
                raise MovedError(self._staging.table.name) from error
            raise
        if not is_ours:
            raise MovedError(self._staging.table.name)
