"""ZoomInfo's tables: which companies and people are asked about, and the columns of what comes back.

Who is in the CRM is read from Salesforce's raw tables, into which HubSpot's contacts come, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sg_assets.columns import Classification, Column
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.zoominfo.enrichment import Enrichment, enriched
from sg_assets.sources.zoominfo.session import zoominfo

PERSONAL = Classification.PERSONAL
LONG_AGO = datetime.min.replace(tzinfo=UTC)

LEDGER = {
    "matchStatus": Column("match_status", "STRING", "What ZoomInfo says of the match: FULL_MATCH, NO_MATCH, …"),
    "enrichedAt": Column("enriched_at", "TIMESTAMP", "When it was asked about, which it is not again for a year."),
    "credits": Column("credits", "INT64", "Credits that this cost at most: 1 where a record was found."),
}
UPDATED = Column(
    "last_updated_local", "DATETIME", "When the record was last updated, without a time zone, as ZoomInfo has it."
)
COMPANY = {
    "asked": Column("domain", "STRING", "Domain that was asked about: of the website of an account, lower case."),
    **LEDGER,
    "id": Column("id", "INT64", "ZoomInfo's id of the company; null where none was found."),
    "name": Column("name", "STRING", "Name of the company."),
    "website": Column("website", "STRING", "Website of the company."),
    "primaryIndustry": Column("primary_industries", "ARRAY<STRING>", "Main industries of the company."),
    "country": Column("country", "STRING", "Country of the headquarters."),
    "employeeCount": Column("employee_count", "INT64", "Employees of the company."),
    "revenue": Column("revenue_thousands_usd", "NUMERIC", "Revenue of a year, in thousands of US dollars."),
    "foundedYear": Column("founded_year", "STRING", "Year in which it was founded."),
    "lastUpdatedDate": UPDATED,
}
CONTACT = {
    "asked": Column("email", "STRING", "E-mail address that was asked about, lower case.", PERSONAL),
    **LEDGER,
    "id": Column("id", "INT64", "ZoomInfo's id of the person; null where none was found.", Classification.PSEUDONYMOUS),
    "firstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "lastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "phone": Column("phone", "STRING", "Telephone number.", PERSONAL),
    "jobTitle": Column("title", "STRING", "Job title.", PERSONAL),
    "managementLevel": Column("management_levels", "ARRAY<STRING>", "C-Level, VP, Director, Manager, Non-Manager."),
    "companyId": Column("company_id", "INT64", "ZoomInfo's id of the employer."),
    "companyName": Column("company_name", "STRING", "Name of the employer."),
    "contactAccuracyScore": Column("accuracy_score", "INT64", "How sure ZoomInfo is, up to 99."),
    "validDate": Column("valid_local", "DATETIME", "When it was last confirmed, without a time zone."),
    "lastUpdatedDate": UPDATED,
}
USAGE = {
    "day": Column("day_on", "DATE", "Day (UTC) on which it was asked; of several times the last."),
    "limitType": Column("limit_type", "STRING", "requestLimit, recordLimit or uniqueIdLimit."),
    "description": Column("description", "STRING", "What it limits, in ZoomInfo's words."),
    "limit": Column("allowed", "INT64", "What the contract allows in its term."),
    "currentUsage": Column("used", "INT64", "What was used of it."),
    "usageRemaining": Column("remaining", "INT64", "What is left of it."),
}


@zoominfo.pull(columns=tuple(COMPANY.values()), key=("domain",), inputs=("raw_salesforce.account",))
def company(pull: Pull) -> Iterator[Page]:
    """One row per domain of an account that ZoomInfo was asked about, found or not.

    What is not there yet is asked about when credits allow; the run says how many wait, and for which cap.
    """
    rows = pull.read("raw_salesforce.account", ("website", "is_deleted", "created_at"))
    wanted = _newest_first((_domain(row["website"]), row) for row in rows)
    yield from enriched(pull, Enrichment("company", "matchCompanyInput", "companyWebsite", COMPANY), wanted)


@zoominfo.pull(
    columns=tuple(CONTACT.values()), key=("email",), inputs=("raw_salesforce.contact", "raw_salesforce.lead")
)
def contact(pull: Pull) -> Iterator[Page]:
    """One row per e-mail address of a contact or lead that ZoomInfo was asked about, found or not.

    What is not there yet is asked about when credits allow; the run says how many wait, and for which cap.
    """
    tables = ("raw_salesforce.contact", "raw_salesforce.lead")
    rows = [row for table in tables for row in pull.read(table, ("email", "is_deleted", "created_at"))]
    wanted = _newest_first((str(row["email"] or "").strip().lower(), row) for row in rows)
    yield from enriched(pull, Enrichment("contact", "matchPersonInput", "emailAddress", CONTACT), wanted)


@zoominfo.pull(
    columns=tuple(USAGE.values()),
    key=("day_on", "limit_type"),
    inputs=("raw_zoominfo.company", "raw_zoominfo.contact"),
)
def usage(pull: Pull) -> Iterator[Page]:
    """One row per day and limit of the contract: what was used of it, after what the same run spent."""
    limits = pull.http.get_json("/lookup/usage")["usage"]
    rows = [{"day": pull.now.date(), **limit} for limit in limits]
    yield Page([{USAGE[name].name if name in USAGE else name: row[name] for name in row} for row in rows])


def _newest_first(found: Iterable[tuple[str, Row]]) -> list[str]:
    """What is to be asked about, each once, without what was deleted in the CRM; the newest there comes first."""
    at: dict[str, datetime] = {}
    for name, row in found:
        created = row["created_at"] if isinstance(row["created_at"], datetime) else LONG_AGO
        if name and not row["is_deleted"]:
            at[name] = max(created, at.get(name, LONG_AGO))
    return sorted(at, key=lambda name: (LONG_AGO - at[name], name))


def _domain(website: object) -> str:
    """The domain of a website as people write it; empty where it is none."""
    text = str(website or "").strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    return host.removeprefix("www.") if "." in host else ""
