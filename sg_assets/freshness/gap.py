"""The gap: the watch did not run for a while, because a laptop slept or Dagster was stopped.

Then much is late at once, and about to be mended. The gap is told as one incident, and what else is wrong waits until
the tables have caught up, for twenty minutes at most. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sg_assets.freshness.incidents import Incident, Problem
from sg_assets.freshness.telling import minute, span
from sg_assets.freshness.verdict import in_words
from sg_assets.message import Severity

SUBJECT, KIND = "watch", "gap"
LONGEST_PAUSE = timedelta(minutes=5)
"""What the watch may sleep unnoticed; it runs every thirty seconds."""
LONGEST_WAIT = timedelta(minutes=20)


def gap(
    last_beat: datetime | None, known: Incident | None, now: datetime, owner: str, has_caught_up: Callable[[], bool]
) -> Problem | None:
    """The gap that began with the last heartbeat, or the one that is being made up for; None when there is none.

    `has_caught_up` is asked only while one is being made up for: it costs a plan.
    """
    if last_beat is not None and now - last_beat > LONGEST_PAUSE:
        return _problem(last_beat, now, now + LONGEST_WAIT, owner)
    if known is None or not known.is_open or known.until is None or now >= known.until or has_caught_up():
        return None
    return _problem(known.since, known.opened_at, known.until, owner)


def _problem(start: datetime, end: datetime, until: datetime, owner: str) -> Problem:
    return Problem(
        SUBJECT,
        frozenset({KIND}),
        Severity.WARNING,
        owner,
        since=start,
        title=f"Nothing was watched for {in_words(end - start)}, {span(start, end)}",
        why="the machine slept, or Dagster was stopped",
        lines=(
            "What became late meanwhile is late in the history, too.",
            f"Being done: the keeper makes up for it; other alerts wait for that, until {minute(until)} at most.",
        ),
        cure="The watch has caught up",
        until=until,
    )
