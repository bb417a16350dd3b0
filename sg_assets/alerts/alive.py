"""Whether the watchdog is at work, for whoever has to start it anew when it hangs: the health check of its container.

`python -m sg_assets.alerts.alive` ends with 0 where it is, else with 1 and one line that says since when not.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets import environment
from sg_assets.alerts.rounds import BEAT
from sg_assets.heartbeat import RECENT

if TYPE_CHECKING:
    from sg_assets.operations import Operations


def problem(operations: Operations, now: datetime) -> str:
    """What is wrong with the watchdog; empty where nothing is."""
    last = operations.heartbeats().get(BEAT)
    if last is None:
        return "the watchdog has not made a round yet"
    return "" if now - last <= RECENT else f"the watchdog made its last round at {last:%Y-%m-%d %H:%M:%S} UTC"


if __name__ == "__main__":
    env = environment.load()
    sys.exit(problem(env.operations, env.clock()) or 0)
