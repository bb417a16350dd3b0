"""HubSpot's contacts: everybody who is a lead or a contact in Salesforce, and those whom only the product knows.

A contact is what Salesforce will know of the person in a moment, and what only marketing knows beside it: the answer to
the survey, the latest ping of an instance, campaigns, scores, what ZoomInfo said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.company import crm_campaigns, marketing_properties
from sg_assets.sandbox.company.campaigns import CAMPAIGNS, Campaign
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Records
from sg_assets.sandbox.company.crm_accounts import sales
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.crm_record import MASS_UPDATE
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.marketing_pings import MarketingPings
from sg_assets.sandbox.company.marketing_properties import Fields, Someone
from sg_assets.sandbox.company.marketing_record import KEPT, Record, archived, latest, record_id, stamp, texts
from sg_assets.sandbox.company.nps import Answer, Nps

DAY = timedelta(days=1)
WORKFLOW_AT = timedelta(hours=9)
"""When, every day (UTC), a workflow asks ZoomInfo again about a tenth of the contacts; they change at that instant."""


@dataclass(frozen=True, eq=False)
class MarketingContacts:
    """The contacts of a company; what never changes about them is worked out once."""

    company: Company
    changes: CrmChanges
    nps: Nps
    pings: MarketingPings

    def at(self, salesforce: Records, at: datetime) -> Iterator[Record]:
        """Every contact that HubSpot has at an instant, archived ones included.

        Args:
            salesforce: Salesforce's records as they will be once the two are in line.
            at: the instant.
        """
        merged = _merged(salesforce)
        answers = {answer.email: answer for answer in self.nps.answers(at)}
        for email, someone in self._people(salesforce, at).items():
            if someone.records and all(one.get("MasterRecordId") for one in someone.records):
                continue  # it is part of another contact now
            gone = _archived(someone)
            if gone is None or gone >= at - KEPT:
                losers = ";".join(merged.get(email, ())) or None
                yield self._contact(someone, answers.get(email), losers, gone, salesforce, at)

    def _contact(  # noqa: PLR0913, PLR0917 (what a contact is made of)
        self,
        someone: Someone,
        answer: Answer | None,
        losers: str | None,
        gone: datetime | None,
        salesforce: Records,
        at: datetime,
    ) -> Record:
        email, account_id = someone.email, str(someone.get("AccountId"))
        account = salesforce["Account"].get(account_id)
        campaign, responded = self._responses.get(email, (None, None))
        ping, asked = self.pings.latest(email, at), self._asked(email, at) if someone.contact else None
        sold = self._first_sales.get(account_id)
        bought = sold if sold is not None and sold <= at else None
        since = [stamp(one, "CreatedDate") for one in someone.records] or [self._by_product_alone[email]]
        scored = marketing_properties.score(self.company, someone)
        values = {
            **marketing_properties.person(someone, account["Name"] if account else None),
            **marketing_properties.origin(someone, min(since), campaign, responded),
            **marketing_properties.lifecycle(someone, scored, bought),
            **marketing_properties.product(self.company, email, self._database_ids.get(email), ping),
            **marketing_properties.enriched(self._accounts.get(account_id), asked),
            **marketing_properties.links(someone),
            "nps_score": answer.score if answer else None,
            "hs_merged_object_ids": losers,
        }
        edited = [stamp(one, "LastModifiedDate") for one in someone.records]
        moments = [*since, *edited, answer.at if answer else None, ping, asked, responded, bought, gone]
        modified = latest(moments, at)
        return Record(record_id("contact", email), latest([min(since)], at), modified, gone, texts(values))

    def _people(self, salesforce: Records, at: datetime) -> dict[str, Someone]:
        """Everybody by address; whom Salesforce knew once and does not know any more was erased in both."""
        leads = {str(one["Email"]): one for one in salesforce["Lead"].values()}
        contacts = {str(one["Email"]): one for one in salesforce["Contact"].values()}
        alone = {email: since for email, since in self._by_product_alone.items() if since <= at}
        emails = {**leads, **contacts, **{email: None for email in alone if email not in self._known_to_sales}}
        return {email: Someone(email, leads.get(email), contacts.get(email)) for email in emails}

    def _asked(self, email: str, at: datetime) -> datetime | None:
        """When the workflow last asked about a contact: on a day since the anchor, or when it did for very many."""
        asks = self.company.anchor + (at - WORKFLOW_AT - self.company.anchor) // DAY * DAY + WORKFLOW_AT
        while asks > self.company.anchor:
            if number("workflow", email, asks) % 10 == 0:
                return asks
            asks -= DAY
        return self.company.anchor + MASS_UPDATE if number("mass workflow", email) % 5 < 2 else None

    @cached_property
    def _first(self) -> dict[str, list[tuple[str, Fields]]]:
        """Salesforce's records at the anchor by their kind, each with its id."""
        found: dict[str, list[tuple[str, Fields]]] = {}
        for change in self.changes.first:
            found.setdefault(change.kind, []).append((change.id, change.fields))
        return found

    @cached_property
    def _accounts(self) -> dict[str, Fields]:
        return dict(self._first["Account"])

    @cached_property
    def _known_to_sales(self) -> frozenset[str]:
        people = [*self._first["Lead"], *self._first["Contact"]]
        return frozenset(str(fields["Email"]) for _, fields in people)

    @cached_property
    def _by_product_alone(self) -> dict[str, datetime]:
        """Everybody who set an instance up, or tries one without sales, and since when."""
        found = dict(self.pings.admins)
        for one in self.company.customers:
            if not one.plan.is_in_salesforce:
                for person in one.people:
                    found[person.email] = self.company.subscriptions[one.position][0].created_at
        return found

    @cached_property
    def _database_ids(self) -> dict[str, int]:
        """The accounts on sourcegraph.com that own subscriptions, by address."""
        owners = (one.user for many in self.company.subscriptions.values() for one in many)
        return {user.email: user.number for user in owners if user is not None}

    @cached_property
    def _first_sales(self) -> dict[str, datetime]:
        """When each account first bought."""
        found: dict[str, datetime] = {}
        for sale in sales(self.company):
            account, at = sale.customer.account_id, sale.license.created_at
            found[account] = min(at, found.get(account, at))
        return found

    @cached_property
    def _responses(self) -> dict[str, tuple[Campaign, datetime]]:
        """Which campaign somebody answered, and when, by address."""
        emails = {id_: str(fields["Email"]) for id_, fields in [*self._first["Lead"], *self._first["Contact"]]}
        by_id = {crm_campaigns.campaign_id(self.company, one): one for one in CAMPAIGNS}
        found = {}
        for change in self.changes.first:
            if change.kind == "CampaignMember" and change.fields["HasResponded"]:
                who = str(change.fields["LeadId"] or change.fields["ContactId"])
                found[emails[who]] = (by_id[str(change.fields["CampaignId"])], change.at)
        return found


def _archived(someone: Someone) -> datetime | None:
    """When a contact was archived: with the last of its records in Salesforce."""
    gone = [archived(one) for one in someone.records]
    return None if None in gone else max((at for at in gone if at is not None), default=None)


def _merged(salesforce: Records) -> dict[str, list[str]]:
    """The ids of the contacts that became part of another one, by its address."""
    found: dict[str, list[str]] = {}
    for kind in ("Lead", "Contact"):
        for loser in salesforce[kind].values():
            winner = salesforce[kind].get(str(loser.get("MasterRecordId")))
            if winner is not None:
                found.setdefault(str(winner["Email"]), []).append(record_id("contact", str(loser["Email"])))
    return found
