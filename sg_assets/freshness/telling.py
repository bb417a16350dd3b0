"""What a message about an incident says: at most twelve lines, in the order in which somebody asks.

What, since when, why, what is affected and who uses it, what is being done about it, whose it is, and where to look.
Pure; when something is told is decided in `incidents.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.freshness.verdict import in_words
from sg_assets.message import MOST_LINES, Kind, Message, Severity

if TYPE_CHECKING:
    from sg_assets.freshness.incidents import Incident, Problem

NAMED = 5  # tables, or owners, that a line names
LONGEST = 300  # characters of a line


def opened(incident: Incident, problem: Problem, now: datetime) -> Message:
    """The first message of an incident."""
    return _message(incident, Kind.OPENED, problem.severity, problem.title, _lines(incident, problem, now), now)


def grown(incident: Incident, problem: Problem, now: datetime) -> Message:
    """It got worse, or wider."""
    title = f"Still, and worse: {problem.title}"
    return _message(incident, Kind.GROWN, problem.severity, title, _lines(incident, problem, now), now)


def resolved(incident: Incident, now: datetime) -> Message:
    """It is over: how, and how long it lasted."""
    end = incident.healed_at or now
    lines = [
        f"What was wrong: {incident.title}",
        f"Lasted {in_words(end - incident.since)}: {span(incident.since, end)}.",
    ]
    if incident.late > 1:
        lines.append(f"At most {incident.late} tables were late because of it.")
    lines.append(f"Owner: {incident.owner}")
    title = f"Resolved: {incident.outcome}"
    return _message(incident, Kind.RESOLVED, Severity.INFO, title, lines, now)


def _lines(incident: Incident, problem: Problem, now: datetime) -> list[str]:
    lines = [f"Since {minute(incident.since)} ({in_words(now - incident.since)})."]
    if problem.why:
        lines.append(f"Why: {problem.why}")
    if incident.relapses:
        lines.append("It was well in between, but not for long: it is told as over once that lasts.")
    return [*lines, *problem.lines, f"Owner: {problem.owner}"]


def _message(  # noqa: PLR0913, PLR0917 (the parts of a message)
    incident: Incident,
    kind: Kind,
    severity: Severity,
    title: str,
    lines: Sequence[str],
    now: datetime,
) -> Message:
    most = MOST_LINES - 1 - len(incident.links)
    if len(lines) > most:  # the owner stays
        lines = [*lines[: most - 1], lines[-1]]
    return Message(
        incident.id,
        incident.messages,
        kind,
        severity,
        incident.owner,
        one_line(title),
        tuple(one_line(line) for line in lines),
        incident.links,
        now,
    )


def one_line(text: str) -> str:
    """A text without line breaks, cut where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def minute(instant: datetime) -> str:
    """An instant to the minute: `2026-11-21 14:05 UTC`."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def span(start: datetime, end: datetime) -> str:
    """From when to when, to the second."""
    return f"from {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"


def some(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    found = sorted(names)
    more = len(found) - NAMED
    return ", ".join(found[:NAMED]) + (f" and {more} more" if more > 0 else "")


def counted(owners: Iterable[str]) -> str:
    """Owners, those of most tables first, each with how many: `team:a (8 tables), team:b (1 table)`."""
    ordered = sorted(Counter(owners).items(), key=lambda one: (-one[1], one[0]))
    told = [f"{owner} ({n} table{'s' * (n > 1)})" for owner, n in ordered[:NAMED]]
    more = len(ordered) - NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
