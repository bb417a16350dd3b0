"""People: those who work at a company, under their name and address at it."""

from __future__ import annotations

from dataclasses import dataclass

from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.names import FIRST_NAMES, LAST_NAMES, TITLES, free_mail_address


@dataclass(frozen=True, slots=True)
class Person:
    """One person at one company."""

    first_name: str
    last_name: str
    title: str
    email: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def free_mail(self) -> str:
        """The person's address at a free-mail provider."""
        return free_mail_address(self.first_name, self.last_name)


def people_of(seed: int, group: str, domain: str, count: int) -> tuple[Person, ...]:
    """The people of a group, each with another address at its domain."""
    chance = dice(seed, "people", group)
    found: dict[str, Person] = {}
    while len(found) < count:
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        email = f"{first}.{last}@{domain}".lower()
        found.setdefault(email, Person(first, last, chance.choice(TITLES), email))
    return tuple(found.values())
