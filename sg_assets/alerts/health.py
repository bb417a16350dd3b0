"""What is wrong with the watchers: the watch, Dagster's daemon, Dagster itself, the code, a channel. Pure.

Tables, schedules and other sensors are the watch's business; here is only what the watch cannot say of itself. Where
one fault explains another, only the first is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.alerts.awake import Ages
from sg_assets.freshness.verdict import in_words

if TYPE_CHECKING:
    from sg_assets.alerts.observe import Dagster

WATCH = "watch"
"""The name of the watch: of its sensor, and of its heartbeat."""
SILENT = 110.0
"""Seconds awake without a heartbeat: it beats every thirty, and within two minutes people are to know."""
SUSPICIOUS = 60.0
"""A silence of a daemon's that is long enough once the watch, or another daemon, is silent for certain."""
LASTING = 20.0
"""Seconds for which a fault of Dagster's must be seen: a reload is none."""
UNREACHABLE = 60.0
BLOCKED = timedelta(minutes=10)
"""For how long an address may take nothing before the others are told."""

# Without these nothing is kept up to date: no sensor, no schedule, no queued run is seen to.
DAEMONS = ("SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR")


CHANNEL = "channel "
CURES = {
    "dagster": "Dagster answers again",
    "code": "the code loads again",
    "daemon": "Dagster's daemon runs again",
    "watch": "the watch runs again",
}
KINDS = (*CURES, CHANNEL.strip())
"""The kinds of faults; docs/runbook.md has a section for each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a watcher, in words; `explained_by` names the fault that makes it plain."""

    name: str
    title: str
    since: datetime
    lines: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    explained_by: str = ""


@dataclass(frozen=True)
class Observation:
    """What was seen at one instant.

    Attributes:
        now: the instant; `awake` the seconds that the watchdog was awake until then.
        watch: the watch's last heartbeat.
        dagster: what Dagster says; None where nobody told us where it is.
        blocked: addresses that take nothing, since when, and why.
    """

    now: datetime
    awake: float
    watch: datetime | None
    dagster: Dagster | None = None
    blocked: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)


class Judge:
    """Judges one observation after the other; remembers since when things have been as they are."""

    def __init__(self, ages: Ages | None = None) -> None:
        """Begin: what is seen first is taken to be new."""
        self._ages = ages or Ages()

    def faults(self, seen: Observation) -> dict[str, Fault]:
        """All faults there are now, by name, the explained ones too."""
        found: list[Fault] = []
        watch_silent = self._ages.of("watch", seen.watch, seen.awake)
        if seen.dagster is not None:
            found += self._of_dagster(seen, seen.dagster, watch_silent)
        if watch_silent >= SILENT:
            found.append(_watch(seen, watch_silent, found))
        found += [
            _channel(address, since, reason)
            for address, (since, reason) in seen.blocked.items()
            if seen.now - since >= BLOCKED
        ]
        return {fault.name: fault for fault in found}

    def _of_dagster(self, seen: Observation, dagster: Dagster, watch_silent: float) -> Iterable[Fault]:
        url = dagster.url
        silent = self._ages.of("silence", "silent" if dagster.silence else "", seen.awake)
        if dagster.silence:
            if silent >= UNREACHABLE:
                yield Fault(
                    "dagster",
                    "Dagster does not answer",
                    seen.now - timedelta(seconds=silent),
                    (f"Asked at {url}: {dagster.silence}", "Nothing can be seen or started there."),
                )
            return
        broken = self._ages.of("code", "broken" if dagster.broken else "", seen.awake)
        if dagster.broken and broken >= LASTING:
            yield Fault(
                "code",
                f"The code does not load: {', '.join(sorted(dagster.broken))}",
                seen.now - timedelta(seconds=broken),
                (
                    *(f"Why: {_last_line(error)}" for error in list(dagster.broken.values())[:3]),
                    "No table is updated or judged until it loads.",
                ),
                ("Code locations", f"{url}/locations"),
            )
        yield from self._daemons(seen, dagster, watch_silent)

    def _daemons(self, seen: Observation, dagster: Dagster, watch_silent: float) -> Iterable[Fault]:
        silent = {
            name: self._ages.of(f"daemon {name}", beat, seen.awake)
            for name, beat in dagster.beats.items()
            if name in DAEMONS
        }
        is_certain = max([watch_silent, *silent.values()]) >= SILENT
        limit = SUSPICIOUS if is_certain else SILENT
        dead = {name: seconds for name, seconds in silent.items() if seconds >= limit}
        if dead:
            which = (
                "Dagster's daemon does" if dead.keys() == silent.keys() else f"Daemons of Dagster do ({_list(dead)})"
            )
            seconds = max(dead.values())
            yield Fault(
                "daemon",
                f"{which} not run",
                seen.now - timedelta(seconds=seconds),
                (
                    f"Last heartbeat {in_words(timedelta(seconds=seconds))} ago.",
                    "No schedule and no sensor ticks, no queued run starts, until it runs again.",
                ),
                ("Daemons", f"{dagster.url}/deployment/daemons"),
            )


def cure(name: str) -> str:
    """What is told when the fault of that name is over."""
    return CURES.get(name, f"messages reach {name.removeprefix(CHANNEL)} again")


def _watch(seen: Observation, silent: float, others: Iterable[Fault]) -> Fault:
    """That the watch does not run, and why, where that is known."""
    stopped = seen.dagster.stopped if seen.dagster is not None else frozenset()
    is_switched_off = f"sensor {WATCH}" in stopped
    also = sorted(stopped - {f"sensor {WATCH}"})
    last = f"{seen.watch:%Y-%m-%d %H:%M:%S} UTC" if seen.watch is not None else "never"
    return Fault(
        "watch",
        "The watch is switched off" if is_switched_off else "The watch does not run",
        seen.now - timedelta(seconds=silent),
        (
            f"It ran last: {last}.",
            "No table is judged, and nothing that is late is told, until it runs again.",
            *([f"Switched off as well: {_list(also)}."] if also else []),
        ),
        ("Sensors and schedules", f"{seen.dagster.url}/automation") if seen.dagster is not None else None,
        explained_by=next((fault.name for fault in others), ""),
    )


def _channel(address: str, since: datetime, reason: str) -> Fault:
    return Fault(
        f"{CHANNEL}{address}",
        f"Messages do not reach {address}",
        since,
        (f"Why: {reason}", "They are kept, and sent in order when it takes them again."),
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _last_line(error: str) -> str:
    """What a traceback ends with."""
    lines = [line for line in error.strip().splitlines() if line.strip()]
    return " ".join(lines[-1].split()) if lines else "no reason was given"
