"""How HubSpot's API writes things: records, pages, and its several shapes of refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sg_assets.sandbox.company.dice import uuid
from sg_assets.sandbox.company.marketing_companies import PIPELINE, STAGES
from sg_assets.sandbox.company.marketing_record import Record, time
from sg_assets.sandbox.company.nps import Answer
from sg_assets.sandbox.stand_in import Refusal

Json = dict[str, Any]
CORRELATION = "c033b5a2-0000-4000-8000-000000000000"
TOO_LONG = "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
"""What a proxy before HubSpot says to an address with too many properties."""


def crm_object(record: Record, modified: str, properties: Sequence[str]) -> Json:
    """A record of the CRM with some of its properties; three come always, a name that nobody knows is left out."""
    always = {
        "createdate": time(record.created_at),
        "hs_object_id": record.id,
        modified: time(record.modified_at),
    }
    shown = {name: record.properties[name] for name in properties if name in record.properties}
    archived = {"archivedAt": time(record.archived_at)} if record.archived_at else {}
    return {
        "id": record.id,
        "properties": shown | always,
        "createdAt": time(record.created_at),
        "updatedAt": time(record.modified_at),
        "archived": record.archived_at is not None,
        **archived,
    }


def owner(record: Record) -> Json:
    """An owner; a deactivated one has lost its user."""
    number = int(record.id) % 1_000_000
    return {
        "id": record.id,
        **record.properties,
        "type": "PERSON",
        "userId": None if record.archived_at else number,
        "userIdIncludingInactive": number,
        "createdAt": time(record.created_at),
        "updatedAt": time(record.modified_at),
        "archived": record.archived_at is not None,
        "teams": [{"id": "178588", "name": "Sales", "primary": True}],
    }


def pipeline() -> Json:
    """The one pipeline of deals. What `metadata` holds are texts."""
    stamps = {"createdAt": "2019-01-07T10:00:00.000Z", "updatedAt": "2021-06-01T10:00:00.000Z", "archived": False}
    stages = [
        {
            "id": id_,
            "label": label,
            "displayOrder": place,
            "metadata": {"isClosed": str(id_.startswith("closed")).lower(), "probability": str(probability)},
            **stamps,
        }
        for place, (label, (id_, probability)) in enumerate(STAGES.items())
    ]
    return {"id": PIPELINE, "label": "Sales Pipeline", "displayOrder": 0, "stages": stages, **stamps}


def submission(answer: Answer, place: int) -> Json:
    """An answer as a submission of the form; fields that nobody filled in are missing, older ones have no id."""
    fields = {
        "email": answer.email,
        "nps_score": str(answer.score),
        "nps_reason": answer.reason,
        "nps_improvement": answer.improvement or None,
        "user_is_authenticated": str(answer.email is not None).lower(),
        "site_id": answer.site_id,
    }
    values = [{"name": k, "value": v, "objectTypeId": "0-1"} for k, v in fields.items() if v is not None]
    submitted = {"submittedAt": int(answer.at.timestamp() * 1000), "values": values}
    return submitted | ({"conversionId": uuid("conversion", answer.at, place)} if place % 2 else {})


def page(results: Sequence[Json], after: str | None, path: str) -> Json:
    """A page of a listing; `paging` is absent from the last one. The link names the real host, as HubSpot's does."""
    link = f"https://api.hubapi.com{path}?after={after}"
    return {"results": list(results)} | ({"paging": {"next": {"after": after, "link": link}}} if after else {})


def error(category: str, message: str, **more: object) -> Json:
    """The object that every refusal of the API itself is."""
    return {"status": "error", "message": message, "correlationId": CORRELATION, "category": category, **more}


def limited(policy: str) -> Json:
    """The refusal of one call too many, which has another shape than the others."""
    return {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": CORRELATION,
        "policyName": policy,
        "requestId": "3d3e1c4a",
    }


def _missing_scopes() -> Json:
    needed = {"requiredGranularScopes": ["crm.objects.contacts.read"]}
    told = "One or more of the following scopes are required."
    return error(
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call.",
        errors=[{"message": told, "context": needed}],
    )


_REFUSALS: Mapping[int, Json] = {
    401: error("INVALID_AUTHENTICATION", "Authentication credentials not found."),
    403: _missing_scopes(),
    429: limited("TEN_SECONDLY_ROLLING"),
}


def refuse(status: int) -> Refusal:
    """HubSpot's refusal: one object."""
    return Refusal("application/json;charset=utf-8", json.dumps(_REFUSALS[status]).encode())


QUOTA = (429, Refusal("application/json;charset=utf-8", json.dumps(limited("DAILY")).encode()))
