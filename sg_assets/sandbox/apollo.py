"""The bucket with what was exported from Apollo: three CSV objects, whose rows and hashes were noted at the time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from sg_assets.sandbox.company.apollo_archive import (
    Record,
    account_records,
    as_csv,
    contact_records,
    sequence_records,
)
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.hourly_objects import Bucket, Single
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, QUOTA, StorageApi, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BUCKET = "apollo"
OBJECTS: Mapping[str, Callable[[Company], Sequence[Record]]] = {
    "contact": contact_records,
    "account": account_records,
    "sequence": sequence_records,
}


def object_name(table: str) -> str:
    """The object that holds the rows of a table."""
    return f"apollo/{table}s/export.csv"


def bucket(sandbox: Sandbox) -> Bucket:
    """The bucket of a sandbox."""
    singles = tuple(Single(object_name(table), partial(_lines, sandbox.company, table)) for table in OBJECTS)
    return Bucket(BUCKET, "apollo", sandbox, (), singles)


def noted(sandbox: Sandbox) -> Mapping[str, str]:
    """The variables that say how many rows each object had when it was exported, and its SHA-256."""
    return {f"SG_APOLLO_{table.upper()}": _noted(sandbox.company, table) for table in OBJECTS}


@lru_cache(maxsize=16)
def _noted(company: Company, table: str) -> str:
    text = "".join(f"{line}\n" for line in _lines(company, table))
    return f"{len(OBJECTS[table](company))}:{hashlib.sha256(text.encode()).hexdigest()}"


def _lines(company: Company, table: str) -> Sequence[str]:
    return as_csv(OBJECTS[table](company)).split("\n")


def _app(sandbox: Sandbox) -> ASGIApp:
    return StorageApi(bucket(sandbox)).app()


stand_in = StandIn(
    "apollo",
    {"SG_APOLLO_BUCKET": BUCKET, "SG_GOOGLE_CREDENTIALS": CREDENTIALS},
    _app,
    refuse,
    QUOTA,
    noted,
)
