"""Which warehouse a prefix of a project in BigQuery is: its id and its environment, in `sg_ops.warehouse` there.

As in a DuckDB file (`identity.py`), so that sandbox rows never mix with real ones. A note in the state folder repeats
them for commands that are not to wait for a job, `sg-assets status` above all; every run looks for itself and notes
what it found.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.identity import Identity

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_client import Settings
    from sg_assets.warehouse.bigquery_jobs import Jobs

TABLE = "sg_ops.warehouse"


def establish(jobs: Jobs, environment: str) -> Identity:
    """The identity stored in the warehouse; a new warehouse gets one.

    Raises:
        WarehouseError: the warehouse belongs to another environment, or BigQuery refused.
    """
    from sg_assets.warehouse.bigquery_sql import quoted_table, text  # noqa: PLC0415 (brings Google's packages)

    table = quoted_table(jobs.settings, TABLE)
    known = f"select id, environment from {table} order by id limit 1"
    jobs.client.create_dataset(f"{jobs.settings.project}.{jobs.settings.dataset_prefix}sg_ops", exists_ok=True)
    jobs.run(f"create table if not exists {table} (id string, environment string)")
    if not jobs.run(known):
        made = f"select {text(str(uuid.uuid4()))}, {text(environment)} from unnest([1])"
        jobs.run(f"insert into {table} {made} where not exists (select 1 from {table})")
    ((id_, found),) = jobs.run(known)
    identity = Identity(str(id_), str(found))
    refuse_other(identity, jobs.settings, environment)
    return identity


def refuse_other(identity: Identity, settings: Settings, environment: str) -> None:
    """Stop when a warehouse is not of the wanted environment.

    Raises:
        WarehouseError: it is not.
    """
    if identity.environment != environment:
        msg = (
            f"{where(settings)} is a warehouse of the environment {identity.environment!r}, this is {environment!r}: "
            "set SG_ENV, SG_WAREHOUSE or SG_BIGQUERY_DATASET_PREFIX so that they agree"
        )
        raise WarehouseError(msg)


def where(settings: Settings) -> str:
    """Which warehouse is meant, in words."""
    prefix = f", datasets {settings.dataset_prefix}*" if settings.dataset_prefix else ""
    return f"bigquery:{settings.project}{prefix}"


def write_note(file: Path, settings: Settings, identity: Identity) -> None:
    """Repeat the identity in a file, with where its warehouse is."""
    note = json.dumps({"id": identity.id, "environment": identity.environment, "where": where(settings)})
    if not file.exists() or file.read_text() != note:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(file.name + ".new")
        new.write_text(note)
        new.replace(file)


def read_note(file: Path, settings: Settings) -> Identity | None:
    """The identity noted in a file; None when there is no note or it is about another warehouse."""
    try:
        note = json.loads(file.read_text())
        if note["where"] == where(settings):
            return Identity(note["id"], note["environment"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return None
