"""Sales sequences: e-mails that account executives send in stages to the leads and contacts that they own in the CRM.

Who is written to, when, and what becomes of it follows from Salesforce's records: a lead is welcomed by its owner and
its sequence ends when it is converted at the latest; a customer is written to when a renewal is opened, until it is
won; whose address is bad data cannot be reached. How Mixmax shows this is for its stand-in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import FORESEEN, prospect_name, prospects, sales
from sg_assets.sandbox.company.crm_changes import CONVERTED_EVERY, FIRST_NEW_LEAD
from sg_assets.sandbox.company.crm_record import DAY, factor_of, representative
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.people import Person
from sg_assets.sandbox.company.staff import Department, Employee, staff

HOUR = timedelta(hours=1)
STAGES_TAKE = 14 * DAY
"""How long a sequence writes to somebody who does not answer."""
WELCOME, RENEWAL, PROSPECT, EVENT = "Welcome new leads", "Renewal check-in", "Prospects: code search", "Event follow-up"
CREATED = {WELCOME: 400, RENEWAL: 520, PROSPECT: 330, EVENT: 40}
"""Days before the anchor at which each executive made the sequence of that name; nobody was written to after events."""
RENEWALS_FROM = 300
"""Days before the anchor from which on renewals were announced by a sequence."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One sequence of one account executive. A shared one is seen by colleagues, too."""

    id: str
    owner: Employee
    name: str
    created_at: datetime
    is_shared: bool
    deleted_at: datetime | None = None

    def exists(self, at: datetime) -> bool:
        """Whether it is there at an instant."""
        return self.created_at <= at and (self.deleted_at is None or self.deleted_at > at)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody in a sequence: active until `ended_at`, then what `outcome` says; no longer listed from `removed_at` on.

    `email` is spelled as the executive typed it.
    """

    id: str
    sequence_id: str
    email: str
    created_at: datetime
    ended_at: datetime
    outcome: str
    removed_at: datetime | None = None

    def is_listed(self, at: datetime) -> bool:
        """Whether the sequence's list has it."""
        return self.created_at <= at and (self.removed_at is None or self.removed_at > at)

    def state(self, at: datetime) -> str:
        """`active`, `completed` or `failed`."""
        return "active" if at < self.ended_at else self.outcome

    def updated_at(self, at: datetime) -> datetime:
        """When it last changed."""
        return self.created_at if at < self.ended_at else self.ended_at


