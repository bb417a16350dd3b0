"""What happens in Salesforce after the anchor: renewals when they are due, and a little of everything every hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.company import crm_accounts, crm_campaigns, crm_history, crm_people, crm_subscriptions
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY, Change, factor_of, representative, stamps
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

HOUR = timedelta(hours=1)
CONVERTED_EVERY = 6
"""Hours between two leads that become contacts, until every prospect has had one."""
NIGHTLY_HOUR = 2
"""The hour (UTC) of the automation that touches a tenth of all accounts in one second."""
ERASING_HOUR = 17
"""The hour (UTC) at which, every day, a lead is erased that somebody asked to be forgotten as."""
ERASED = "erased"
"""In a change: the record is gone for good, and no query sees it any more."""
FIRST_NEW_LEAD = 1_000
LATEST = 300
"""Seconds after its stamp at which one change of ten is seen."""


@dataclass(frozen=True)
class CrmChanges:
    """The changes of a company after its anchor, hour by hour."""

    company: Company

    @cached_property
    def first(self) -> list[Change]:
        """The records as they are at the anchor."""
        company = self.company
        opportunities = list(crm_accounts.opportunities(company))
        contacts, leads = list(crm_people.contacts(company)), list(crm_people.leads(company))
        return [
            *crm_people.users(company),
            *crm_accounts.accounts(company),
            *opportunities,
            *contacts,
            *leads,
            *(row for one in opportunities for row in crm_history.before_anchor(company.seed, one)),
            *crm_subscriptions.product_subscriptions(company),
            *crm_campaigns.campaigns(company),
            *crm_campaigns.members(company, [*contacts, *leads]),
        ]

    @cached_property
    def scheduled(self) -> list[Change]:
        """Opportunities that are opened for renewals, and won, after the anchor; and contracts that so go on."""
        found: list[Change] = []
        for sale in crm_accounts.sales(self.company):
            at, opened = sale.license.created_at, sale.license.created_at - crm_accounts.FORESEEN
            if opened > self.company.anchor:
                fields = {"Id": sale.opportunity_id, **crm_accounts.opportunity(self.company, sale, "Negotiation")}
                found.append(
                    Change(opened, opened, "Opportunity", sale.opportunity_id, fields | stamps(opened, opened))
                )
            if at > self.company.anchor:
                found.append(_edit(at, "Opportunity", sale.opportunity_id, crm_accounts.stage_fields("Closed Won")))
                found.append(_edit(at, "Account", sale.customer.account_id, crm_accounts.contract([sale.license], at)))
        found += crm_subscriptions.renewals(self.company)
        return sorted(found, key=lambda change: change.at)

    def of_hour(self, hour: datetime) -> Iterator[Change]:
        """What happens by chance in an hour after the anchor, given by its beginning."""
        chance = dice(self.company.seed, "crm", f"{hour:%Y%m%d%H}")
        turns = max(1, round(factor_of(self.company)))

        def moment() -> datetime:
            return hour + timedelta(seconds=chance.randrange(3600))

        for _ in range(turns):
            account, opportunity = chance.choice(self._ids["Account"]), chance.choice(self._open_opportunities)
            yield _edit(
                moment(), "Account", account, {"NumberOfEmployees": chance.choice((90, 310, 900, 4100, 12_500))}
            )
            yield _edit(
                moment(),
                "Account",
                chance.choice(self._ids["Account"]),
                {"OwnerId": representative(self.company, hour)},
            )
            stage = chance.choice(("Qualified", "Technical Evaluation", "Negotiation", "Closed Lost"))
            yield _edit(moment(), "Opportunity", opportunity, crm_accounts.stage_fields(stage))
            yield _edit(
                moment(),
                "Contact",
                chance.choice(self._ids["Contact"]),
                {"Title": chance.choice(("CTO", "VP Engineering"))},
            )
            yield _edit(
                moment(),
                "Lead",
                chance.choice(self._open_leads),
                {"Status": chance.choice(("Working", "Nurture", "Replied"))},
            )
            yield self._new_lead(hour, moment())
        place, is_none = divmod((hour - self.company.anchor) // HOUR, CONVERTED_EVERY)
        if not is_none and place < crm_accounts.prospects(self.company):
            yield from self._conversion(moment(), place)
        if hour.hour == 13:
            yield _edit(moment(), "Lead", chance.choice(self._open_leads), {"IsDeleted": True})
        if hour.hour == ERASING_HOUR:
            yield Change(hour, hour, "Lead", self._asked_to_be_forgotten(hour), {ERASED: True})
        if hour.hour == NIGHTLY_HOUR:
            for account in self._ids["Account"]:
                if number("nightly", hour, account) % 10 == 0:
                    yield Change(hour, hour, "Account", account, {"SystemModstamp": hour})

    def _new_lead(self, hour: datetime, at: datetime) -> Change:
        place = FIRST_NEW_LEAD + (hour - self.company.anchor) // HOUR
        person, employer = crm_people.loose_person(self.company, place)
        id_ = crm_people.lead_id(self.company, person)
        fields = crm_people.lead(self.company, person, employer) | {"Status": "New", "MQL_Date__c": None}
        return Change(at, _seen(at, id_), "Lead", id_, {"Id": id_, **fields, **stamps(at, at)})

    def _conversion(self, at: datetime, place: int) -> Iterator[Change]:
        """A lead becomes a contact and an opportunity of its company's account."""
        company = self.company
        person, account = crm_people.prospect_people(company, place)[1], crm_accounts.prospect_id(company, place)
        contact = crm_people.contact_id(company, person)
        opportunity = salesforce_id("006", company.seed, "converted", person.email)
        became = {"ConvertedAccountId": account, "ConvertedContactId": contact, "ConvertedOpportunityId": opportunity}
        fields: dict[str, object] = {"Status": "Converted", "IsConverted": True, "ConvertedDate": at.date(), **became}
        yield _edit(at, "Lead", crm_people.lead_id(company, person), fields)
        made = {"Id": contact, **crm_people.contact(company, person, account), **stamps(at, at)}
        yield Change(at, at, "Contact", contact, made)
        sale = {
            "Id": opportunity,
            **crm_accounts.stage_fields("Interest"),
            "AccountId": account,
            "Name": f"{crm_accounts.prospect_name(company, place)} - New Business",
            "Amount": None,
            "CloseDate": (at + 90 * DAY).date(),
            "Type": "New Business",
            "LeadSource": "Inbound",
            "OwnerId": representative(company, account),
            "IsDeleted": False,
        }
        yield Change(at, at, "Opportunity", opportunity, sale | stamps(at, at))

    def _asked_to_be_forgotten(self, hour: datetime) -> str:
        """The lead that was made ten hours before."""
        place = FIRST_NEW_LEAD + (hour - self.company.anchor) // HOUR - 10
        return crm_people.lead_id(self.company, crm_people.loose_person(self.company, place)[0])

    @cached_property
    def _ids(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for change in self.first:
            if not change.fields.get("IsDeleted"):
                found.setdefault(change.kind, []).append(change.id)
        return found

    @cached_property
    def _open_opportunities(self) -> list[str]:
        won = {sale.opportunity_id for sale in crm_accounts.sales(self.company)}
        found = [change for change in self.first if change.kind == "Opportunity" and not change.fields["IsClosed"]]
        return [change.id for change in found if change.id not in won and not change.fields["IsDeleted"]]

    @cached_property
    def _open_leads(self) -> list[str]:
        """Those that no company with an account employs: none of them is converted."""
        places = range(round(crm_people.LOOSE_LEADS * factor_of(self.company)))
        return [crm_people.lead_id(self.company, crm_people.loose_person(self.company, place)[0]) for place in places]


def _edit(at: datetime, kind: str, id_: str, fields: dict[str, object]) -> Change:
    """A person changes a record; the stamps move."""
    moved = {"LastModifiedDate": at.replace(microsecond=0), "SystemModstamp": at.replace(microsecond=0)}
    return Change(at, _seen(at, id_), kind, id_, fields | moved)


def _seen(at: datetime, id_: str) -> datetime:
    """When a query sees a change: one of ten was stamped in a long transaction and is committed later."""
    chance = number("seen", id_, at)
    return at + timedelta(seconds=chance % LATEST if chance % 10 == 0 else 0)
