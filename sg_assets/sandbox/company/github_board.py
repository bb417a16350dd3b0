"""The analytics team's board: what is on it, how it moved there, and what is true of every data request.

What an issue itself says is in `github_threads.py`; that something moved on the board does not stamp the issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.data_requests import Question
from sg_assets.sandbox.company.dice import dice, fraction
from sg_assets.sandbox.company.github_threads import ANALYTICS, HOUR, Thread, threads

ORGANIZATION, PROJECT = "sourcegraph", 63
TITLE = "Analytics"
SPRINT = timedelta(days=14)
ARCHIVED_AFTER = 14 * DAY
DRAFTS = ("Ask finance about the new ARR sheet", "Clean up old looks", "Onboarding notes")
HIDDEN = 2
"""Items of the board whose content is in a repository that the token may not see."""
IN_TIME = DAY
"""How soon the team has to look at a request."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something on the board. `moves` are its statuses, each with the time at which it got it.

    `thread` is None for a draft, which has only a `title`, and for what may not be seen, which has not even that.
    """

    id: str
    created_at: datetime
    thread: Thread | None = None
    title: str | None = None
    moves: tuple[tuple[datetime, str], ...] = ()
    archived_at: datetime | None = None
    priority: str | None = None
    estimate: float | None = None
    due_on: date | None = None

    def status(self, at: datetime) -> str | None:
        """The column in which it is; none before the team looked at it."""
        return next((name for moved, name in reversed(self.moves) if moved <= at), None)

    def moved_at(self, at: datetime) -> datetime | None:
        """When it came to that column."""
        return next((moved for moved, _ in reversed(self.moves) if moved <= at), None)

    def is_archived(self, at: datetime) -> bool:
        """Whether it was put away."""
        return self.archived_at is not None and self.archived_at <= at

    def updated_at(self, at: datetime) -> datetime:
        """The last change of the item itself."""
        times = (self.created_at, self.moved_at(at), self.archived_at)
        return max(time for time in times if time is not None and time <= at)


@dataclass(frozen=True, slots=True)
class RequestTruth:
    """What is true of a data request at an instant. `triaged_at` is the time of its first status on the board."""

    created_at: datetime
    answered: frozenset[Question]
    triaged_at: datetime | None
    closed_at: datetime | None

    def is_complete(self) -> bool:
        """Whether all four questions are answered."""
        return self.answered == frozenset(Question)

    def is_in_time(self, at: datetime) -> bool | None:
        """Whether it was looked at within a day; None while the day is not over and nobody did."""
        if self.triaged_at is not None:
            return self.triaged_at <= self.created_at + IN_TIME
        return None if at < self.created_at + IN_TIME else False


def data_requests(company: Company, at: datetime) -> Mapping[int, RequestTruth]:
    """Every data request that is in the analytics team's repository then, by the number of its issue."""
    return {
        one.number: RequestTruth(
            one.created_at,
            one.request.answers(is_edited=one.is_edited(at)),
            one.triaged_at if one.is_triaged(at) else None,
            one.closed_at if one.is_closed(at) else None,
        )
        for one in threads(company, ANALYTICS, at)
        if one.request is not None and one.is_there(at)
    }


def items(company: Company, at: datetime) -> list[Item]:
    """What is on the board then, archived items too, in the order of their places."""
    found = [
        Item(f"PVTI_lADOAsDraft{place}", company.anchor - (30 + place) * DAY, title=title)
        for place, title in enumerate(DRAFTS)
    ]
    found += [Item(f"PVTI_lADOAsHidden{place}", company.anchor - (50 + place) * DAY) for place in range(HIDDEN)]
    for thread in threads(company, ANALYTICS, at):
        is_deleted = not thread.is_there(at) and not thread.is_transferred
        if not is_deleted and (not thread.is_pull_request or thread.number % 12 == 0):
            found.append(_item(company, thread))
    found = [item for item in found if item.created_at <= at]
    return sorted(found, key=lambda item: fraction(company.seed, "place on the board", item.id))


def sprint(anchor: datetime, at: datetime) -> tuple[str, date, int]:
    """The iteration of an instant: its title, first day and length in days."""
    place = (at - anchor) // SPRINT
    return f"Sprint {place + 100}", (anchor + place * SPRINT).date(), SPRINT.days


def _item(company: Company, thread: Thread) -> Item:
    chance = dice(company.seed, "item", thread.number)
    moves: list[tuple[datetime, str]] = []
    if thread.triaged_at is not None:
        moves.append((thread.triaged_at, "Backlog"))
        started = (thread.triaged_at + chance.uniform(2, 20) * HOUR).replace(microsecond=0)
        if thread.closed_at is None or started < thread.closed_at:
            moves.append((started, "In progress"))
        if thread.closed_at is not None:
            moves.append((thread.closed_at, "Done"))
    answers = thread.request.answered if thread.request else frozenset[Question]()
    return Item(
        id=f"PVTI_lADOAs{thread.number:06x}",
        created_at=thread.created_at + timedelta(seconds=chance.randint(1, 20)),
        thread=thread,
        title=thread.title,
        moves=tuple(moves),
        archived_at=thread.closed_at + ARCHIVED_AFTER if thread.closed_at and moves else None,
        priority=chance.choice(("High", "Medium", "Low")),
        estimate=chance.choice((None, 0.5, 1, 2, 5)),
        due_on=(thread.created_at + 20 * DAY).date() if Question.DEADLINE in answers else None,
    )