@dataclass(frozen=True)
class Outreach:
    """All sequences of a company and everybody who was ever in one."""

    company: Company

    @cached_property
    def executives(self) -> tuple[Employee, ...]:
        """The account executives, one of whom has left; by their ids in Salesforce they own leads and opportunities."""
        return tuple(
            one for one in staff(self.company) if one.department is Department.SALES and one.salesforce_user_id
        )

    @cached_property
    def sequences(self) -> tuple[Sequence, ...]:
        """Every sequence that ever was, the first executive's first."""
        found = []
        for owner in self.executives:
            for name, age in CREATED.items():
                names = (self.company.seed, "sequence", owner.person.email, name)
                created = self.company.anchor - age * DAY + timedelta(minutes=number(*names) % 900)
                is_gone = name == EVENT and owner is self.executives[0]
                deleted = self.company.anchor + DAY if is_gone else None
                is_shared = name == RENEWAL or (name == WELCOME and owner.number % 2 == 0)
                found.append(Sequence(_object_id(*names), owner, name, created, is_shared, deleted))
        return tuple(found)

    def recipients(self, at: datetime) -> dict[str, list[Recipient]]:
        """Who is listed in each sequence at an instant, by the sequence's id, the newest first."""
        found: dict[str, list[Recipient]] = {one.id: [] for one in self.sequences}
        for recipient in (*self._known, *self._of_new_leads(at)):
            if recipient.is_listed(at):
                found[recipient.sequence_id].append(recipient)
        for listed in found.values():
            listed.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        return found

    @cached_property
    def _known(self) -> tuple[Recipient, ...]:
        """Everybody but new leads, once in each sequence: an address that is in it already is skipped."""
        found: dict[tuple[str, str], Recipient] = {}
        every = (*self._of_leads(), *self._of_prospects(), *self._of_renewals())
        for one in sorted(every, key=lambda one: one.created_at):
            found.setdefault((one.sequence_id, one.email), one)
        return tuple(found.values())

    def _of_leads(self) -> Iterator[Recipient]:
        """People at companies without an account, at some time in the half year before the anchor."""
        company = self.company
        for place in range(round(crm_people.LOOSE_LEADS * factor_of(company))):
            person, employer = crm_people.loose_person(company, place)
            chance = dice(company.seed, "welcomed", person.email)
            at = company.anchor - (0.1 + 180 * chance.random() ** 2) * DAY
            is_bad = crm_people.lead(company, person, employer)["Status"] == "Bad-Data"
            owner = representative(company, person.email)
            yield from self._written_to(owner, WELCOME, person, at, at + STAGES_TAKE, is_bad=is_bad)

    def _of_new_leads(self, at: datetime) -> Iterator[Recipient]:
        """Those who were entered since the anchor, the hour after."""
        company = self.company
        for hours in range(max(0, (hour_of(at) - company.anchor) // HOUR)):
            person, _ = crm_people.loose_person(company, FIRST_NEW_LEAD + hours)
            added = company.anchor + (hours + 1) * HOUR + timedelta(minutes=number(person.email) % 50)
            owner = representative(company, person.email)
            yield from self._written_to(owner, WELCOME, person, added, added + STAGES_TAKE)

    def _of_prospects(self) -> Iterator[Recipient]:
        """Leads at companies that have bought nothing yet; the first of each is converted ten days later at most."""
        company = self.company
        for place in range(prospects(company)):
            _, converted, *others = crm_people.prospect_people(company, place)
            at = company.anchor + place * CONVERTED_EVERY * HOUR
            yield from self._written_to(
                representative(company, converted.email), PROSPECT, converted, at - 10 * DAY, at
            )
            for person in others:
                added = company.anchor - dice(company.seed, "written to", person.email).uniform(1, 250) * DAY
                is_bad = crm_people.lead(company, person, prospect_name(company, place))["Status"] == "Bad-Data"
                owner = representative(company, person.email)
                yield from self._written_to(owner, PROSPECT, person, added, added + STAGES_TAKE, is_bad=is_bad)

    def _of_renewals(self) -> Iterator[Recipient]:
        """The first contact of a customer whose renewal was opened, by the owner of the opportunity."""
        company = self.company
        for sale in sales(company):
            opened = sale.license.created_at - FORESEEN
            if sale.is_renewal and opened >= company.anchor - RENEWALS_FROM * DAY:
                owner = representative(company, sale.customer.position)
                end = min(opened + HOUR + STAGES_TAKE, sale.license.created_at)
                yield from self._written_to(owner, RENEWAL, sale.customer.people[0], opened + HOUR, end)

    def _written_to(  # noqa: PLR0913 (who, by whom, how and when)
        self, owner: str, name: str, person: Person, at: datetime, end: datetime, *, is_bad: bool = False
    ) -> Iterator[Recipient]:
        """Somebody in the owner's sequence of a name; nobody, where the owner is no account executive."""
        sequence = self._by_owner.get((owner, name))
        if sequence is None:
            return
        spellings = [person.email]
        if number("spelled", person.email) % 9 == 0:
            spellings = [person.email.title()]
        elif number("twice", person.email) % 23 == 0:
            spellings.append(person.email.title())
        for spelling in spellings:
            is_removed = number("removed", spelling) % 13 == 0
            yield Recipient(
                _object_id(sequence.id, spelling, at),
                sequence.id,
                spelling,
                at,
                at + timedelta(minutes=5) if is_bad else end,
                "failed" if is_bad else "completed",
                at + 6 * DAY if is_removed else None,
            )

    @cached_property
    def _by_owner(self) -> dict[tuple[str | None, str], Sequence]:
        return {(one.owner.salesforce_user_id, one.name): one for one in self.sequences}


def _object_id(*names: object) -> str:
    """24 hexadecimal digits, as MongoDB gives them."""
    return f"{number(*names):016x}{number(*names, 'more') % 16**8:08x}"
