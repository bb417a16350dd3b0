"""Salesforce, written to: the newest answers about a customer's environment, on the customer's account.

Whoever talks to a customer sees there what is known of how they run the product. Records are updated by their ids, up
to 200 in a request (sObject Collections), and read back: a rule or a flow of Salesforce may have changed what was
written. Writing the same twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from sg_assets.destination import Destination, Receipt, Send
from sg_assets.examination import Finding
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import Request
from sg_assets.promise import Promise
from sg_assets.source import Right, Variable
from sg_assets.sources.salesforce import session
from sg_assets.sources.salesforce.rest import quoted
from sg_assets.sources.salesforce.session import API, salesforce

ALLOWED, ACCOUNTS = "SG_SALESFORCE_WRITE_BACK", "accounts"
MOST_RECORDS = 200
UPDATE = f"{API}/composite/sobjects"
PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"})
"""Refusals of a record that pass by themselves: somebody else was saving it, for instance."""
OF_RIGHTS = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INSUFFICIENT_ACCESS_OR_READONLY"})
"""Refusals that are not about the record, but about what we may write at all."""

FIELDS: Mapping[str, str] = {
    "answered_on": "Environment_Answered_On__c",
    "deployment_type": "Environment_Deployment__c",
    "hosted_on": "Environment_Hosted_On__c",
    "sourcegraph_version": "Environment_Version__c",
    "code_hosts": "Environment_Code_Hosts__c",
    "user_count": "Environment_Users__c",
    "repository_count": "Environment_Repositories__c",
}
"""The field of an account in which each answer is kept; nobody else writes these."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The source's client, where somebody allowed us to write; in the sandbox nobody needs to.

    Raises:
        SourceError: the variable that allows it says something else, such as `off`.
    """
    if (said := settings.get(ALLOWED, ACCOUNTS)) != ACCOUNTS:
        advice = f"Set it to {ACCOUNTS}, or unset it."
        raise SourceError(salesforce.name, "write to accounts", f"{ALLOWED}={said}", advice, HTTPStatus.FORBIDDEN)
    return session.connect(base_url, settings)


to_salesforce = Destination(
    replace(
        salesforce,
        description="The CRM, told what is known of customers' environments.",
        connect=connect,
        promise=Promise("30 * * * *", warn=timedelta(hours=5), fail=timedelta(hours=9)),
        variables=(
            *salesforce.variables,
            Variable(ALLOWED, f"`{ACCOUNTS}`: write the newest answers about environments to accounts."),
        ),
        tables={},
        examination=None,
        needs=(
            *salesforce.needs[:2],
            Right(
                "Read, Edit", f"object Account, fields {', '.join(FIELDS.values())}", "write the answers", writes=True
            ),
        ),
        excess="By the examination of the source, which shares the user: no other field of an account may be edited.",
    )
)


@to_salesforce.system.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether every field may be written; nothing is."""
    described = http.get_json(f"{API}/sobjects/Account/describe")
    writable = {field["name"] for field in described["fields"] if field.get("updateable")}
    for name in FIELDS.values():
        advice = "" if name in writable else "Give the integration user the right to edit the field, or make it."
        yield Finding(f"Account.{name}", is_permitted=name in writable, detail=advice)


@to_salesforce.sends("customers.environment_latest", key=("account_id",), sent=tuple(FIELDS), kept=("submitted_at",))
def environment(send: Send) -> Iterator[Sequence[Receipt]]:
    """One row per time that the answers about a customer's environment were written to its account in Salesforce.

    Only accounts whose answers changed are written to. One that was deleted is refused, and says so here.
    """
    locked: list[str] = []
    for rows in send.batches(MOST_RECORDS):
        yield _written(send.http, rows, locked)
    if locked:
        came = f"{len(locked)} accounts could not be saved now, {locked[0]} for one"
        raise SourceError(send.http.name, f"PATCH {UPDATE}", came, "They are tried again.")


def _written(http: Client, rows: Sequence[Mapping[str, Any]], locked: list[str]) -> list[Receipt]:
    """Write some accounts and read them back; those that could not be saved now go to `locked`.

    Raises:
        SourceError: we may not write, or could not.
    """
    records = [_record(row) for row in rows]
    body = {"allOrNone": False, "records": [{"attributes": {"type": "Account"}, **record} for record in records]}
    results = http.send(Request("PATCH", UPDATE, body=body)).value
    receipts, accepted = [], []
    for row, record, result in zip(rows, records, results, strict=True):
        if result["success"]:
            accepted.append((row, record))
            continue
        code, message = result["errors"][0]["statusCode"], result["errors"][0]["message"]
        if code in OF_RIGHTS:
            advice = "Give the integration user the right to edit the field, or make it."
            raise SourceError(
                http.name, f"PATCH {UPDATE}", http.shown(f"{code}: {message}"), advice, HTTPStatus.FORBIDDEN
            )
        if code in PASSING:
            locked.append(record["Id"])
        else:
            receipts.append(Receipt(row, is_accepted=False, detail=f"{code}: {message}"))
    shown = _read(http, [record["Id"] for _, record in accepted])
    return receipts + [_compared(row, record, shown.get(record["Id"], {})) for row, record in accepted]


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as Salesforce is told it."""
    return {"Id": row["account_id"], **{field: _value(row[name]) for name, field in FIELDS.items()}}


def _value(value: object) -> object:
    """A day as text, several choices with semicolons between, and nothing for none."""
    if isinstance(value, list):
        return ";".join(value) or None
    return value.isoformat() if isinstance(value, date) else value


def _read(http: Client, ids: Sequence[str]) -> dict[str, Mapping[str, object]]:
    """What Salesforce shows of some accounts now, by id."""
    if not ids:
        return {}
    wanted = ", ".join(quoted(id_) for id_ in ids)
    query = f"SELECT Id, {', '.join(FIELDS.values())} FROM Account WHERE Id IN ({wanted})"  # noqa: S608 (quoted)
    return {record["Id"]: record for record in http.get_json(f"{API}/query", {"q": query})["records"]}


def _compared(row: Mapping[str, Any], record: Mapping[str, Any], shown: Mapping[str, object]) -> Receipt:
    """The receipt of an account that Salesforce says it saved; what it shows otherwise was not taken as sent."""
    other = [f"{name} is {shown.get(name)!r}" for name, value in record.items() if shown.get(name) != value]
    return Receipt(row, is_accepted=not other, detail=f"read back: {'; '.join(other)}" if other else None)
