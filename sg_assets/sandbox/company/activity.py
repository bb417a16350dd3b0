"""Who is active when, on one instance: the one truth from which both its pings and its events are told.

People are bits of a whole number: the lowest eight are visitors without an account, the others accounts in the order of
their creation. So the people active in a week are an `or` of days, and how many they are is a count of bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company.dice import dice

VISITOR_BITS = 8
_VISITORS = (1 << VISITOR_BITS) - 1
DAY = timedelta(days=1)
WORKING_HOURS = range(8, 19)
BUSIEST_HOUR = 10
GROWTH_DAYS = 1500
MOST_GROWTH = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """The people active since the start of the UTC day, of the week (from Sunday) and of the calendar month."""

    day: int
    week: int
    month: int


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The people of one instance; `accounts` is how many there are at the anchor.

    Each one remembers its days: keep it, rather than make it twice.
    """

    seed: int
    position: int
    accounts: int
    visitors: int
    utc_offset: int
    anchor: date
    falls_on: date | None = None  # from this day on only a quarter of them come

    def accounts_on(self, day: date) -> int:
        """How many accounts exist on a day: a few more every month."""
        grown = 1 + (day - self.anchor).days / GROWTH_DAYS
        return max(2, min(self.accounts * MOST_GROWTH, int(self.accounts * grown)))

    def reach(self, at: datetime) -> Reach:
        """Who was active up to the beginning of an hour; people of the hour itself are counted by the next ping."""
        day = at.date()
        today, (week, month) = self.hours(day)[at.hour], _before(self, day)
        return Reach(today, today | week, today | month)

    def rolling_month(self, at: datetime) -> int:
        """Who was active in the 29 days before the day of an instant, and that day up to the beginning of its hour."""
        day = at.date()
        return self.hours(day)[at.hour] | _rolling(self, day - DAY)

    def hours(self, day: date) -> tuple[int, ...]:
        """For each hour of a day, and its end, who was active before it: 25 sets, each holding those before it."""
        return _hours(self, day)

    def active_in(self, day: date, hour: int) -> int:
        """Who is active in one hour."""
        return _working(self, day)[hour]


def bits_of(people: int) -> Iterator[int]:
    """The people of a set, one bit after the other."""
    while people:
        lowest = people & -people
        yield lowest.bit_length() - 1
        people ^= lowest


def registered(people: int) -> int:
    """How many of them have an account."""
    return (people >> VISITOR_BITS).bit_count()


def anonymous(people: int) -> int:
    """How many of them have none."""
    return (people & _VISITORS).bit_count()


@lru_cache(maxsize=1024)
def _working(population: Population, day: date) -> tuple[int, ...]:
    """Who is active in each hour of a UTC day."""
    chance = dice(population.seed, "active", population.position, day)
    today = _active(population, day)
    bits = max(1, today.bit_length())
    hours, seen = [0] * 24, 0
    for local in WORKING_HOURS:
        now = today & chance.getrandbits(bits) & chance.getrandbits(bits)
        hours[(local - population.utc_offset) % 24] = now
        seen |= now
    hours[(BUSIEST_HOUR - population.utc_offset) % 24] |= today & ~seen
    return tuple(hours)


@lru_cache(maxsize=16384)
def _active(population: Population, day: date) -> int:
    """Who is active on a day: a quarter of the people are there every other day, some weekly, the others rarely."""
    bits = population.accounts_on(day) + VISITOR_BITS
    often, weekly = _habits(population)
    chance = dice(population.seed, "day", population.position, day)
    half, quarter = chance.getrandbits(bits), chance.getrandbits(bits)
    eighth = half & quarter & chance.getrandbits(bits)
    rare = eighth & chance.getrandbits(bits) & chance.getrandbits(bits) & chance.getrandbits(bits)
    active = (often & half) | (weekly & eighth) | rare
    if day.weekday() >= 5:
        active &= chance.getrandbits(bits) & chance.getrandbits(bits) & chance.getrandbits(bits)
    if population.falls_on is not None and day >= population.falls_on:
        active &= _faithful(population)
    all_people = ((1 << bits) - 1) & ~_VISITORS
    visitors = (1 << population.visitors) - 1
    return active & (all_people | visitors)


@lru_cache(maxsize=1024)
def _habits(population: Population) -> tuple[int, int]:
    """Who is there often and who weekly, of all people there will ever be."""
    chance = dice(population.seed, "habits", population.position)
    bits = MOST_GROWTH * population.accounts + VISITOR_BITS
    return chance.getrandbits(bits) & chance.getrandbits(bits), chance.getrandbits(bits)


@lru_cache(maxsize=64)
def _faithful(population: Population) -> int:
    """The quarter of people, of all that there will ever be, who still come where use falls."""
    chance = dice(population.seed, "faithful", population.position)
    bits = MOST_GROWTH * population.accounts + VISITOR_BITS
    return chance.getrandbits(bits) & chance.getrandbits(bits)


@lru_cache(maxsize=1024)
def _hours(population: Population, day: date) -> tuple[int, ...]:
    before, sets = 0, [0]
    for people in _working(population, day):
        before |= people
        sets.append(before)
    return tuple(sets)


@lru_cache(maxsize=1024)
def _before(population: Population, day: date) -> tuple[int, int]:
    """Who was active before a day in its week and in its month."""
    week = month = 0
    for age in range(1, max(day.isoweekday() % 7, day.day - 1) + 1):
        people = _active(population, day - age * DAY)
        week |= people if age <= day.isoweekday() % 7 else 0
        month |= people if age < day.day else 0
    return week, month


@lru_cache(maxsize=1024)
def _rolling(population: Population, last: date) -> int:
    """Who was active on the 29 days up to the last."""
    people = 0
    for age in range(29):
        people |= _active(population, last - age * DAY)
    return people
