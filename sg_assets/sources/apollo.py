"""Apollo, out of use: what was exported from it once, as CSV objects in a bucket.

Each object is checked before a row of it is taken: its rows and its SHA-256 were noted when it was exported, and are
declared in the source's variables. The names of the fields are those of Apollo's API.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import BinaryIO, cast

from sg_assets import google
from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding
from sg_assets.http import Client, SourceError
from sg_assets.promise import Frozen
from sg_assets.source import Page, Pull, Row, Source, Variable

REASON = "Apollo is out of use; this is what was exported when that began"
MASKED = "email_not_unlocked@"
"""How an address begins that Apollo did not give away: `email_not_unlocked@domain.com`."""
PAGE = 2000
CHUNK = 1 << 20
PERSONAL = Classification.PERSONAL
_NOTED = re.compile(r"\d+:[0-9a-fA-F]{64}")


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The session with Google Cloud Storage."""
    return google.connect("apollo", base_url, settings)


def _noted(what: str) -> Variable:
    name = f"SG_APOLLO_{what.upper()}"
    return Variable(name, f"Rows and SHA-256 of the exported {what}s, as ROWS:SHA256.")


apollo = Source(
    name="apollo",
    description="E-mails to prospects in 2019: an archive of a system that is out of use.",
    owner="team:analytics",
    promise=Frozen(REASON),
    connect=connect,
    base_url="https://storage.googleapis.com",
    variables=(
        Variable("SG_APOLLO_BUCKET", "Cloud Storage bucket with apollo/contacts/export.csv and its siblings."),
        Variable("SG_GOOGLE_CREDENTIALS", "Path or JSON text of a Google service account's key.", is_secret=True),
        _noted("contact"),
        _noted("account"),
        _noted("sequence"),
    ),
    needs=google.BUCKET_NEEDS,
    excess=google.BUCKET_EXCESS,
)

CREATED = Column("created_at", "TIMESTAMP", "When it was made in Apollo.")
CONTACT = {
    "id": Column("id", "STRING", "Apollo's id of the person, 24 hexadecimal digits.", Classification.PSEUDONYMOUS),
    "first_name": Column("first_name", "STRING", "First name.", PERSONAL),
    "last_name": Column("last_name", "STRING", "Last name.", PERSONAL),
    "title": Column("title", "STRING", "Job title.", PERSONAL),
    "organization_name": Column("organization_name", "STRING", "Company where the person works."),
    "account_id": Column("account_id", "STRING", "Apollo's id of that company."),
    "email": Column("email", "STRING", "E-mail address; null where Apollo did not give it away.", PERSONAL),
    "email_status": Column("email_status", "STRING", "verified, guessed or unavailable."),
    "contact_stage": Column("contact_stage", "STRING", "How far it went: Cold, Replied, Interested, …"),
    "emailer_campaign_ids": Column("sequence_ids", "ARRAY<STRING>", "Sequences that the person was in."),
    "created_at": CREATED,
    "last_activity_date": Column("last_activity_at", "TIMESTAMP", "When something was last sent or answered."),
}
ACCOUNT = {
    "id": Column("id", "STRING", "Apollo's id of the company, 24 hexadecimal digits."),
    "name": Column("name", "STRING", "Name of the company."),
    "domain": Column("domain", "STRING", "Domain of the company."),
    "industry": Column("industry", "STRING", "Industry of the company."),
    "estimated_num_employees": Column("employee_count", "INT64", "Employees of the company, estimated by Apollo."),
    "account_stage": Column("account_stage", "STRING", "How far it went: Cold, Approaching, Replied."),
    "num_contacts": Column("contact_count", "INT64", "People known there."),
    "created_at": CREATED,
}
SEQUENCE = {
    "id": Column("id", "STRING", "Apollo's id of the sequence, 24 hexadecimal digits."),
    "name": Column("name", "STRING", "Name of the sequence."),
    "active": Column("is_active", "BOOL", "Whether it was still sending when it was exported."),
    "archived": Column("is_archived", "BOOL", "Whether it had been put away."),
    "num_steps": Column("step_count", "INT64", "Steps of the sequence."),
    "unique_delivered": Column("delivered_count", "INT64", "People to whom something was delivered."),
    "unique_bounced": Column("bounced_count", "INT64", "People for whom something came back."),
    "unique_opened": Column("opened_count", "INT64", "People who opened something."),
    "unique_replied": Column("replied_count", "INT64", "People who replied."),
    "unique_unsubscribed": Column("unsubscribed_count", "INT64", "People who wanted no more."),
    "created_at": CREATED,
}


