"""HubSpot's tables, and how each is pulled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sg_assets.source import Page, Pull, Row
from sg_assets.sources.hubspot import associations, objects, submissions
from sg_assets.sources.hubspot.fields import ASSOCIATION, COMPANY, CONTACT, DEAL, NPS_FORM, OWNER, STAGE, SUBMISSION
from sg_assets.sources.hubspot.listing import pages
from sg_assets.sources.hubspot.session import hubspot
from sg_assets.sources.hubspot.values import read
from sg_assets.table import Mode


@hubspot.pull(columns=CONTACT.columns, key=("id",), mode=Mode.WINDOW)
def contact(pull: Pull) -> Iterator[Page]:
    """One row per contact: a person whom marketing knows, whether or not a customer.

    Archived ones stay and say so. What vanished without a trace (merged into another contact, erased on request,
    archived for over 90 days) has `_deleted_at` after the next weekly listing.
    """
    yield from objects.objects(pull, CONTACT)


@hubspot.pull(columns=COMPANY.columns, key=("id",), mode=Mode.WINDOW)
def company(pull: Pull) -> Iterator[Page]:
    """One row per company, by its domain; which people are there is in `association`. For deletions see `contact`."""
    yield from objects.objects(pull, COMPANY)


@hubspot.pull(columns=DEAL.columns, key=("id",), mode=Mode.WINDOW)
def deal(pull: Pull) -> Iterator[Page]:
    """One row per deal, as the CRM of the years before Salesforce keeps it. For deletions see `contact`."""
    yield from objects.objects(pull, DEAL)


@hubspot.pull(columns=tuple(OWNER.values()), key=("id",), mode=Mode.SNAPSHOT)
def owner(pull: Pull) -> Iterator[Page]:
    """One row per owner: a person, or a queue, whom records are given to. Deactivated ones stay and say so."""
    for archived in ("false", "true"):
        for records, _ in pages(pull.http, "/crm/v3/owners", {"limit": "100", "archived": archived}):
            yield Page([{OWNER[k].name if k in OWNER else k: v for k, v in record.items()} for record in records])


@hubspot.pull(columns=STAGE, key=("pipeline_id", "stage_id"), mode=Mode.SNAPSHOT)
def pipeline(pull: Pull) -> Iterator[Page]:
    """One row per stage of a pipeline of deals."""
    found = pull.http.get_json("/crm/v3/pipelines/deals")["results"]
    yield Page([_stage(pipeline, stage) for pipeline in found for stage in pipeline["stages"]])


@hubspot.pull(
    columns=ASSOCIATION,
    key=("from_object", "from_id", "to_object", "to_id", "category", "type_id"),
    mode=Mode.SNAPSHOT,
    inputs=("raw_hubspot.company", "raw_hubspot.deal"),
)
def association(pull: Pull) -> Iterator[Page]:
    """One row per way in which two records are associated: contacts with companies, deals with companies and contacts.

    Read from the companies and deals that are there; an association that ended has `_deleted_at`.
    """
    yield from associations.associations(pull)


@hubspot.pull(columns=SUBMISSION, key=("id",), mode=Mode.WINDOW)
def form_submission(pull: Pull) -> Iterator[Page]:
    """One row per answer to the NPS survey that the product shows. Erased ones have `_deleted_at`, as in `contact`."""
    yield from submissions.submissions(pull, NPS_FORM)


def _stage(pipeline: dict[str, Any], stage: dict[str, Any]) -> Row:
    """A stage with its pipeline. What `metadata` holds are texts, booleans too."""
    columns = {column.name: column for column in STAGE}
    return {
        "pipeline_id": pipeline["id"],
        "pipeline_name": pipeline["label"],
        "pipeline_position": pipeline["displayOrder"],
        "stage_id": stage["id"],
        "stage_name": stage["label"],
        "stage_position": stage["displayOrder"],
        **read(
            {"probability": stage["metadata"].get("probability"), "is_closed": stage["metadata"].get("isClosed")},
            columns,
        ),
        "created_at": stage["createdAt"],
        "modified_at": stage["updatedAt"],
        "is_archived": stage["archived"],
    }
