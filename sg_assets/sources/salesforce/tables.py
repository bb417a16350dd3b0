"""Salesforce's tables: an object each, pulled by `windows`, or, where its first load is `large`, first in bulk."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce.bulk import large
from sg_assets.sources.salesforce.deleted import COLUMNS, deleted
from sg_assets.sources.salesforce.fields import (
    ACCOUNT,
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    CONTACT,
    LEAD,
    OBJECTS,
    OPPORTUNITY,
    OPPORTUNITY_HISTORY,
    PRODUCT_SUBSCRIPTION,
    USER,
)
from sg_assets.sources.salesforce.rest import windows
from sg_assets.sources.salesforce.session import salesforce


@salesforce.pull(columns=tuple(ACCOUNT.values()), key=("id",))
def account(pull: Pull) -> Iterator[Page]:
    """One row per account: a company, usually the ultimate parent. Deleted and merged ones stay and say so."""
    yield from windows(pull, "Account", ACCOUNT)


@salesforce.pull(columns=tuple(OPPORTUNITY.values()), key=("id",))
def opportunity(pull: Pull) -> Iterator[Page]:
    """One row per opportunity: a sale that may come. Deleted ones stay and say so."""
    yield from windows(pull, "Opportunity", OPPORTUNITY)


@salesforce.pull(columns=tuple(CONTACT.values()), key=("id",))
def contact(pull: Pull) -> Iterator[Page]:
    """One row per contact: a person at an account. Deleted and merged ones stay and say so."""
    yield from windows(pull, "Contact", CONTACT)


@salesforce.pull(columns=tuple(USER.values()), key=("id",))
def user(pull: Pull) -> Iterator[Page]:
    """One row per user of Salesforce: the company's own people, who own the other records."""
    yield from windows(pull, "User", USER)


@salesforce.pull(columns=tuple(LEAD.values()), key=("id",))
def lead(pull: Pull) -> Iterator[Page]:
    """One row per lead: a person not yet at an account; a converted one names what it became."""
    yield from windows(pull, "Lead", LEAD)


@salesforce.pull(columns=tuple(PRODUCT_SUBSCRIPTION.values()), key=("id",))
def product_subscription(pull: Pull) -> Iterator[Page]:
    """One row per product subscription: what a licence key names as the one it was made for."""
    yield from windows(pull, "Product_Subscription__c", PRODUCT_SUBSCRIPTION)


@salesforce.pull(columns=tuple(OPPORTUNITY_HISTORY.values()), key=("id",))
def opportunity_history(pull: Pull) -> Iterator[Page]:
    """One row per change of an opportunity's stage, amount, probability or closing day, as Salesforce recorded it.

    A stage can be told again, where only the amount or the closing day changed.
    """
    yield from large(pull, "OpportunityHistory", OPPORTUNITY_HISTORY)


@salesforce.pull(columns=tuple(CAMPAIGN.values()), key=("id",))
def campaign(pull: Pull) -> Iterator[Page]:
    """One row per marketing campaign."""
    yield from windows(pull, "Campaign", CAMPAIGN)


@salesforce.pull(columns=tuple(CAMPAIGN_MEMBER.values()), key=("id",))
def campaign_member(pull: Pull) -> Iterator[Page]:
    """One row per lead or contact in a campaign: to whom something was sent, and whether they answered."""
    yield from large(pull, "CampaignMember", CAMPAIGN_MEMBER)


@salesforce.pull(columns=COLUMNS, key=("object_name", "id"))
def deleted_record(pull: Pull) -> Iterator[Page]:
    """One row per record that was deleted or erased since we first asked, thirty days before that included.

    The rows of erased records stay in the tables of their objects as they last were; this says that they are gone.
    """
    yield from deleted(pull, [name for name in OBJECTS if name != "User"])  # users are never deleted
