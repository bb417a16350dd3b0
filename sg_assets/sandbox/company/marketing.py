"""HubSpot as it is at an instant: its records, and which of them are associated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.marketing_companies import companies, deals, domain_of, owners
from sg_assets.sandbox.company.marketing_contacts import MarketingContacts
from sg_assets.sandbox.company.marketing_pings import MarketingPings
from sg_assets.sandbox.company.marketing_record import AHEAD, DELETED, Record, record_id
from sg_assets.sandbox.company.names import FREE_MAIL
from sg_assets.sandbox.company.nps import Nps


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which two records are associated; `label` is None for being associated at all."""

    category: str
    type_id: int
    label: str | None = None


CHAMPION = Way("USER_DEFINED", 36, "Champion")
WAYS = {
    ("company", "contact"): (Way("HUBSPOT_DEFINED", 280), Way("HUBSPOT_DEFINED", 2, "Primary")),
    ("deal", "company"): (Way("HUBSPOT_DEFINED", 341), Way("HUBSPOT_DEFINED", 5, "Primary")),
    ("deal", "contact"): (Way("HUBSPOT_DEFINED", 3),),
}
"""How records are associated that are; numbers are HubSpot's own."""


@dataclass(frozen=True, slots=True)
class State:
    """All of HubSpot at one instant: the records of each kind by id; `buyers` has the account of each deal."""

    records: Mapping[str, Mapping[str, Record]]
    buyers: Mapping[str, str]

    def associated(self, origin: str, target: str) -> dict[str, list[tuple[str, tuple[Way, ...]]]]:
        """What every living record of a kind is associated with, of another: ids and ways, by its own id.

        Raises:
            KeyError: the two kinds are never associated.
        """
        ways, found = WAYS[origin, target], dict[str, list[tuple[str, tuple[Way, ...]]]]()
        for start, end in self._joined(origin, target):
            is_champion = target == "contact" and origin == "company" and number("champion", end) % 11 == 0
            found.setdefault(start, []).append((end, (*ways, CHAMPION) if is_champion else ways))
        return found

    def _joined(self, origin: str, target: str) -> Iterator[tuple[str, str]]:
        if origin == "company":
            by_domain = {company.properties["domain"]: company.id for company in self._living("company")}
            for contact in self._living(target):
                if (domain := domain_of(contact)) != FREE_MAIL and domain in by_domain:
                    yield by_domain[domain], contact.id
            return
        of_account: dict[str | None, str] = {}
        for record in sorted(self._living(target), key=lambda record: record.created_at, reverse=True):
            of_account[record.properties["salesforceaccountid"]] = record.id  # the oldest one at last
        for deal in self._living("deal"):
            if found := of_account.get(self.buyers[deal.id]):
                yield deal.id, found

    def _living(self, kind: str) -> list[Record]:
        """The records that are not archived, in the order of their ids."""
        return sorted((r for r in self.records[kind].values() if r.archived_at is None), key=lambda r: int(r.id))


@dataclass(frozen=True, eq=False)
class Marketing:
    """HubSpot of a company. The last state that was asked for is remembered."""

    company: Company
    _last: dict[datetime, State] = field(default_factory=dict)

    @cached_property
    def nps(self) -> Nps:
        """The answers to the survey."""
        return Nps(self.company)

    def at(self, at: datetime) -> State:
        """Everything as it was when a second began."""
        second = at.replace(microsecond=0)
        if second not in self._last:
            state = self._at(second)
            self._last.clear()
            self._last[second] = state
        return self._last[second]

    def _at(self, at: datetime) -> State:
        """Salesforce's records a moment ahead, and what only HubSpot knows."""
        salesforce = self._crm.at(at + AHEAD)
        for (kind, id_), since in self._crm.deleted(at + AHEAD).items():
            if id_ in salesforce[kind]:
                salesforce[kind][id_][DELETED] = since
        contacts = list(self._contacts.at(salesforce, at))
        records = {
            "contact": contacts,
            "company": list(companies(salesforce, contacts, at)),
            "deal": list(deals(salesforce, at)),
            "owner": list(owners(salesforce)),
        }
        sold = salesforce["Opportunity"].values()
        return State(
            {kind: {record.id: record for record in found} for kind, found in records.items()},
            {record_id("deal", str(sale["Id"])): str(sale["AccountId"]) for sale in sold},
        )

    @cached_property
    def _crm(self) -> Crm:
        return Crm(self._changes)

    @cached_property
    def _changes(self) -> CrmChanges:
        return CrmChanges(self.company)

    @cached_property
    def _contacts(self) -> MarketingContacts:
        return MarketingContacts(self.company, self._changes, self.nps, MarketingPings(self.company))
