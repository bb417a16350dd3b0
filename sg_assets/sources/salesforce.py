"""Salesforce: accounts, opportunities, contacts, users and leads, through the REST query API.

Every object is pulled the same way, by windows of `SystemModstamp`; an object's table differs only in its declared
columns, each beside the API field that it is read from. How the API is asked is in `_windows`; nothing is guessed from
`describe`, so that a field lost to permissions is an error and not a silent NULL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from sg_assets.columns import Classification, Column
from sg_assets.http import Client, Fail, Later, Reply, Retry, Ruling
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Page, Pull, Source, Variable

PERSONAL = Classification.PERSONAL
API = "/services/data/v59.0"
BATCH = "2000"
LATE_COMMIT = timedelta(minutes=10)
"""How much later than the time they bear records may appear, from transactions that take long."""
LAG = timedelta(minutes=1)
"""How far a window keeps from now: our clock and Salesforce's may differ."""
QUOTA_PAUSE = timedelta(hours=1)
"""How long to stay away when the day's calls are used up; they come back bit by bit, over a rolling 24 hours."""


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
            with Client(base_url, name=client.name, secrets=[secret], rule=rule, sleep=client.sleep) as login:
                tokens[:] = [login.post_form("/services/oauth2/token", form, idempotent=True)["access_token"]]
        return {"Authorization": f"Bearer {tokens[0]}"}

    headers = {"Sforce-Query-Options": f"batchSize={BATCH}"}
    client = Client(base_url, name="salesforce", headers=headers, authorize=authorize, secrets=[secret], rule=rule)
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
            "Give the integration user the right to read the field, or correct its name in sources/salesforce.py."
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
)

ID = {"Id": Column("id", "STRING", "Salesforce id, 18 characters.")}
OWNER = {"OwnerId": Column("owner_id", "STRING", "User who owns the record.")}
STAMPS = {
    "CreatedDate": Column("created_at", "TIMESTAMP", "When the record was created."),
    "LastModifiedDate": Column("last_modified_at", "TIMESTAMP", "When a person last changed the record."),
    "SystemModstamp": Column("system_modstamp", "TIMESTAMP", "When a person or an automation last changed the record."),
}
DELETED = {"IsDeleted": Column("is_deleted", "BOOL", "Whether it is in the recycle bin, or was merged into another.")}
MERGED = DELETED | {"MasterRecordId": Column("master_record_id", "STRING", "Record that it was merged into.")}

