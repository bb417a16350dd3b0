"""The settings of a warehouse in BigQuery as the variables `SG_BIGQUERY_…` say them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sg_assets.variables import value_of
from sg_assets.warehouse.bigquery_client import Settings

PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*")
LOCATION = re.compile(r"[A-Za-z0-9-]+")
PREFIX = re.compile(r"[A-Za-z0-9_]*")
STAGING = re.compile(r"gs://[a-z0-9][a-z0-9._-]+[a-z0-9](?:/[A-Za-z0-9._=-]+)*")


def is_project(text: str) -> bool:
    """Whether a text can be the id of a project."""
    return bool(PROJECT.fullmatch(text))


def settings_of(variables: Mapping[str, str], project: str) -> Settings:
    """The settings of the warehouse in a project.

    Raises:
        EnvironmentProblem: a variable cannot be read.
    """
    return Settings(
        project=project,
        job_project=_told(variables, "SG_BIGQUERY_JOB_PROJECT", PROJECT, "the id of a project"),
        location=_told(variables, "SG_BIGQUERY_LOCATION", LOCATION, "a location such as US or europe-west1") or "US",
        dataset_prefix=_told(variables, "SG_BIGQUERY_DATASET_PREFIX", PREFIX, "letters, digits and underscores"),
        maximum_bytes_billed=value_of(variables, "SG_BIGQUERY_MAX_BYTES_BILLED", _bytes, "a number of bytes above 0"),
        staging=_told(variables, "SG_BIGQUERY_STAGING", STAGING, "a place in Cloud Storage: gs://BUCKET/FOLDER"),
    )


def _told(variables: Mapping[str, str], name: str, shape: re.Pattern[str], wanted: str) -> str:
    def read(text: str) -> str:
        if not shape.fullmatch(text):
            raise ValueError(text)
        return text

    found: str | None = value_of(variables, name, read, wanted)
    return found or ""


def _bytes(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError(text)
    return number
