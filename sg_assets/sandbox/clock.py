"""The sandbox's place in time: the anchor, at whose midnight the made-up history ends and the living days begin."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

Clock = Callable[[], datetime]
ANCHOR_FILE = "anchor"


def anchor_of(state_dir: Path, clock: Clock, *, remember: bool = False) -> datetime:
    """The midnight (UTC) before the first start, as the state folder remembers it.

    Args:
        state_dir: the folder of the sandbox's state; it need not exist.
        clock: gives now; its midnight is the anchor as long as none is remembered.
        remember: write it down when it was not, so that later starts have the same. Of two processes that do so at
            once, the first one wins.
    """
    file = state_dir / ANCHOR_FILE
    if not file.exists():
        midnight = clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if not remember:
            return midnight
        state_dir.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=state_dir, prefix=f"{ANCHOR_FILE}.") as own:
            own.write(midnight.isoformat())
            own.flush()
            with suppress(FileExistsError):  # a link appears with its whole content, and only if there is none yet
                file.hardlink_to(own.name)
    return datetime.fromisoformat(file.read_text())


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour of an instant."""
    return at.replace(minute=0, second=0, microsecond=0)
