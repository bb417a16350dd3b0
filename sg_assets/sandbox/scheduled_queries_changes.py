"""What the sandbox's scheduled queries were changed to: one SQLite file in the state folder, shared by all processes.

A change names its fields in a mask, and only those are taken from what is sent. Output of the service (state, owner,
times) cannot be named. `https://cloud.google.com/bigquery/docs/reference/datatransfer/rest/v1/
projects.locations.transferConfigs/patch`
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sg_assets.sandbox.memory_file import opened

FILE = "scheduled_queries.sqlite"
SCHEMA = """create table if not exists change (
    number integer primary key autoincrement, at text not null, config text not null, fields text not null,
    account text)"""
ACCOUNT = "serviceAccountName"
CHANGEABLE = frozenset(
    {
        "destinationDatasetId", "disabled", "displayName", "emailPreferences", "notificationPubsubTopic", "params",
        "schedule", "scheduleOptions",
    }
)  # fmt: skip
NEEDED = ("dataSourceId", "displayName", "params")
"""Fields that a body must have even where they are not changed: "all fields must be set"."""


class MaskError(ValueError):
    """A change that the service refuses as an invalid argument; the message is its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the new values of fields (None: emptied), and the account that it runs on from then on."""

    at: datetime
    config: str
    fields: Mapping[str, Any]
    account: str | None = None


def read_change(at: datetime, config: str, asked: Mapping[str, str], body: Mapping[str, Any]) -> Change:
    """The change that a PATCH asks for; `asked` are its query parameters.

    Raises:
        MaskError: there is no mask, it names what cannot be changed, or the body is not a whole configuration.
    """
    mask = [_camel(path) for path in asked.get("updateMask", "").split(",") if path.strip()]
    if not mask:
        msg = "update_mask must be specified."
        raise MaskError(msg)
    if wrong := [path for path in mask if path not in {*CHANGEABLE, ACCOUNT}]:
        msg = f"Invalid field in update_mask: {', '.join(wrong)}."
        raise MaskError(msg)
    if absent := [name for name in NEEDED if name not in body]:
        msg = f"transfer_config: {', '.join(absent)} must be set."
        raise MaskError(msg)
    if body.get("name", config) != config:
        msg = "transfer_config.name differs from the name in the path."
        raise MaskError(msg)
    if ACCOUNT in mask and not asked.get(ACCOUNT):
        msg = "service_account_name must be set when it is in update_mask."
        raise MaskError(msg)
    fields = {path: body.get(path) for path in mask if path != ACCOUNT}
    return Change(at, config, fields, asked[ACCOUNT] if ACCOUNT in mask else None)


def _camel(path: str) -> str:
    """A field of a mask as JSON spells it; the service takes both spellings."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), path.strip())


class Changes:
    """The changes of one sandbox, in the order in which they came."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def of(self, config: str, until: datetime) -> list[Change]:
        """Those of a configuration until an instant, the oldest first."""
        if not self._file.exists():
            return []
        with self._open() as database:
            rows = database.execute(
                "select at, fields, account from change where config = ? order by number", (config,)
            ).fetchall()
        found = (Change(datetime.fromisoformat(at), config, json.loads(text), account) for at, text, account in rows)
        return [one for one in found if one.at <= until]

    def add(self, change: Change) -> None:
        """Remember one."""
        with self._open() as database:
            database.execute(
                "insert into change (at, config, fields, account) values (?, ?, ?, ?)",
                (change.at.isoformat(), change.config, json.dumps(change.fields), change.account),
            )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, SCHEMA)
