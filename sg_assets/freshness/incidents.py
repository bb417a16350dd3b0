"""Incidents: how what is wrong is told, once, from its beginning to its end.

Pure. What is wrong now comes from `problems.py` (tables) and `trouble.py` (Dagster); here it is compared with the
incidents that are known: one for each thing that is wrong, opened, grown and resolved, however often its symptoms come
and go meanwhile. What a message says is written in `telling.py`, and who sends it is not decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sg_assets.freshness.telling import grown, opened, resolved
from sg_assets.message import Message, Severity

HOLD = timedelta(minutes=2)
"""How long a cure must last before it is told; longer where one did not last before."""
FLAPPING_HOLD, LONGEST_HOLD = timedelta(hours=1), timedelta(hours=4)
REMEMBERED = timedelta(days=1)
"""What was resolved this recently and is wrong again did not get well."""
GROWTH_PAUSE = timedelta(minutes=15)
"""The least time between two messages that say only that more tables are late."""
_DOUBLINGS = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong now.

    Attributes:
        subject: the table that is the root, or `schedule:NAME`, `sensor:NAME`, `runs`,
            `housekeeping`, `watch`.
        aspects: in which ways it is wrong, such as `late` and `failing`; a new one makes an incident grow.
        severity: how bad it is.
        owner: who must act.
        since: when it began, as far as that is known.
        title: what is wrong, in one line.
        why: why, as far as that is known.
        late: the tables that are late because of it, itself included.
        lines: what else there is to say: what is affected, who uses it, what is being done.
        links: (words, URL).
        cure: what is told when it is over, such as `crm.account is up to date again`.
        until: when it is over at the latest; None where that is not known.
    """

    subject: str
    aspects: frozenset[str]
    severity: Severity
    owner: str
    since: datetime
    title: str
    why: str = ""
    late: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    cure: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: the `number`-th of its subject.

    `aspects`, `late` (how many tables were late because of it at most) and `title` are what was told last, at
    `told_at`, in the message numbered `messages`, and so are `links`. `healed_at` is since when nothing has been wrong
    with an open one; `relapses` counts how often that did not last. `outcome` says how it ended.
    """

    subject: str
    number: int
    severity: Severity
    owner: str
    since: datetime
    opened_at: datetime
    told_at: datetime
    title: str
    cure: str
    aspects: frozenset[str] = frozenset()
    late: int = 0
    messages: int = 1
    relapses: int = 0
    links: tuple[tuple[str, str], ...] = ()
    healed_at: datetime | None = None
    resolved_at: datetime | None = None
    outcome: str = ""
    until: datetime | None = None

    @property
    def id(self) -> str:
        """The same whoever works it out again."""
        return f"{self.subject}/{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it was not resolved yet."""
        return self.resolved_at is None

    @property
    def hold(self) -> timedelta:
        """How long its cure must last."""
        if self.until is not None:
            return timedelta(0)  # it says by itself when it is over
        if not self.relapses:
            return HOLD
        return min(LONGEST_HOLD, FLAPPING_HOLD * (1 << min(self.relapses - 1, _DOUBLINGS)))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else decides whether an incident ends: by subject.

    Attributes:
        pending: what is being tried just now, so that nobody knows yet whether it is well.
        excused: what a note covers, with the note in words.
        gone: whose table, schedule or sensor is no longer defined.
        explained: tables whose lateness has its root elsewhere now, with that root.
        is_holding: nothing is opened and nothing grows now, but what ends is told.
    """

    pending: Collection[str] = ()
    excused: Mapping[str, str] | None = None
    gone: Collection[str] = ()
    explained: Mapping[str, str] | None = None
    is_holding: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The incidents that are not as they were, and what to tell of them."""

    incidents: tuple[Incident, ...] = ()
    messages: tuple[Message, ...] = ()


def follow(
    known: Mapping[str, Incident], problems: Mapping[str, Problem], now: datetime, circumstances: Circumstances
) -> Changes:
    """What becomes of the incidents, given the newest known one of each subject and what is wrong now, by subject."""
    incidents: list[Incident] = []
    messages: list[Message] = []
    for subject in sorted({*problems, *(name for name, one in known.items() if one.is_open)}):
        before, problem = known.get(subject), problems.get(subject)
        if before is not None and before.is_open:
            after, told = (
                _still(before, problem, now, is_holding=circumstances.is_holding)
                if problem
                else _over(before, now, circumstances)
            )
        elif problem is None or (circumstances.is_holding and problem.until is None):
            continue
        else:
            after = _new(before, problem, now)
            told = opened(after, problem, now)
        if after != before:
            incidents.append(after)
        if told is not None:
            messages.append(told)
    return Changes(tuple(incidents), tuple(messages))


def _new(before: Incident | None, problem: Problem, now: datetime) -> Incident:
    is_relapse = (
        before is not None
        and before.resolved_at is not None
        and before.healed_at is not None
        and now - before.resolved_at < REMEMBERED
    )
    return Incident(
        problem.subject,
        before.number + 1 if before else 1,
        problem.severity,
        problem.owner,
        since=problem.since,
        opened_at=now,
        told_at=now,
        title=problem.title,
        cure=problem.cure,
        aspects=problem.aspects,
        late=len(problem.late),
        relapses=before.relapses + 1 if before and is_relapse else 0,
        links=problem.links,
        until=problem.until,
    )


def _still(before: Incident, problem: Problem, now: datetime, *, is_holding: bool) -> tuple[Incident, Message | None]:
    """An open incident whose problem is still there, or there again."""
    relapses = before.relapses + (before.healed_at is not None)
    after = replace(before, healed_at=None, relapses=relapses, until=problem.until)
    is_worse = bool(problem.aspects - before.aspects)
    is_wider = len(problem.late) >= 2 * max(1, before.late) and now - before.told_at >= GROWTH_PAUSE
    if is_holding or not (is_worse or is_wider):
        return after, None
    after = replace(
        after,
        severity=problem.severity if is_worse else before.severity,
        owner=problem.owner,
        title=problem.title,
        cure=problem.cure,
        aspects=before.aspects | problem.aspects,
        late=max(before.late, len(problem.late)),
        links=problem.links,
        messages=before.messages + 1,
        told_at=now,
    )
    return after, grown(after, problem, now)


def _over(before: Incident, now: datetime, circumstances: Circumstances) -> tuple[Incident, Message | None]:
    """An open incident whose problem is not there: over, unless that may not last."""
    if before.subject in circumstances.gone:
        return _resolve(before, now, None, f"{before.subject} is no longer defined")
    if circumstances.excused and (note := circumstances.excused.get(before.subject)):
        return _resolve(before, now, None, f"{before.subject} is {note}")
    if before.subject in circumstances.pending:
        return replace(before, healed_at=None), None
    healed = before.healed_at or now
    if now - healed < before.hold:
        return replace(before, healed_at=healed), None
    if circumstances.explained and (root := circumstances.explained.get(before.subject)):
        return _resolve(before, now, healed, f"{before.subject} is late because of {root} now, which has its own")
    return _resolve(before, now, healed, before.cure or f"{before.subject} is well again")


def _resolve(before: Incident, now: datetime, healed: datetime | None, outcome: str) -> tuple[Incident, Message]:
    after = replace(
        before, healed_at=healed, resolved_at=now, outcome=outcome, messages=before.messages + 1, told_at=now
    )
    return after, resolved(after, now)
