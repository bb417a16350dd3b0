"""Associations: which contact is at which company, which deal is about whom.

Making or ending one does not touch the records that it joins, so nothing says which changed: all are read each time,
by batches of the ids that the records' own tables have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.hubspot.listing import pages

BATCH = 100
"""Ids in one request, the most that HubSpot takes."""
PAIRS = (("company", "contact"), ("deal", "company"), ("deal", "contact"))
"""What is read from what: from the side of which there are fewer."""
NOTHING = "OBJECT_NOT_FOUND"
"""How a batch says, beside its results, that a record is gone, or has none of the associations."""


def associations(pull: Pull) -> Iterator[Page]:
    """All associations of the records that are there."""
    for origin in dict.fromkeys(origin for origin, _ in PAIRS):
        ids = sorted(_living(pull, origin), key=int)
        for target in (target for start, target in PAIRS if start == origin):
            for start in range(0, len(ids), BATCH):
                yield Page(list(_batch(pull.http, origin, target, ids[start : start + BATCH])))


def _living(pull: Pull, origin: str) -> Iterator[str]:
    """The ids of the records of a kind that are neither archived nor gone."""
    for row in pull.read(f"raw_hubspot.{origin}", ("id", "is_archived", "_deleted_at")):
        if not row["is_archived"] and row["_deleted_at"] is None:
            yield str(row["id"])


def _batch(http: Client, origin: str, target: str, ids: Sequence[str]) -> Iterator[Row]:
    """The associations of some records; of one with many, the batch gives a first page, its own address the rest.

    Raises:
        SourceError: the batch failed for a record that is there.
    """
    path = f"/crm/v4/associations/{origin}/{target}/batch/read"
    answer = http.post_json(path, {"inputs": [{"id": id_} for id_ in ids]}, idempotent=True)
    if wrong := [error for error in answer.get("errors", ()) if error.get("category") != NOTHING]:
        came = f"{len(wrong)} of {len(ids)} records failed: {wrong[0].get('message', 'no reason')}"
        raise SourceError(http.name, f"POST {path}", came, "It changed nothing; the next pull may do.")
    for result in answer["results"]:
        id_ = str(result["from"]["id"])
        yield from _rows(origin, id_, target, result["to"])
        if after := ((result.get("paging") or {}).get("next") or {}).get("after"):
            for more, _ in pages(
                http, f"/crm/v4/objects/{origin}/{id_}/associations/{target}", {"limit": "500"}, after
            ):
                yield from _rows(origin, id_, target, more)


def _rows(origin: str, id_: str, target: str, to: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """A row for each type of each association: two records may be joined in several ways."""
    for other in to:
        for kind in other["associationTypes"]:
            yield {
                "from_object": origin,
                "from_id": id_,
                "to_object": target,
                "to_id": str(other["toObjectId"]),
                "category": kind["category"],
                "type_id": kind["typeId"],
                "label": kind.get("label"),
            }
