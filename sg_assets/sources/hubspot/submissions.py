"""Submissions of a form: the newest first, with nothing to filter by, so that reading ends at what is known.

Source: HubSpot's reference of `form-integrations/v1/submissions`; at most 50 come at once, and they never change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sg_assets.source import Page, Pull
from sg_assets.sources.hubspot.fields import ANSWERS, SUBMITTED_AT
from sg_assets.sources.hubspot.listing import Record, everything, is_due, pages, time
from sg_assets.sources.hubspot.session import INDEX_LAG
from sg_assets.sources.hubspot.values import instant, read

AT_ONCE = "50"


def submissions(pull: Pull, form: str) -> Iterator[Page]:
    """What was submitted since the last pull began; everything at first, and once a week to find what was erased."""
    past = pull.cursor or {}
    is_first, is_whole, now = "listed_at" not in past, is_due(pull), pull.now.isoformat()
    known = None if is_whole else time(past["submitted_through"]) - INDEX_LAG
    began, after = str(past.get("began_at", now)), past.get("after")
    path = f"/form-integrations/v1/submissions/forms/{form}"
    for records, following in pages(pull.http, path, {"limit": AT_ONCE}, str(after) if after else None):
        yield Page(
            [_row(record, form) for record in records],
            {"began_at": began, "after": following} if is_first and following else None,
        )
        if known and records and instant(records[-1]["submittedAt"]) < known:
            break
    yield Page(
        [],
        {"submitted_through": began, "listed_at": began if is_whole else past["listed_at"]},
        covers=everything(SUBMITTED_AT.name) if is_whole and not is_first else None,
    )


def _row(record: Record, form: str) -> dict[str, object]:
    """A submission under our names.

    HubSpot's own id (`conversionId`) came late and is not on all of them, so that form, time and answers stand for it.
    """
    beside = dict(record)
    answers = {answer["name"]: answer.get("value") for answer in beside.pop("values")}
    submitted, page = beside.pop("submittedAt"), beside.pop("pageUrl", None)
    beside.pop("conversionId", None)
    identity = json.dumps([form, submitted, sorted(answers.items())], ensure_ascii=False)
    return {
        **beside,
        "id": hashlib.sha256(identity.encode()).hexdigest(),
        "form_id": form,
        SUBMITTED_AT.name: instant(submitted),
        "page_url": page,
        **read(answers, ANSWERS),
    }
