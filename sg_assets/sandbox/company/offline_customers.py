"""Customers of whom no ping ever comes, as the people who look after them know: the list is kept by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import pick
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.releases import version_of
from sg_assets.sandbox.company.staff import Department, in_department

ASKED_EVERY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Offline:
    """One customer, and what it told when it was last asked."""

    customer: Customer
    instance: Instance
    is_air_gapped: bool
    since: date
    asked_on: date
    asked_by: str
    version: str
    accounts: int


def offline_customers(company: Company, at: datetime) -> list[Offline]:
    """The customers in Salesforce whose instances have never pinged, with what was known at an instant."""
    found = []
    for customer in company.customers:
        instances = company.instances_of(customer)
        is_silent = all(pings is Pings.OFF for one in instances for _, pings in one.pings)
        if not (customer.plan.is_in_salesforce and is_silent):
            continue
        installed = instances[0].pings[0][0]
        if installed > at:
            continue
        asked = installed + (at - installed) // ASKED_EVERY * ASKED_EVERY
        engineers = in_department(company, Department.CUSTOMER_ENGINEERING, asked)
        found.append(
            Offline(
                customer=customer,
                instance=instances[0],
                is_air_gapped=any(plan.is_air_gapped for plan in customer.plan.subscriptions),
                since=installed.date(),
                asked_on=asked.date(),
                asked_by=pick(engineers, company.seed, "offline", customer.position).person.email,
                version=version_of(instances[0], company.anchor, asked),
                accounts=instances[0].accounts,
            )
        )
    return found
