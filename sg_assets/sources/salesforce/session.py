"""Salesforce as a source: how we sign in, what its refusals mean, whose it is and what it promises.

What is asked is in `rest.py`, `bulk.py` and `deleted.py`, one protocol each; which tables there are in `tables.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from sg_assets.examination import Finding, beyond, look
from sg_assets.http import Client, Fail, Later, Reply, Retry, Ruling
from sg_assets.http.quota import used_of
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Right, Source, Variable
from sg_assets.sources.salesforce.fields import OBJECTS

API = "/services/data/v59.0"
BATCH = "2000"
QUOTA = used_of("Sforce-Limit-Info", r"api-usage=(\d+)/(\d+)", "day")
LATE_COMMIT = timedelta(minutes=10)
"""How much later than the time they bear records may appear, from transactions that take long."""
QUOTA_PAUSE = timedelta(hours=1)
"""How long to stay away when the day's calls are used up; they come back bit by bit, over a rolling 24 hours."""
WRITTEN_BACK = "Environment_"
"""How the fields of an account begin that are ours to write, where that was allowed (`destinations/salesforce.py`)."""
CHANGES = ("createable", "updateable", "deletable")
"""What `describe` calls the rights to change an object."""
JOB_PAUSE = timedelta(minutes=2)
"""How long to stay away while a query job runs longer than a fetch may wait."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in by client credentials, and anew when its session ends."""
    secret = settings["SG_SALESFORCE_CLIENT_SECRET"]
    form = {
        "grant_type": "client_credentials",
        "client_id": settings["SG_SALESFORCE_CLIENT_ID"],
        "client_secret": secret,
    }
    tokens: list[str] = []

    def authorize(renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (the shape of an `Authorize`)
        if renew or not tokens:
            with Client(
                base_url, name=client.name, secrets=[secret], rule=rule, patience=client.patience, sleep=client.sleep
            ) as login:
                tokens[:] = [login.post_form("/services/oauth2/token", form, idempotent=True)["access_token"]]
        return {"Authorization": f"Bearer {tokens[0]}"}

    headers = {"Sforce-Query-Options": f"batchSize={BATCH}"}
    client = Client(
        base_url, name="salesforce", headers=headers, authorize=authorize, secrets=[secret], rule=rule, quota=QUOTA
    )
    return client


def rule(reply: Reply, now: datetime) -> Ruling | None:
    """What Salesforce means, where the status does not say it: limits come as 403 and maintenance as 420.

    Source: the REST API's status codes and error responses, and what a public connector had to add to them.
    """
    if reply.is_good:
        return None
    code, message = _first_error(reply.body)
    if code == "REQUEST_LIMIT_EXCEEDED":
        if message.startswith("Concurrent"):
            return Retry(is_limit=True)
        return Later(now + QUOTA_PAUSE, f"Salesforce's daily quota of API calls is used up ({message})")
    if code == "INVALID_FIELD":
        return Fail(
            "Give the integration user the right to read the field, or correct its name in salesforce/fields.py."
        )
    is_maintenance = reply.status in (HTTPStatus.NOT_ACCEPTABLE, 420)
    return Retry() if is_maintenance else None


def _first_error(body: bytes) -> tuple[str, str]:
    """Code and message of `[{"errorCode": …, "message": …}]`; empty where the body has another shape."""
    try:
        first = json.loads(body)[0]
        return str(first["errorCode"]), str(first.get("message", ""))
    except (IndexError, KeyError, TypeError, ValueError):
        return "", ""


salesforce = Source(
    name="salesforce",
    description="The CRM: who the customers are, what was sold to them, and the people there.",
    owner="team:sales-ops",
    promise=Promise("0 */6 * * *", warn=8 * HOUR, fail=12 * HOUR),
    connect=connect,
    variables=(
        Variable("SG_SALESFORCE_CLIENT_ID", "Consumer key of the connected app."),
        Variable("SG_SALESFORCE_CLIENT_SECRET", "Consumer secret of the connected app.", is_secret=True),
    ),
    known_delay=LATE_COMMIT,
    needs=(
        Right("api", "the connected app, as its only OAuth scope", "call the REST and Bulk APIs"),
        Right("API Enabled", "the integration user's permission set", "sign in by client credentials"),
        *(
            Right("Read, View All Records", f"object {name}, fields {', '.join(fields)}", "read every record")
            for name, fields in OBJECTS.items()
        ),
    ),
    excess="Asks which objects, and which fields of an account, the user may change (describe).",
)


@salesforce.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Every field of every object, of one record; what may be changed; and what is left of today's calls."""
    for name, fields in OBJECTS.items():
        query = f"SELECT {', '.join(fields)} FROM {name} LIMIT 1"  # noqa: S608 (declared names)
        yield look(name, partial(http.get_json, f"{API}/queryAll", {"q": query}))
    today = http.get_json(f"{API}/limits")["DailyApiRequests"]
    yield Finding("API calls today", detail=f"of {today['Max']:,}", quota_left=today["Remaining"])
    yield from beyond(partial(_changeable, http), "Give the integration user a permission set that only reads.")


def _changeable(http: Client) -> Iterator[str]:
    """What the user may do to the objects that we read; an account may be updated, in the fields that are ours only.

    https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm
    """
    changeable = [
        f"{one['name']} ({', '.join(may)})"
        for one in http.get_json(f"{API}/sobjects")["sobjects"]
        if one["name"] in OBJECTS
        and (
            may := [right for right in CHANGES if one.get(right) and (one["name"], right) != ("Account", "updateable")]
        )
    ]
    if changeable:
        yield f"change records of {', '.join(changeable)}"
    described = http.get_json(f"{API}/sobjects/Account/describe")["fields"]
    others = [f["name"] for f in described if f.get("updateable") and not f["name"].startswith(WRITTEN_BACK)]
    if others:
        yield f"change the fields of Account {', '.join(sorted(others))}"
