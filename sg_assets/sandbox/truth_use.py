"""Who truly used what when: active users, cohorts and falls of use, for tests that compare our tables with them.

What happened is asked, not what was delivered of it: nothing here is late, repeated or of somebody who does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sg_assets.sandbox.company import dotcom_events, managed_events
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dotcom_events import DotcomEvents
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.managed_events import ManagedEvents
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets.sandbox.sandbox import Sandbox

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
DOTCOM = "sourcegraph.com"
NOT_ACTIVE = frozenset({*managed_events.NOT_ACTIVE, *dotcom_events.NOT_ACTIVE})
FALLS_TO, USUAL_WEEKS, LEAST_WEEKS, LEAST_USERS = 0.5, 4, 3, 5
"""When use has fallen: to this share of the median of so many weeks, of which so many are known, with so many users."""

Days = Mapping[date, frozenset[str]]
"""The active users of a site on each UTC day: `user:` and the number, or `anonymous:` and the browser."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many users were active on a day, since the Sunday before it, and since the first of its month."""

    day: int
    week: int
    month: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Users who were active for the first time in the week of a Monday, and how many were in each week since."""

    site: str
    is_registered: bool
    monday: date
    by_week: tuple[int, ...]


def active_users(sandbox: Sandbox, since: datetime, until: datetime) -> Mapping[str, Days]:
    """The active users of each site, by its id, from one midnight to the other.

    On an instance whose clock is ahead, the events of the last minutes of a day bear the next day.
    """
    found: dict[str, dict[date, set[str]]] = {}
    hour = since - HOUR
    while hour < until:
        for site, day, user in _active_in(sandbox.company, hour):
            if since.date() <= day < until.date():
                found.setdefault(site, {}).setdefault(day, set()).add(user)
        hour += HOUR
    return {site: {day: frozenset(users) for day, users in days.items()} for site, days in found.items()}


def reach(days: Days, day: date) -> Reach:
    """How many users a site had by the end of a day, of those that `days` knows."""
    sunday, first = day - day.isoweekday() % 7 * DAY, day.replace(day=1)
    week, month = (_users(days, begin, day) for begin in (sunday, first))
    return Reach(len(days.get(day, ())), len(week), len(month))


def cohorts(company: Company, sites: Mapping[str, Days], last_monday: date) -> list[Cohort]:
    """The cohorts of all sites up to the week of a Monday, without those who came before the first week of their site.

    Only browsers of sourcegraph.com remember when they came first.
    """
    found = []
    for site, days in sites.items():
        weeks: dict[date, set[str]] = {}
        for day, users in days.items():
            weeks.setdefault(day - day.weekday() * DAY, set()).update(users)
        seen = _came_before(company, days, min(weeks)) if site == DOTCOM else set()
        for monday in sorted(weeks):
            new = weeks[monday] - seen
            seen |= weeks[monday]
            for is_registered in (True, False):
                members = {user for user in new if user.startswith("user:") is is_registered}
                later = [monday + age * WEEK for age in range((last_monday - monday) // WEEK + 1)][:12]
                counts = tuple(len(members & weeks.get(week, set())) for week in later)
                if members and counts:
                    found.append(Cohort(site, is_registered, monday, counts))
    return found


def falls_of_use(sandbox: Sandbox, since: date, until: datetime) -> Mapping[tuple[str, date], tuple[int, float]]:
    """By site id and Sunday, the weeks in which use fell by half: the week's users, and the median of those before."""
    found = {}
    for instance in sandbox.company.instances:
        weeks = weekly_users(sandbox.company, instance, since, until)
        for sunday, users in weeks.items():
            before = [weeks[sunday - age * WEEK] for age in range(1, USUAL_WEEKS + 1) if sunday - age * WEEK in weeks]
            if len(before) >= LEAST_WEEKS and median(before) >= LEAST_USERS and users <= FALLS_TO * median(before):
                found[instance.site_id, sunday] = (users, float(median(before)))
    return found


def weekly_users(company: Company, instance: Instance, since: date, until: datetime) -> Mapping[date, int]:
    """By Sunday, the users of each week as an instance told them with its last ping of the Saturday."""
    times, population, found = PingTimes(company), PingRows(company).population(instance), {}
    saturday = since + (5 - since.weekday()) % 7 * DAY
    while saturday < until.date():
        midnight = datetime(saturday.year, saturday.month, saturday.day, tzinfo=until.tzinfo) + DAY
        last = times.last_before(instance, midnight - timedelta(seconds=1), DAY)
        if last is not None and instance.pings_at(last) is Pings.FULL:
            found[saturday - 6 * DAY] = population.reach(last).week.bit_count()
        saturday += WEEK
    return found


def _users(days: Days, first: date, last: date) -> frozenset[str]:
    every = (days.get(first + age * DAY, frozenset()) for age in range((last - first).days + 1))
    return frozenset().union(*every)


def _active_in(company: Company, hour: datetime) -> Iterator[tuple[str, date, str]]:
    """Site, day and user of everything active that happened in an hour."""
    log = ManagedEvents(PingRows(company))
    for instance in company.instances:
        for _, event in log.events_of(instance, hour) if instance.events else ():
            if event["user_id"] != managed_events.ADMIN:
                yield from _active(instance.site_id, event)
    for _, text in DotcomEvents(company).happened(hour):
        event = json.loads(text)
        if event["user_id"] not in dotcom_events.STAFF:
            yield from _active(DOTCOM, event)


def _active(site: str, event: Mapping[str, object]) -> Iterator[tuple[str, date, str]]:
    browser, number = event["anonymous_user_id"], event["user_id"]
    if browser != "backend" and event["name"] not in NOT_ACTIVE:
        user = f"user:{number}" if number else f"anonymous:{browser}"
        yield site, datetime.fromisoformat(str(event["timestamp"])).date(), user


def _came_before(company: Company, days: Days, monday: date) -> set[str]:
    """The people with an account on sourcegraph.com who first came there before the week of a Monday."""
    first_on: dict[str, date] = {}
    for day in sorted(days):
        for user in days[day]:
            first_on.setdefault(user, day)
    return {
        user
        for user, day in first_on.items()
        if user.startswith("user:") and dotcom_events.first_visit(company, int(user[5:]), day) < monday
    }
