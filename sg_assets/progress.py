"""How a run goes on, on standard error: a line for each table as it is done, and which one takes long.

On a terminal the running table stands in a line of its own that goes away; in a pipe it is told once, after a while.
"""

from __future__ import annotations

from threading import Timer
from types import TracebackType
from typing import Self

from rich.markup import escape
from rich.status import Status

from sg_assets.session import Report, Result
from sg_assets.show import RESULT_STYLES, console, say

LONG_SECONDS = 2.0
"""How long a step may take before somebody who reads a pipe is told that it is running."""


class Progress:
    """Use it as a context, which clears the terminal's line at its end."""

    def __init__(self, long_seconds: float = LONG_SECONDS) -> None:
        """Nothing is done yet."""
        self._out = console(is_error=True)
        self._done = 0
        self._long_seconds = long_seconds
        self._status: Status | None = None
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        """Show what comes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing runs any more."""
        self._stop()

    def __call__(self, report: Report, total: int) -> None:
        """Show one table's line; `total` is how many there are in the run."""
        self._stop()
        self._done += 1
        rows = "" if report.rows is None else f"{report.rows:,} rows"
        self._out.print(
            f"[dim]{self._done:>3}/{total:<3}[/] {report.table:<34} [{RESULT_STYLES[report.result]}]"
            f"{report.result:<7}[/] {rows:>14} {report.seconds:>6.2f} s"
        )
        if report.result in {Result.FAILED, Result.BLOCKED}:
            say(self._out, report.reason, " " * 8)

    def began(self, table: str) -> None:
        """A table's step began."""
        self._stop()
        if self._out.is_terminal:
            self._status = self._out.status(escape(table))
            self._status.start()
        else:
            self._timer = Timer(self._long_seconds, self.says, [f"{table} is running"])
            self._timer.daemon = True
            self._timer.start()

    def says(self, words: str) -> None:
        """Show something that people should know meanwhile."""
        say(self._out, words, " " * 8)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
