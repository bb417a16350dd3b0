"""Repositories on GitHub and what is written in them: issues and pull requests, which share one count in each.

Every thread is a function of its number; what it is at an instant is a matter of comparing times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.data_requests import Request, request
from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.staff import Department, Employee, staff

HOUR = timedelta(hours=1)
MASS_EDIT = -12 * DAY + 2 * HOUR
"""When, from the anchor, a label was renamed: all issues of the analytics team that existed were then stamped anew."""
ELSEWHERE = 90_000
"""What is added to the number of an issue that was transferred to another repository."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: its first thread is `begins` from the anchor, and another one follows `every` so often.

    Of its numbers, those that `cycle` divides are `issues` or pull requests (`has_more_issues`), the others the other.
    """

    name: str
    id: int
    begins: timedelta
    every: timedelta
    cycle: int
    has_more_issues: bool
    former_name: str | None = None
    archived: timedelta | None = None

    def is_pull_request(self, number: int) -> bool:
        """Whether the thread of a number is a pull request."""
        return (number % self.cycle == 0) == self.has_more_issues


ANALYTICS = Repository(
    "sourcegraph/analytics", 301_514_007, -140 * DAY, 10 * HOUR, 4, has_more_issues=True, former_name="sourcegraph/bi"
)
PRODUCT = Repository("sourcegraph/sourcegraph", 41_288_708, -60 * DAY, 4 * HOUR, 5, has_more_issues=False)
HANDBOOK = Repository(
    "sourcegraph/about", 141_032_617, -200 * DAY, 30 * HOUR, 2, has_more_issues=False, archived=-20 * DAY
)
REPOSITORIES = (ANALYTICS, PRODUCT, HANDBOOK)


@dataclass(frozen=True, slots=True)
class Thread:
    """One issue or pull request. `triaged_at` is when the team looked at it, gave it a label and somebody to do it.

    `gone_at` is when it was deleted, or transferred where `is_transferred`. `request` is what it asks of the analytics
    team, None where it asks nothing.
    """

    repository: Repository
    number: int
    title: str
    author: Employee
    created_at: datetime
    triaged_at: datetime | None = None
    assignee: Employee | None = None
    edited_at: datetime | None = None
    commented_at: tuple[datetime, ...] = ()
    closed_at: datetime | None = None
    is_done: bool = True
    gone_at: datetime | None = None
    is_transferred: bool = False
    stamped_at: datetime | None = None
    request: Request | None = None

    @property
    def is_pull_request(self) -> bool:
        """Whether it is a pull request."""
        return self.repository.is_pull_request(self.number)

    @property
    def id(self) -> int:
        """The id that GitHub gives it as an issue; a pull request has another one as what it is."""
        return 1_000_000_000 + self.repository.id % 1_000_000 * 1_000 + self.number

    @property
    def node_id(self) -> str:
        """The id that GitHub gives it in GraphQL."""
        return f"{'PR' if self.is_pull_request else 'I'}_kwDO{self.repository.id:x}{self.number:x}"

    def is_there(self, at: datetime) -> bool:
        """Whether it is in its repository."""
        return self.created_at <= at and (self.gone_at is None or self.gone_at > at)

    def is_closed(self, at: datetime) -> bool:
        """Whether it was closed by then."""
        return self.closed_at is not None and self.closed_at <= at

    def is_edited(self, at: datetime) -> bool:
        """Whether its author came back to it by then."""
        return self.edited_at is not None and self.edited_at <= at

    def is_triaged(self, at: datetime) -> bool:
        """Whether the team had looked at it by then."""
        return self.triaged_at is not None and self.triaged_at <= at

    def comments(self, at: datetime) -> int:
        """How many comments it had."""
        return sum(commented <= at for commented in self.commented_at)

    def updated_at(self, at: datetime) -> datetime:
        """The last of its changes; that something moved on a board is none."""
        times = (self.created_at, self.triaged_at, self.edited_at, self.closed_at, self.stamped_at, *self.commented_at)
        return max(time for time in times if time is not None and time <= at)


def threads(company: Company, repository: Repository, at: datetime) -> Iterator[Thread]:
    """Every thread that was ever begun in a repository, the gone ones too, in the order of their numbers."""
    end = at if repository.archived is None else min(at, company.anchor + repository.archived)
    begins = company.anchor + repository.begins
    for number in range(1, (end - begins) // repository.every + 2):
        found = _thread(company, repository, number)
        if found.created_at <= end:
            yield found


@lru_cache(maxsize=1 << 13)
def _thread(company: Company, repository: Repository, number: int) -> Thread:
    people = staff(company)
    chance = dice(company.seed, "thread", repository.name, number)
    created = company.anchor + repository.begins + (number - 1) * repository.every
    created = _second(created + chance.random() * 0.9 * repository.every)
    if repository.is_pull_request(number):
        author = chance.choice([one for one in people if _writes_code(one) and one.works_at(created)])
        closed = created + chance.uniform(1, 90) * HOUR if chance.random() < 0.9 else None
        return Thread(
            repository,
            number,
            title=f"{chance.choice(('fix', 'feat', 'docs', 'chore'))}: number {number}",
            author=author,
            created_at=created,
            commented_at=_times(created, chance.uniform(0.2, 40), chance.randrange(4)),
            closed_at=closed and _second(closed),
            is_done=chance.random() < 0.85,
        )
    if repository is not ANALYTICS:
        author = chance.choice([one for one in people if one.works_at(created)])
        closed = created + chance.uniform(2, 400) * HOUR if chance.random() < 0.6 else None
        commented = _times(created, chance.uniform(1, 60), chance.randrange(6))
        title = f"Problem number {number}"
        return Thread(
            repository, number, title, author, created, commented_at=commented, closed_at=closed and _second(closed)
        )
    return _asked(company, number, people, created)


def _asked(company: Company, number: int, people: tuple[Employee, ...], created: datetime) -> Thread:
    """An issue of the analytics team: a request, or now and then a task that the team gives itself."""
    chance = dice(company.seed, "asked", number)
    there = [one for one in people if one.works_at(created)]
    team = [one for one in there if one.department is Department.ANALYTICS]
    is_own = number % 9 == 5
    asks = None if is_own else request(company.seed, number)
    hours = chance.uniform(1, 21) if chance.random() < 0.8 else chance.uniform(27, 120)
    triaged = None if number % 13 == 6 else created + hours * HOUR
    closed = triaged + chance.uniform(1, 20) * DAY if triaged and chance.random() < 0.8 else None
    gone = created + 2 * DAY if number % 41 == 5 else created + 3 * DAY if number % 53 == 9 else None
    stamped = company.anchor + MASS_EDIT
    return Thread(
        ANALYTICS,
        number,
        title=asks.title if asks else f"Look after pipeline {number}",
        author=chance.choice(team if is_own else [one for one in there if one.department is not Department.ANALYTICS]),
        created_at=created,
        triaged_at=triaged and _second(triaged),
        assignee=chance.choice(team),
        edited_at=_second(created + 6 * HOUR) if asks and asks.added else None,
        commented_at=_times(created, chance.uniform(1, 30), chance.randrange(4)),
        closed_at=closed and _second(closed),
        is_done=chance.random() < 0.85,
        gone_at=gone,
        is_transferred=number % 53 == 9,
        stamped_at=stamped if created < stamped else None,
        request=asks,
    )


def _writes_code(one: Employee) -> bool:
    return one.department in {Department.ENGINEERING, Department.ANALYTICS}


def _times(start: datetime, hours: float, count: int) -> tuple[datetime, ...]:
    return tuple(_second(start + (place + 1) * hours * HOUR) for place in range(count))


def _second(at: datetime) -> datetime:
    """GitHub's times have whole seconds."""
    return at.replace(microsecond=0)
