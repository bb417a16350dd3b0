"""Which BigQuery the tests may use: a real project, the emulator, or none.

`SG_BIGQUERY_LIVE=project` says that a developer has one and wants it used; `make test-bigquery` starts the emulator and
sets `BIGQUERY_EMULATOR_HOST`. Each user of a BigQuery takes a prefix of its own for its datasets, and removes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

from sg_assets.warehouse.bigquery_client import Settings, client_of

EMULATED_PROJECT = "sandbox-project"
LIVE = os.environ.get("SG_BIGQUERY_LIVE") or None
EMULATOR = None if LIVE else os.environ.get("BIGQUERY_EMULATOR_HOST") or None
IS_THERE = bool(LIVE or EMULATOR)


@contextmanager
def datasets() -> Iterator[Settings]:
    """Settings whose prefix nobody else has; the datasets under it are removed at the end."""
    settings = Settings(LIVE or EMULATED_PROJECT, dataset_prefix=f"sg_test_{uuid4().hex[:12]}_")
    try:
        yield settings
    finally:
        client = client_of(settings, EMULATOR)
        for dataset in client.list_datasets():
            if dataset.dataset_id.startswith(settings.dataset_prefix):
                client.delete_dataset(dataset.reference, delete_contents=True, not_found_ok=True)
        client.close()


def variables_of(settings: Settings) -> Mapping[str, str]:
    """What sets the warehouse of an environment to these datasets."""
    emulator = {"BIGQUERY_EMULATOR_HOST": EMULATOR} if EMULATOR else {}
    return {
        "SG_WAREHOUSE": f"bigquery:{settings.project}",
        "SG_BIGQUERY_DATASET_PREFIX": settings.dataset_prefix,
        **emulator,
    }
