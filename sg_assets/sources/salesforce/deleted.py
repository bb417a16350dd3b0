"""getDeleted: which records were deleted, also those that no query shows any more.

A deleted record stays in the recycle bin for about fifteen days, where `queryAll` sees it; one that was erased at once
is seen by nobody but here. Salesforce tells of the last thirty days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from sg_assets.columns import Column
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce.rest import instant, literal
from sg_assets.sources.salesforce.session import API

KNOWN = timedelta(days=29)
"""How far back we ask: a day less than what Salesforce keeps."""
LEAST = timedelta(minutes=2)
"""The shortest time that is asked for; Salesforce counts in minutes, and refuses less than one."""

COLUMNS = (
    Column("object_name", "STRING", "API name of the object, such as Lead."),
    Column("id", "STRING", "Salesforce id of the record, 18 characters."),
    Column("deleted_at", "TIMESTAMP", "When it was deleted; a record that was restored since stays here."),
)


def deleted(pull: Pull, objects: Sequence[str]) -> Iterator[Page]:
    """The deletions of some objects since the last pull; at first, and after a long pause, of the last 29 days."""
    covered: Mapping[str, object] = pull.cursor or {}
    earliest = pull.now - KNOWN
    for name in objects:
        begun = instant(covered[name]) if name in covered else None
        start = earliest if begun is None else max(begun, earliest)
        if pull.now - start < LEAST:
            continue
        window = {"start": literal(start), "end": literal(pull.now)}
        answer = pull.http.get_json(f"{API}/sobjects/{name}/deleted/", window)
        rows = [
            {"object_name": name, "id": one["id"], "deleted_at": one["deletedDate"]} for one in answer["deletedRecords"]
        ]
        covered = {**covered, name: answer["latestDateCovered"]}
        note = ""
        if begun is not None and begun < earliest:
            note = (
                f"what was erased of {name} before {literal(earliest)} is not told any more: `refresh --full` finds out"
            )
        yield Page(rows, covered, note=note)
