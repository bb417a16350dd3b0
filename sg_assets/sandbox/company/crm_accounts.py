"""Accounts and opportunities in Salesforce up to the anchor: customers, prospects, and what was sold to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sg_assets.sandbox.company.cases import Link
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY, LEAD_SOURCES, Change, factor_of, made, representative
from sg_assets.sandbox.company.customers import Customer, unique_id
from sg_assets.sandbox.company.dice import dice, pick
from sg_assets.sandbox.company.names import company_name, domain_of
from sg_assets.sandbox.company.salesforce_ids import salesforce_id
from sg_assets.sandbox.company.subscriptions import License, opportunity_of

PROSPECTS, FIRST_PROSPECT = 100, 100_000
FORESEEN = 60 * DAY
"""How long before a renewal its opportunity is opened."""
INDUSTRIES = (
    "Banking", "Energy", "Food & Beverage", "Media", "Healthcare", "Insurance", "Technology", "Transportation",
)  # fmt: skip
COUNTRIES = (
    "United States", "United States", "Germany", "United Kingdom", "France", "Japan", "Brazil", "Canada", "India",
)  # fmt: skip
STAGES = {"Interest": 1, "Qualified": 2, "Technical Evaluation": 3, "Negotiation": 4, "Closed Won": 5, "Closed Lost": 0}
WRITABLE = (
    "Environment_Answered_On__c", "Environment_Deployment__c", "Environment_Hosted_On__c", "Environment_Version__c",
    "Environment_Code_Hosts__c", "Environment_Users__c", "Environment_Repositories__c",
)  # fmt: skip
"""Fields of an account that another system fills in: the newest answers about the customer's environment."""
USD_PER_SEAT = 228


@dataclass(frozen=True, slots=True)
class Sale:
    """One licence that was, or will be, sold: with the opportunity's id."""

    customer: Customer
    license: License
    opportunity_id: str
    is_renewal: bool


def sales(company: Company) -> Iterator[Sale]:
    """Every licence that anybody in Salesforce paid for, those of the years after the anchor included."""
    for one in company.customers:
        if one.plan.is_in_salesforce:
            for place, subscription in enumerate(company.subscriptions[one.position]):
                if not subscription.plan.is_trial:
                    for term, license_ in enumerate(subscription.licenses):
                        yield Sale(one, license_, opportunity_of(company.seed, one, (place, term)), term > 0)


def accounts(company: Company) -> Iterator[Change]:
    """Customers, prospects, and an account that was merged into another."""
    sold: dict[int, list[License]] = {}
    for sale in sales(company):
        sold.setdefault(sale.customer.position, []).append(sale.license)
    for one in company.customers:
        if not one.plan.is_in_salesforce:
            continue
        fields = _account(company, one.account_id, one.name, one.unique_id, one.domain, one.plan.type)
        fields |= contract(sold.get(one.position, []), company.anchor)
        if one.plan.has_parent:
            fields["ParentId"] = company.case("full").account_id
        if one.plan.deleted is not None:
            fields["IsDeleted"] = True
        signed = [
            license_.created_at for license_ in sold.get(one.position, []) if license_.created_at <= company.anchor
        ]
        last = one.plan.deleted if one.plan.deleted is not None or not signed else (max(signed) - company.anchor) / DAY
        yield made(company, "Account", one.account_id, 1500, fields, last=last)
        if any(plan.link is Link.LOSER for plan in one.plan.subscriptions):
            loser = _account(
                company, one.loser_account_id, f"{one.name} Inc.", one.loser_unique_id, one.domain, "Customer"
            )
            loser |= {"IsDeleted": True, "MasterRecordId": one.account_id}
            yield made(company, "Account", one.loser_account_id, 900, loser, last=-70)
    for place in range(prospects(company)):
        name, number = prospect_name(company, place), unique_id(company.seed, FIRST_PROSPECT + place)
        fields = _account(company, prospect_id(company, place), name, number, domain_of(name), "Prospect")
        yield made(company, "Account", prospect_id(company, place), 600, fields)