ACCOUNT = {
    **ID,
    "Name": Column("name", "STRING", "Name of the company."),
    "Unique_Account_ID__c": Column("unique_account_id", "STRING", "Its own number: the end of its username."),
    "Type": Column("type", "STRING", "Customer, Prospect, …"),
    "Industry": Column("industry", "STRING", "Industry of the company."),
    **OWNER,
    "ParentId": Column("parent_id", "STRING", "Parent account."),
    "BillingCountry": Column("billing_country", "STRING", "Country of the billing address."),
    "Website": Column("website", "STRING", "Website of the company."),
    "NumberOfEmployees": Column("number_of_employees", "INT64", "Employees of the company."),
    "Active_Contract_Period_End__c": Column(
        "active_contract_period_end_on", "DATE", "Last day of the contract that runs now; null without one."
    ),
    "ARR__c": Column("arr_usd", "NUMERIC", "Annual recurring revenue, in US dollars."),
    **STAMPS,
    **MERGED,
}
OPPORTUNITY = {
    **ID,
    "AccountId": Column("account_id", "STRING", "Account that it is with."),
    "Name": Column("name", "STRING", "Name of the opportunity."),
    "StageName": Column("stage_name", "STRING", "Stage, by name."),
    "Stage_Number__c": Column("stage_number", "INT64", "Stage, by number; qualified from 2 on."),
    "Amount": Column("amount_usd", "NUMERIC", "Amount, in US dollars."),
    "CloseDate": Column("close_on", "DATE", "Day on which it closed, or is expected to."),
    "IsClosed": Column("is_closed", "BOOL", "Whether it was won or lost."),
    "IsWon": Column("is_won", "BOOL", "Whether it was won."),
    "Type": Column("type", "STRING", "New business, renewal, expansion, …"),
    "LeadSource": Column("lead_source", "STRING", "Where it came from."),
    **OWNER,
    **STAMPS,
    **DELETED,
}
CONTACT = {
    **ID,
    "AccountId": Column("account_id", "STRING", "Account where the person works."),
    "FirstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "LastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "LeadSource": Column("lead_source", "STRING", "Where the contact came from."),
    **OWNER,
    **STAMPS,
    **MERGED,
}
USER = {
    **ID,
    "Username": Column("username", "STRING", "Name to sign in with.", PERSONAL),
    "Name": Column("name", "STRING", "Full name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "IsActive": Column("is_active", "BOOL", "Whether the user can sign in; users are never deleted."),
    **STAMPS,
}
LEAD = {
    **ID,
    "FirstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "LastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Company": Column("company", "STRING", "Company, as the person wrote it."),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "Status": Column("status", "STRING", "New, Working, Nurture, Converted, …"),
    "LeadSource": Column("lead_source", "STRING", "Where the lead came from."),
    **OWNER,
    "IsConverted": Column("is_converted", "BOOL", "Whether it became a contact."),
    "ConvertedDate": Column("converted_on", "DATE", "Day on which it became a contact."),
    "ConvertedAccountId": Column("converted_account_id", "STRING", "Account that it became part of."),
    "ConvertedContactId": Column("converted_contact_id", "STRING", "Contact that it became."),
    "ConvertedOpportunityId": Column("converted_opportunity_id", "STRING", "Opportunity that it became, if any."),
    "MQL_Date__c": Column("mql_on", "DATE", "Day on which marketing qualified it."),
    **STAMPS,
    **MERGED,
}


@salesforce.pull(columns=tuple(ACCOUNT.values()), key=("id",))
def account(pull: Pull) -> Iterator[Page]:
    """One row per account: a company, usually the ultimate parent. Deleted and merged ones stay and say so."""
    yield from _windows(pull, "Account", ACCOUNT)


@salesforce.pull(columns=tuple(OPPORTUNITY.values()), key=("id",))
def opportunity(pull: Pull) -> Iterator[Page]:
    """One row per opportunity: a sale that may come. Deleted ones stay and say so."""
    yield from _windows(pull, "Opportunity", OPPORTUNITY)


@salesforce.pull(columns=tuple(CONTACT.values()), key=("id",))
def contact(pull: Pull) -> Iterator[Page]:
    """One row per contact: a person at an account. Deleted and merged ones stay and say so."""
    yield from _windows(pull, "Contact", CONTACT)


@salesforce.pull(columns=tuple(USER.values()), key=("id",))
def user(pull: Pull) -> Iterator[Page]:
    """One row per user of Salesforce: the company's own people, who own the other records."""
    yield from _windows(pull, "User", USER)


@salesforce.pull(columns=tuple(LEAD.values()), key=("id",))
def lead(pull: Pull) -> Iterator[Page]:
    """One row per lead: a person not yet at an account; a converted one names what it became."""
    yield from _windows(pull, "Lead", LEAD)


def _windows(pull: Pull, name: str, fields: Mapping[str, Column]) -> Iterator[Page]:
    """All records of an object that changed since the last pull, deleted and merged ones too, the oldest change first.

    A window ends a little before now, and the next begins a look-back before that end: stamps have whole seconds, so
    that ties are normal, and a late commit bears an older stamp. What is read twice is merged by id. Because records
    come in the order of their stamps, a pull that stops halfway can go on from its last page.
    """
    through = pull.now - LAG
    since = (pull.cursor or {}).get("modified_through")
    begin = f"SystemModstamp >= {_literal(_instant(since) - LATE_COMMIT)} AND " if since else ""
    where = f"{begin}SystemModstamp < {_literal(through)}"
    query = f"SELECT {', '.join(fields)} FROM {name} WHERE {where} ORDER BY SystemModstamp"  # noqa: S608 (declared names)
    answer = pull.http.get_json(f"{API}/queryAll", {"q": query})
    while not answer["done"]:
        rows = [_row(record, fields) for record in answer["records"]]
        yield Page(rows, {"modified_through": rows[-1]["system_modstamp"]} if rows else None)
        answer = pull.http.get_json("/services/" + str(answer["nextRecordsUrl"]).partition("/services/")[2])
    yield Page([_row(record, fields) for record in answer["records"]], {"modified_through": _literal(through)})


def _row(record: Mapping[str, Any], fields: Mapping[str, Column]) -> dict[str, object]:
    """A record under our names; a field that was not asked for keeps its own."""
    return {fields[api].name if api in fields else api: value for api, value in record.items() if api != "attributes"}


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _literal(time: datetime) -> str:
    """A date-time of SOQL: unquoted, in UTC, whole seconds."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
