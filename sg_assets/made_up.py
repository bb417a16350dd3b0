"""The sandbox as an environment has it: a made-up company at its place in time, and where its stand-ins are reached."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sg_assets.folders import Folders
from sg_assets.source import Row
from sg_assets.variables import address, value_of

if TYPE_CHECKING:
    from sg_assets.sandbox.sandbox import Sandbox
    from sg_assets.table import Table

SANDBOX = "sandbox"
DAYS = 60
A_DAY = "a day such as 2026-11-21"


@dataclass(frozen=True)
class MadeUp(Folders):
    """An environment's sandbox. `clock` gives now in UTC, in the sandbox and elsewhere."""

    clock: Callable[[], datetime] = field(repr=False)

    @cached_property
    def anchor(self) -> datetime:
        """The midnight that the made-up company's history ends at."""
        if told := value_of(self.variables, "SG_SANDBOX_ANCHOR", date.fromisoformat, A_DAY):
            return datetime.combine(told, datetime.min.time(), UTC)
        from sg_assets.sandbox.clock import anchor_of  # noqa: PLC0415 (only the sandbox has one)

        return anchor_of(self.shared_home, self.clock)

    def remember_anchor(self) -> None:
        """Keep the anchor of a sandbox that starts for the first time, so that its history stays where it is."""
        from sg_assets.sandbox.clock import anchor_of  # noqa: PLC0415

        if not self.variables.get("SG_SANDBOX_ANCHOR"):
            anchor_of(self.shared_home, self.clock, remember=True)

    @cached_property
    def sandbox(self) -> Sandbox:
        """The made-up company."""
        from sg_assets.sandbox.sandbox import Sandbox, scale_of  # noqa: PLC0415 (only the sandbox has one)

        scale = value_of(self.variables, "SG_SANDBOX_SCALE", scale_of, "a number above 0, or full")
        seed = value_of(self.variables, "SG_SANDBOX_SEED", int, "a whole number")
        seed, home = 1 if seed is None else seed, self.shared_home
        return Sandbox(seed, self.anchor, scale or 1.0, self.clock, home, history=self.made_up_history)

    @property
    def made_up_history(self) -> timedelta:
        """How long before the anchor what was written hour by hour, or day by day, begins."""
        days = value_of(self.variables, "SG_SANDBOX_DAYS", int, "a whole number of days")
        return timedelta(days=DAYS if days is None else days)

    def stand_in(self, source: str) -> str:
        """Where a stand-in is reached: where `SG_SANDBOX_URL` says, else started at first use."""
        from sg_assets.sandbox import serving  # noqa: PLC0415

        return serving.url_of(self.sandbox, source, self._served_at)

    @property
    def _served_at(self) -> str | None:
        return value_of(self.variables, "SG_SANDBOX_URL", address, "an address such as http://127.0.0.1:8900")

    @contextmanager
    def stand_ins_beside(self) -> Generator[Callable[[], str] | None]:
        """Have a process of its own serve the stand-ins during a block, where they are ours to serve; its address.

        For what is this process's own environment: the other one reads the same variables.
        """
        if self.name != SANDBOX or self._served_at:
            yield None
            return
        from sg_assets.sandbox import serving  # noqa: PLC0415

        self.remember_anchor()
        with serving.beside(self.sandbox) as started:
            yield lambda: started.url

    def written_by_others(self, table: Table) -> Iterable[Row] | None:
        """What another system has written into a watched table by now: only in the sandbox is that up to us."""
        if self.name != SANDBOX or table.origin is not None:
            return None
        return self.sandbox.written(table.source or "", table.name.partition(".")[2])
