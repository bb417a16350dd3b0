"""Annual recurring revenue of every customer by month: the truth from which finance's sheet is made.

It is what Salesforce says of an account (`crm_accounts.contract`) at the end of each month, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import contract, sales
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.subscriptions import License

MONTHS = 36
"""Months before that of the anchor with which the sheet begins; who paid before comes with an opening balance."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of one customer's revenue in a calendar month (UTC), in US dollars; `churned` is what was lost.

    New is who pays and did not at the month's beginning, also one who came back; expansion and churn are of those who
    paid already, churn both of a smaller contract and of none.
    """

    customer: Customer
    month: date
    opening: float
    closing: float
    users: int

    @property
    def new(self) -> float:
        """Of a customer that did not pay at the beginning."""
        return self.closing if not self.opening else 0.0

    @property
    def expansion(self) -> float:
        """What a paying customer pays more."""
        return max(0.0, self.closing - self.opening) if self.opening else 0.0

    @property
    def churned(self) -> float:
        """What a paying customer pays less."""
        return max(0.0, self.opening - self.closing)


def movements(company: Company, at: datetime) -> list[Movement]:
    """Every customer with revenue at the beginning or the end of a month, the last month up to the instant."""
    sold: dict[int, list[License]] = {}
    for sale in sales(company):
        sold.setdefault(sale.customer.position, []).append(sale.license)
    paying = [(customer, sold[customer.position]) for customer in company.customers if customer.position in sold]
    found = []
    months = list(_months(company.anchor, at))
    for place, month in enumerate(months):
        until = months[place + 1] if place + 1 < len(months) else at
        for customer, licenses in paying:
            opening = _revenue(company, customer, licenses, month)
            closing, users = _revenue(company, customer, licenses, until), _users(company, customer, licenses, until)
            if opening or closing:
                found.append(Movement(customer, month.date(), opening, closing, users))
    return found


def _months(anchor: datetime, at: datetime) -> Iterator[datetime]:
    """The first instants of the months, up to that of `at`."""
    place = anchor.year * 12 + anchor.month - 1 - MONTHS
    while (month := datetime(place // 12, place % 12 + 1, 1, tzinfo=UTC)) <= at:
        yield month
        place += 1


def _revenue(company: Company, customer: Customer, licenses: list[License], at: datetime) -> float:
    """What Salesforce says; nothing once the account was deleted."""
    deleted = customer.plan.deleted
    if deleted is not None and company.anchor + deleted * DAY <= at:
        return 0.0
    told = contract(licenses, at)["ARR__c"]
    return told if isinstance(told, float) else 0.0


def _users(company: Company, customer: Customer, licenses: list[License], at: datetime) -> int:
    """The users that the contract is for."""
    running = [one for one in licenses if one.created_at <= at < one.expires_at]
    is_paying = running and _revenue(company, customer, licenses, at)
    return max(running, key=lambda one: one.created_at).user_count if is_paying else 0
