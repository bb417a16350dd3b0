"""How ZoomInfo's API writes things: companies and people, dates, refusals; and which fields a contract has."""

from __future__ import annotations

import json
from datetime import datetime

from sg_assets.sandbox.company.business_records import CompanyRecord, PersonRecord
from sg_assets.sandbox.stand_in import Refusal

FIELDS = {
    "company": {
        "id", "name", "website", "primaryIndustry", "country", "employeeCount", "revenue", "foundedYear",
        "lastUpdatedDate",
    },
    "contact": {
        "id", "firstName", "lastName", "email", "phone", "jobTitle", "managementLevel", "companyId", "companyName",
        "contactAccuracyScore", "validDate", "lastUpdatedDate",
    },
}  # fmt: skip
"""The output fields of the made-up contract; asking for another one is an error."""
PAID = {"email", "phone"}
"""What a search does not show."""

Row = dict[str, object]


def company(one: CompanyRecord) -> Row:
    """A company as the API shows it; revenue is in thousands of US dollars."""
    return {
        "id": one.id,
        "name": one.name,
        "website": f"www.{one.domain}",
        "primaryIndustry": [one.industry],
        "country": one.country,
        "employeeCount": one.employees,
        "revenue": one.revenue_thousands_usd,
        "foundedYear": str(one.founded),
        "lastUpdatedDate": american(one.updated_at),
    }


def person(one: PersonRecord) -> Row:
    """A person as the API shows them: the employer is nested, and has no id where it is not known itself."""
    return {
        "id": one.id,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "email": one.email,
        "phone": one.phone,
        "jobTitle": one.title,
        "managementLevel": [one.level],
        "contactAccuracyScore": one.accuracy,
        "validDate": american(one.valid_at),
        "lastUpdatedDate": american(one.updated_at) if one.updated_at else "",
        "company": {"id": one.company.id if one.company else None, "name": one.company_name},
    }


def american(at: datetime) -> str:
    """A time as the API writes it: `6/19/2020 1:41 PM`."""
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M %p}"


def refuse(status: int) -> Refusal:
    """ZoomInfo's refusals are a message."""
    texts = {401: "Token expired", 403: "You do not have access to this API", 429: "Too many requests"}
    return Refusal("application/json", json.dumps({"message": texts[status]}).encode())


_USED_UP = {"message": "You have used up all of your allowed record limit"}
QUOTA = (403, Refusal("application/json", json.dumps(_USED_UP).encode()))
