"""What time it is: the machine's clock, or in the sandbox one that stands still. Everything else is given the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sg_assets.variables import EnvironmentProblem, value_of


def wall_clock() -> datetime:
    """Now, in UTC: the only place that asks the machine."""
    return datetime.now(UTC)


def clock_of(given: Mapping[str, str], *, is_sandbox: bool) -> Callable[[], datetime]:
    """The clock that the variables ask for.

    Raises:
        EnvironmentProblem: `SG_CLOCK` is none, or would hold a clock that must not stand still.
    """
    instant = value_of(given, "SG_CLOCK", datetime.fromisoformat, "an instant such as 2026-11-21T15:00:00Z")
    if instant is None:
        return wall_clock
    if not is_sandbox or instant.tzinfo is None or instant > wall_clock():
        msg = f"SG_CLOCK={instant}: needs SG_ENV=sandbox and an instant with its offset that is not in the future"
        raise EnvironmentProblem(msg)
    return lambda: instant.astimezone(UTC)
