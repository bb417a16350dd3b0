"""Salesforce's tables: an object each, and how it is pulled."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce.fields import ACCOUNT, CONTACT, LEAD, OPPORTUNITY, USER
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