def contract(sold: list[License], at: datetime) -> dict[str, object]:
    """What an account says of its contract: the end of the newest licence and its worth, nothing once it ran out."""
    running = [one for one in sold if one.created_at <= at < one.expires_at]
    if not running:
        return {"Active_Contract_Period_End__c": None, "ARR__c": None}
    newest = max(running, key=lambda one: one.created_at)
    return {
        "Active_Contract_Period_End__c": newest.expires_at.date(),
        "ARR__c": float(newest.user_count * USD_PER_SEAT),
    }


def opportunities(company: Company) -> Iterator[Change]:
    """A won one for every sale, an open one where a renewal is near, and those of prospects."""
    anchor = company.anchor
    for sale in sales(company):
        opened = sale.license.created_at - FORESEEN
        if opened <= anchor:
            is_won = sale.license.created_at <= anchor
            fields = opportunity(company, sale, "Closed Won" if is_won else "Negotiation")
            last = (sale.license.created_at - anchor) / DAY if is_won else -1
            yield made(company, "Opportunity", sale.opportunity_id, (anchor - opened) / DAY, fields, last=last)
    for place in range(prospects(company)):
        for turn in range(1 + place % 3):
            names = (company.seed, "prospect", place, turn)
            stage = pick(tuple(name for name in STAGES if name != "Closed Won"), *names)
            fields = stage_fields(stage) | {
                "AccountId": prospect_id(company, place),
                "Name": f"{prospect_name(company, place)} - New Business",
                "Amount": float(1000 * (5 + place % 40)),
                "CloseDate": (anchor + (30 - 90 * turn) * DAY).date(),
                "Type": "New Business",
                "LeadSource": pick(LEAD_SOURCES, *names, "source"),
                "OwnerId": representative(company, *names),
                "IsDeleted": place % 37 == 5,
            }
            yield made(company, "Opportunity", salesforce_id("006", *names), 200 + 90 * turn, fields)


def opportunity(company: Company, sale: Sale, stage: str) -> dict[str, object]:
    """The fields of the opportunity of a sale."""
    kind = "Renewal" if sale.is_renewal else "New Business"
    return stage_fields(stage) | {
        "AccountId": sale.customer.account_id,
        "Name": f"{sale.customer.name} - {kind} {sale.license.created_at:%Y}",
        "Amount": float(sale.license.user_count * USD_PER_SEAT),
        "CloseDate": sale.license.created_at.date(),
        "Type": kind,
        "LeadSource": pick(LEAD_SOURCES, company.seed, sale.customer.position, "source"),
        "OwnerId": representative(company, sale.customer.position),
        "IsDeleted": False,
    }


def stage_fields(stage: str) -> dict[str, object]:
    """What the stage of an opportunity says."""
    is_closed = stage.startswith("Closed")
    return {
        "StageName": stage,
        "Stage_Number__c": STAGES[stage],
        "IsClosed": is_closed,
        "IsWon": stage == "Closed Won",
        "Probability": 100.0 if stage == "Closed Won" else 0.0 if is_closed else STAGES[stage] * 20.0,
    }


def prospects(company: Company) -> int:
    """How many companies have bought nothing yet."""
    return max(15, round(PROSPECTS * factor_of(company)))


def prospect_id(company: Company, place: int) -> str:
    """The id of the account of a company that has bought nothing yet."""
    return salesforce_id("001", company.seed, "account", FIRST_PROSPECT + place)


def prospect_name(company: Company, place: int) -> str:
    """Its name; the walk over names comes back only after those of all customers."""
    return company_name(company.seed, 10_000 + place)


def _account(company: Company, id_: str, name: str, number: str, domain: str, type_: str) -> dict[str, object]:  # noqa: PLR0913, PLR0917
    chance = dice(company.seed, "account", id_)
    return {
        "Name": name,
        "Unique_Account_ID__c": number,
        "Type": type_,
        "Industry": chance.choice(INDUSTRIES),
        "OwnerId": representative(company, id_),
        "ParentId": None,
        "BillingCountry": chance.choice(COUNTRIES),
        "Website": f"https://www.{domain}",
        "NumberOfEmployees": chance.choice((None, 120, 450, 1800, 5200, 23_000)),
        "Active_Contract_Period_End__c": None,
        "ARR__c": None,
        "IsDeleted": False,
        "MasterRecordId": None,
        **dict.fromkeys(WRITABLE),
    }
