"""The accounts of sourcegraph.com: owners of subscriptions, staff, the people whose events there are, and passers-by.

Numbers are those of the database: the same that subscriptions and events name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.activity import GROWTH_DAYS, MOST_GROWTH
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import factor_of
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.dotcom_events import ACCOUNTS, FIRST_USER, OFFSETS, STAFF
from sg_assets.sandbox.company.names import FIRST_NAMES, LAST_NAMES, free_mail_address
from sg_assets.sandbox.company.staff import Department, staff

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST_PASSER_BY = 20_000_000
"""Beyond any number that an owner of a subscription can have."""
PASSERS_BY = 300
"""Accounts that were made, and never used again, at scale 1; half of them were when the history ends."""
SURVEYED_SINCE = 500 * DAY
"""How long before the anchor those had an account whom a survey may ask."""
SIGNS_UP_EVERY = 3 * HOUR


@dataclass(frozen=True, slots=True)
class DotcomUser:
    """One account. `deleted_at`: marked as deleted since then; `erased_at`: the row itself is gone since then."""

    number: int
    username: str
    display_name: str
    email: str
    created_at: datetime
    is_site_admin: bool = False
    deleted_at: datetime | None = None
    erased_at: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        """Whether the database has a row of it then."""
        return self.created_at <= at and (self.erased_at is None or self.erased_at > at)


@lru_cache(maxsize=8)
def dotcom_users(company: Company) -> tuple[DotcomUser, ...]:
    """Every account that there ever is; no two have a number or, while they live, a username in common."""
    found: dict[int, DotcomUser] = {}
    taken: set[str] = set()
    for user in (*_owners(company), *_staff(company), *_active(company), *_passers_by(company)):
        if user.number in found:
            continue  # the events of an owner are an owner's
        name = user.username if user.username.lower() not in taken else f"{user.username}-{user.number}"
        if user.deleted_at is None:
            taken.add(name.lower())
        found[user.number] = replace(user, username=name)
    return tuple(sorted(found.values(), key=lambda user: user.number))


def subscription_owner(company: Company, position: int, place: int) -> int:
    """The number of the account that owns a customer's subscription; that of a deleted one is still kept with it."""
    user = company.subscriptions[position][place].user
    return user.number if user else 9_000_000 + number(company.seed, "deleted user", position, place) % 1_000_000


def _owners(company: Company) -> Iterator[DotcomUser]:
    for customer in company.customers:
        subscriptions = company.subscriptions[customer.position]
        for place, one in enumerate(subscriptions):
            owner = subscription_owner(company, customer.position, place)
            if one.user is None:
                name, shown, email = f"{customer.username_stem}-{customer.unique_id}", customer.name, ""
            else:
                name, shown, email = one.user.username, one.user.display_name, one.user.email
            first = min(each.created_at for each in subscriptions)
            gone = company.anchor - 45 * DAY if one.user is None else None
            yield DotcomUser(owner, name, shown, email, first - HOUR, deleted_at=gone)


def _staff(company: Company) -> Iterator[DotcomUser]:
    """Engineers first: the first three of them are admins of the site."""
    people = sorted(staff(company), key=lambda one: (one.department is not Department.ENGINEERING, one.number))
    for place, one in enumerate(people, STAFF[0]):
        yield DotcomUser(
            place, one.github_login, one.person.name, one.person.email, one.joined_at, is_site_admin=place in STAFF
        )


def _active(company: Company) -> Iterator[DotcomUser]:
    """The people whose events the stream has: those of no customer, who answer surveys too, customers', and others."""
    accounts = max(5, round(ACCOUNTS * factor_of(company)))
    loose = round(crm_people.LOOSE_LEADS * factor_of(company))
    known = [crm_people.loose_person(company, place)[0] for place in range(loose)]
    known += [person for customer in company.customers for person in customer.people[1::2]]
    for place in range(MOST_GROWTH * accounts * len(OFFSETS)):
        person = place // len(OFFSETS)
        first_day = math.ceil(((person + 1) / accounts - 1) * GROWTH_DAYS) - 1
        created_at = company.anchor + first_day * DAY + timedelta(seconds=number(company.seed, "joined", place) % 3600)
        if place < loose:
            created_at = min(created_at, company.anchor - SURVEYED_SINCE)
        if place < len(known):
            one = known[place]
            yield DotcomUser(FIRST_USER + place, _login(one.email), one.name, one.email, created_at)
        else:
            yield _individual(company.seed, FIRST_USER + place, created_at)


def _passers_by(company: Company) -> Iterator[DotcomUser]:
    """One in twenty deletes the account on the next day; of one in ten nothing is left two days later."""
    count = max(20, round(PASSERS_BY * factor_of(company)))
    for place in range(count):
        created_at = company.anchor + (place - count // 2) * SIGNS_UP_EVERY + timedelta(minutes=17)
        user = _individual(company.seed, FIRST_PASSER_BY + place, created_at)
        deleted_at = created_at + DAY if place % 20 == 3 else None
        yield replace(user, deleted_at=deleted_at, erased_at=created_at + 2 * DAY if place % 10 == 7 else None)


def _individual(seed: int, user: int, created_at: datetime) -> DotcomUser:
    chance = dice(seed, "individual", user)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    digits = number(seed, user) % 1000
    email = free_mail_address(first, f"{last}{digits}")
    return DotcomUser(user, f"{first}{last}{digits}".lower(), f"{first} {last}", email, created_at)


def _login(email: str) -> str:
    return email.partition("@")[0].replace(".", "-")
