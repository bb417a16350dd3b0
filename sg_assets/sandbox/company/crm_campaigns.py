"""Campaigns in Salesforce and their members: who answered to what, as a lead or, once converted, as a contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sg_assets.sandbox.company.campaigns import CAMPAIGNS, Campaign
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY, Change, made, representative, stamps
from sg_assets.sandbox.company.dice import dice, fraction
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

SHARE_IN_CAMPAIGNS = 0.6
"""Share of people who are a member of a campaign."""
BEFORE_SALE = 10 * DAY
"""How long before a customer's first opportunity somebody there answered to a campaign, where anybody did."""


def campaign_id(company: Company, one: Campaign) -> str:
    """The Salesforce id of a campaign."""
    return salesforce_id("701", company.seed, "campaign", one.name)


def campaigns(company: Company) -> Iterator[Change]:
    """Every campaign; one that is over is not active."""
    by_name = {one.name: one for one in CAMPAIGNS}
    for one in CAMPAIGNS:
        fields = {
            "Name": one.name,
            "ParentId": campaign_id(company, by_name[one.parent]) if one.parent else None,
            "Type": one.type,
            "Status": "In Progress" if one.is_running(0) else "Completed",
            "IsActive": one.is_running(0),
            "StartDate": (company.anchor + one.starts * DAY).date(),
            "EndDate": (company.anchor + one.ends * DAY).date(),
            "BudgetedCost": one.budget_usd,
            "ActualCost": None if one.is_running(0) else round(one.budget_usd * 0.93, 2),
            "UTM_Source__c": one.utm_source or None,
            "UTM_Medium__c": one.utm_medium or None,
            "UTM_Campaign__c": one.utm_campaign or None,
            "OwnerId": representative(company, one.name),
            "IsDeleted": False,
        }
        yield made(company, "Campaign", campaign_id(company, one), 10 - one.starts, fields, last=min(one.ends, -1.0))


def members(company: Company, people: Iterable[Change]) -> Iterator[Change]:
    """The members among leads and contacts, some of whom answered and some of whom were only sent something.

    The first contact of every third customer answered shortly before the first opportunity was made, which is within
    the thirty days for which a campaign counts as an influence.
    """
    openings = _first_openings(company)
    for person in people:
        created = person.fields["CreatedDate"]
        if person.fields["IsDeleted"] or not isinstance(created, datetime):
            continue
        opened = openings.get(str(person.fields["Email"])) if person.kind == "Contact" else None
        if opened is not None and created < opened - BEFORE_SALE:
            yield _member(company, person, _running(opened - BEFORE_SALE, company), opened - BEFORE_SALE)
        elif fraction(company.seed, "in campaign", person.id) < SHARE_IN_CAMPAIGNS:
            chance = dice(company.seed, "campaign", person.id)
            one = chance.choice(CAMPAIGNS)
            first, last = one.starts, min(one.ends, -1)
            at = company.anchor + (first + chance.random() * (last - first)) * DAY
            yield _member(company, person, one, max(at, created + timedelta(minutes=5)))


def _first_openings(company: Company) -> dict[str, datetime]:
    """When the first opportunity of every third customer was made, by the address of the first person there."""
    found = {}
    for one in company.customers:
        subscription = company.subscriptions[one.position][0]
        if one.plan.is_in_salesforce and one.position % 3 == 0 and not subscription.plan.is_trial:
            found[one.people[0].email] = subscription.licenses[0].created_at - 60 * DAY
    return found


def _running(at: datetime, company: Company) -> Campaign:
    """A campaign that ran at that time; for times before all of them the oldest."""
    running = [one for one in CAMPAIGNS if one.is_running((at - company.anchor) / DAY)]
    return dice(company.seed, "influence", at).choice(running) if running else min(CAMPAIGNS, key=lambda c: c.starts)


def _member(company: Company, person: Change, one: Campaign, at: datetime) -> Change:
    """A lead or contact as a member of a campaign, who answered where the status says so."""
    id_ = salesforce_id("00v", company.seed, "member", person.id, one.name)
    status = dice(company.seed, "member", id_).choice(("Sent", "Responded", "Responded", "Attended"))
    if at < company.anchor + one.starts * DAY:
        status = "Responded"
    at = min(at, company.anchor - timedelta(minutes=1)).replace(microsecond=0)
    fields = {
        "CampaignId": campaign_id(company, one),
        "LeadId": person.id if person.kind == "Lead" else None,
        "ContactId": person.id if person.kind == "Contact" else None,
        "Status": status,
        "HasResponded": status != "Sent",
        "FirstRespondedDate": at.date() if status != "Sent" else None,
        "IsDeleted": False,
    }
    return Change(at, at, "CampaignMember", id_, {"Id": id_, **fields, **stamps(at, at)})
