"""The made-up company's Fivetran connections, and every sync that their schedules ever begin, with how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import fraction, number

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
GROUP = "warehouse_analytics"
HISTORICAL = 5
"""How many times as long the first sync takes, which reads everything."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection; times are instants. `troubles` are times in which every sync fails."""

    id: str
    service: str
    schema: str
    every: timedelta
    takes: timedelta
    created_at: datetime
    tables: tuple[str, ...]
    daily_at: str | None = None
    is_paused: bool = False
    is_set_up: bool = True
    deleted_at: datetime | None = None
    troubles: tuple[tuple[datetime, datetime], ...] = ()

    def exists(self, at: datetime) -> bool:
        """Whether it was made by then, and not deleted."""
        return self.created_at <= at and (self.deleted_at is None or at < self.deleted_at)


@dataclass(frozen=True, slots=True)
class Sync:
    """One run of a connection."""

    start: datetime
    end: datetime
    has_succeeded: bool


@dataclass(frozen=True, eq=False)
class Connections:
    """All connections of a company."""

    company: Company
    all: tuple[Connection, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make them up."""
        object.__setattr__(self, "all", tuple(_made_up(self.company.anchor)))

    def at(self, at: datetime) -> tuple[Connection, ...]:
        """Those that exist at an instant."""
        return tuple(one for one in self.all if one.exists(at))

    def sync_at(self, one: Connection, start: datetime, *, is_first: bool = False) -> Sync:
        """The sync that begins at an instant, whoever asked for it; one of forty fails."""
        takes = one.takes * (0.7 + 0.6 * fraction(self.company.seed, "takes", one.id, start))
        end = start + timedelta(seconds=round(takes.total_seconds())) * (HISTORICAL if is_first else 1)
        is_unlucky = number(self.company.seed, "fails", one.id, start) % 40 == 0 and not is_first
        is_in_trouble = any(since <= end < until for since, until in one.troubles)
        return Sync(start, end, has_succeeded=not (is_unlucky or is_in_trouble))

    def scheduled(self, one: Connection, at: datetime) -> Iterator[Sync]:
        """The syncs that the schedule had begun by an instant, the newest first; none of a paused one's last weeks."""
        if not one.is_set_up:
            return
        until = min(at, self.company.anchor - 100 * DAY) if one.is_paused else at
        for place in range((until - one.created_at) // one.every, -1, -1):
            yield self.sync_at(one, one.created_at + place * one.every, is_first=place == 0)

    def last_ends(self, one: Connection, at: datetime) -> dict[bool, datetime | None]:
        """When the schedule's newest sync ended well (True) and badly (False) by an instant: what the API will show."""
        return newest_ends(self.scheduled(one, at), (), at)


def newest_ends(scheduled: Iterator[Sync], others: tuple[Sync, ...], at: datetime) -> dict[bool, datetime | None]:
    """When a sync last ended well (True) and badly (False) by an instant.

    Args:
        scheduled: the newest first; it is read until one of each kind was found.
        others: in any order.
        at: what ends later is not seen.
    """
    found: dict[bool, datetime] = {}
    for sync in scheduled:
        if sync.end <= at:
            found.setdefault(sync.has_succeeded, sync.end)
        if len(found) == 2:
            break
    for sync in others:
        if sync.end <= at:
            found[sync.has_succeeded] = max(sync.end, found.get(sync.has_succeeded, sync.end))
    return {True: found.get(True), False: found.get(False)}


def _made_up(anchor: datetime) -> Iterator[Connection]:
    yield Connection(
        "brisk_harbor", "salesforce", "salesforce", 6 * HOUR, 9 * MINUTE, anchor - 800 * DAY + 47 * MINUTE,
        ("account", "opportunity", "contact", "lead", "user"),
        troubles=((anchor - 3 * DAY, anchor - 2 * DAY),),
    )  # fmt: skip
    yield Connection(
        "quiet_lantern", "hubspot", "hubspot", DAY, 25 * MINUTE, anchor - 500 * DAY + 22 * HOUR,
        ("contact", "company", "deal", "owner", "email_event"), daily_at="22:00",
        troubles=((anchor + 2 * DAY, anchor + 4 * DAY),),
    )  # fmt: skip
    yield Connection(
        "amber_compass", "github", "github", HOUR, 3 * MINUTE, anchor - 300 * DAY + 12 * MINUTE,
        ("issue", "pull_request", "repository"),
        troubles=((anchor - 30 * HOUR, anchor - 20 * HOUR),),
    )  # fmt: skip
    yield Connection(
        "faded_meadow", "google_sheets", "arr_tracker_old", 6 * HOUR, 2 * MINUTE, anchor - 900 * DAY,
        ("arr_tracker",), is_paused=True, deleted_at=anchor + 3 * DAY,
    )  # fmt: skip
    yield Connection(
        "early_thicket", "zendesk", "zendesk", 6 * HOUR, 5 * MINUTE, anchor - 5 * DAY, (), is_set_up=False
    )  # fmt: skip