@apollo.frozen(REASON, columns=tuple(CONTACT.values()), key=("id",))
def contact(pull: Pull) -> Iterator[Page]:
    """One row per person whom the company knew in Apollo."""
    return _exported(pull, "contact", CONTACT)


@apollo.frozen(REASON, columns=tuple(ACCOUNT.values()), key=("id",))
def account(pull: Pull) -> Iterator[Page]:
    """One row per company that the company knew in Apollo."""
    return _exported(pull, "account", ACCOUNT)


@apollo.frozen(REASON, columns=tuple(SEQUENCE.values()), key=("id",))
def sequence(pull: Pull) -> Iterator[Page]:
    """One row per series of e-mails that was sent from Apollo, with what came of it."""
    return _exported(pull, "sequence", SEQUENCE)


@apollo.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The three objects: are they there, may they be listed and read."""
    return google.examine_bucket(
        http, settings, "SG_APOLLO_BUCKET", [f"apollo/{what}s" for what in ("contact", "account", "sequence")]
    )


def _exported(pull: Pull, what: str, fields: Mapping[str, Column]) -> Iterator[Page]:
    """The rows of an object that is the one that was exported.

    Raises:
        SourceError: it could not be read, or is another one; no row of it was given then.
    """
    bucket, name, variable = (
        pull.settings["SG_APOLLO_BUCKET"],
        f"apollo/{what}s/export.csv",
        f"SG_APOLLO_{what.upper()}",
    )
    with cast("BinaryIO", tempfile.SpooledTemporaryFile(google.IN_MEMORY)) as file:
        google.Bucket(pull.http, bucket).download(name, file)
        if problem := _difference(file, variable, pull.settings[variable], fields):
            raise SourceError(pull.http.name, f"verify gs://{bucket}/{name}", *problem, HTTPStatus.CONFLICT)
        rows = _records(file)
        while records := list(islice(rows, PAGE)):
            yield Page([_row(record, fields) for record in records])


def _difference(file: BinaryIO, variable: str, noted: str, fields: Mapping[str, Column]) -> tuple[str, str] | None:
    """How a file differs from what was noted of it, and what to do; None where it does not."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    records = _records(file)
    first = next(records, {})
    came = f"{bool(first) + sum(1 for _ in records)}:{digest.hexdigest()}"
    if not _NOTED.fullmatch(noted.strip()):
        return f"{variable} does not say its rows and SHA-256", f"Set {variable} to {came} if this is the exported one."
    if came != noted.strip().lower():
        advice = f"Restore the exported object; or set {variable} to what came, if it was exported anew."
        return f"rows and SHA-256 are {came}, and not {noted.strip()}", advice
    if missing := [field for field in fields if first and field not in first]:
        return f"no column {', '.join(missing)}", "Export it with the field names of Apollo's API."
    return None


def _records(file: BinaryIO) -> Iterator[dict[str, str]]:
    """The records of the file; what is no UTF-8 in it is marked as such, since the file will not change."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    yield from csv.DictReader(text, restkey="beyond the header", restval="")
    text.detach()


def _row(record: Mapping[str, str], fields: Mapping[str, Column]) -> Row:
    """A record under our names; a field that nobody declared keeps its own."""
    return {
        fields[name].name if name in fields else name: _value(text, fields[name]) if name in fields else text
        for name, text in record.items()
    }


def _value(text: str, column: Column) -> object:
    """A text of the file as its type has it, as it came where it is none: the row is then rejected by name."""
    if column.is_array:
        return [part for part in text.split(",") if part]
    if not text or (column.name == "email" and text.lower().startswith(MASKED)):
        return None
    if column.type == "INT64":
        return int(text) if text.isdecimal() else text
    return {"true": True, "false": False}.get(text.lower(), text) if column.type == "BOOL" else text
