"""The kinds of warehouse that tests run on: DuckDB always, BigQuery where its emulator or a real project is at hand.

`BIGQUERY_EMULATOR_HOST` says where the emulator is, `SG_BIGQUERY_LIVE` which project is a developer's own. Each
warehouse in BigQuery has a dataset prefix of its own, and is dropped afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from sg_assets.warehouse.bigquery_client import Settings, client_of

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

EMULATOR, LIVE = os.environ.get("BIGQUERY_EMULATOR_HOST"), os.environ.get("SG_BIGQUERY_LIVE")
BUCKETS = os.environ.get("GCS_LOCAL_ROOT")
"""Where the emulator finds objects of Cloud Storage, each below its bucket's name."""
KINDS = ("duckdb", "bigquery") if EMULATOR or LIVE else ("duckdb",)


@contextmanager
def of_bigquery() -> Generator[tuple[Client, Settings]]:
    """A client, and settings of which nothing is there yet."""
    settings = Settings(LIVE or "sg-tests", dataset_prefix=f"t{uuid4().hex[:12]}_", location="US")
    client = client_of(settings, None if LIVE else EMULATOR)
    try:
        yield client, settings
    finally:
        for found in client.list_datasets(project=settings.project):
            if found.dataset_id.startswith(settings.dataset_prefix):
                client.delete_dataset(found.reference, delete_contents=True, not_found_ok=True)
        client.close()
