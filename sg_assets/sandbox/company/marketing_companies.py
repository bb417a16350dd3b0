"""HubSpot's companies, deals and owners: Salesforce's accounts, opportunities and users, and employers of others.

A company is known by its domain, which HubSpot takes from the first address at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from sg_assets.sandbox.company.crm import Records
from sg_assets.sandbox.company.dice import dice, pick
from sg_assets.sandbox.company.marketing_record import KEPT, Record, archived, latest, record_id, stamp, texts
from sg_assets.sandbox.company.names import FREE_MAIL

PIPELINE = "default"
STAGES = {
    "Interest": ("interest", 0.1),
    "Qualified": ("qualified", 0.2),
    "Technical Evaluation": ("technicalevaluation", 0.4),
    "Negotiation": ("negotiation", 0.8),
    "Closed Won": ("closedwon", 1.0),
    "Closed Lost": ("closedlost", 0.0),
}
"""HubSpot's id of each stage of Salesforce's, and the probability that a deal at it is won."""
LOST_TO = ("Price", "No decision", "Competitor", "Timing")


def companies(salesforce: Records, contacts: Iterable[Record], at: datetime) -> Iterator[Record]:
    """Every company that HubSpot has at an instant, archived ones included; a merged one is part of another.

    Args:
        salesforce: Salesforce's records as they will be once the two are in line.
        contacts: the contacts.
        at: the instant.
    """
    accounts = salesforce["Account"]
    merged: dict[str, list[str]] = {}
    for loser in accounts.values():
        if winner := loser.get("MasterRecordId"):
            merged.setdefault(str(winner), []).append(record_id("company", str(loser["Id"])))
    domains = set()
    for account in accounts.values():
        gone = archived(account)
        domain = str(account["Website"]).removeprefix("https://www.")
        domains.add(domain)
        if account["MasterRecordId"] or (gone is not None and gone < at - KEPT):
            continue
        created, parent = stamp(account, "CreatedDate"), account["ParentId"]
        values = {
            "name": account["Name"],
            "domain": domain,
            "industry": account["Industry"],
            "country": account["BillingCountry"],
            "numberofemployees": account["NumberOfEmployees"],
            "lifecyclestage": "customer" if account["Type"] == "Customer" else "opportunity",
            "hs_parent_company_id": record_id("company", str(parent)) if parent else None,
            "salesforceaccountid": account["Id"],
            "hubspot_owner_id": record_id("owner", str(account["OwnerId"])),
            "hs_merged_object_ids": ";".join(merged.get(str(account["Id"]), ())) or None,
        }
        modified = latest([created, stamp(account, "LastModifiedDate")], at)
        yield Record(record_id("company", str(account["Id"])), latest([created], at), modified, gone, texts(values))
    yield from _employers(contacts, domains)


def _employers(contacts: Iterable[Record], known: set[str]) -> Iterator[Record]:
    """The companies of people whose employer is no account: made with the first contact, and not touched since."""
    first: dict[str, Record] = {}
    for contact in contacts:
        domain = domain_of(contact)
        if domain != FREE_MAIL and domain not in known:
            before = first.get(domain)
            if before is None or (contact.created_at, contact.id) < (before.created_at, before.id):
                first[domain] = contact
    for domain, contact in first.items():
        values = dict.fromkeys(
            (
                "industry",
                "country",
                "numberofemployees",
                "hs_parent_company_id",
                "salesforceaccountid",
                "hubspot_owner_id",
            )
        ) | {"name": contact.properties["company"] or domain, "domain": domain, "lifecyclestage": "lead"}
        at = contact.created_at
        yield Record(record_id("company", domain), at, at, None, {**values, "hs_merged_object_ids": None})


def deals(salesforce: Records, at: datetime) -> Iterator[Record]:
    """Every deal that HubSpot has at an instant, archived ones included."""
    for sale in salesforce["Opportunity"].values():
        gone = archived(sale)
        if gone is not None and gone < at - KEPT:
            continue
        stage, probability = STAGES[str(sale["StageName"])]
        closes, is_lost = sale["CloseDate"], sale["StageName"] == "Closed Lost"
        if not isinstance(closes, date):
            raise TypeError(sale)
        created, is_won = stamp(sale, "CreatedDate"), bool(sale["IsWon"])
        chance = dice("deal", sale["Id"])
        values = {
            "dealname": sale["Name"],
            "pipeline": PIPELINE,
            "dealstage": stage,
            "dealtype": "existingbusiness" if sale["Type"] == "Renewal" else "newbusiness",
            "amount_in_home_currency": sale["Amount"],
            "closedate": datetime.combine(closes, time(), UTC),
            "hs_is_closed": sale["IsClosed"],
            "hs_is_closed_won": is_won,
            "hs_deal_stage_probability": f"{probability:.55f}",
            "deal_status": "Won" if is_won else "Lost" if is_lost else chance.choice(("On track", "At risk", None)),
            "number_of_engineers": chance.choice((20, 50, 120, 400, 1500)),
            "end_of_contract": closes.replace(year=closes.year + 1, day=min(closes.day, 28)) if is_won else None,
            "closed_lost_dropdown": pick(LOST_TO, sale["Id"]) if is_lost else None,
            "closed_lost_reason": f"They said: {pick(LOST_TO, sale['Id']).lower()}." if is_lost else None,
            "salesforce_opportunity_id": sale["Id"],
            "hubspot_owner_id": record_id("owner", str(sale["OwnerId"])),
            "hs_merged_object_ids": None,
        }
        modified = latest([created, stamp(sale, "LastModifiedDate")], at)
        yield Record(record_id("deal", str(sale["Id"])), latest([created], at), modified, gone, texts(values))


def owners(salesforce: Records) -> Iterator[Record]:
    """Every owner: who uses Salesforce; those who left are archived."""
    for user in salesforce["User"].values():
        left = None if user["IsActive"] else stamp(user, "LastModifiedDate")
        names = {"email": user["Email"], "firstName": user["FirstName"], "lastName": user["LastName"]}
        id_ = record_id("owner", str(user["Id"]))
        yield Record(id_, stamp(user, "CreatedDate"), stamp(user, "LastModifiedDate"), left, texts(names))


def domain_of(contact: Record) -> str:
    """The domain of a contact's address."""
    return str(contact.properties["email"]).rpartition("@")[2]
