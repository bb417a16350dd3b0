"""HubSpot's search: filters, one sort, a page, and its caps, over records in the shape of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sg_assets.sandbox.company.marketing_record import Record, time

LIMIT, CAP = 200, 10_000
"""The most rows of one page, and of a whole search."""
GROUPS, FILTERS = 5, 10
"""The most groups of filters, and filters in one."""

Json = Mapping[str, Any]


class SearchError(Exception):
    """A search that HubSpot would refuse; the text is its message."""


def found(asked: Json, records: Iterable[Record], modified: str) -> list[Record]:
    """The records that a search is about, in its order.

    Raises:
        SearchError: it asks what cannot be asked.
    """
    groups = asked.get("filterGroups") or []
    if len(groups) > GROUPS or any(len(group["filters"]) > FILTERS for group in groups):
        msg = "The maximum number of filters has been exceeded."
        raise SearchError(msg)
    seen = [(record, _values(record, modified)) for record in records if record.archived_at is None]
    if groups:
        seen = [pair for pair in seen if any(all(_holds(f, pair[1]) for f in group["filters"]) for group in groups)]
    for sort in (asked.get("sorts") or [])[:1]:
        is_descending = sort.get("direction") == "DESCENDING"
        seen.sort(key=lambda pair: _comparable(pair[1].get(sort["propertyName"])), reverse=is_descending)
    return [record for record, _ in seen]


def bounds(asked: Json, most: int) -> tuple[int, int]:
    """Where a page begins, and how long it is.

    Raises:
        SearchError: it is over a cap.
    """
    limit, after = int(asked.get("limit", 10)), int(asked.get("after") or 0)
    if limit > LIMIT:
        msg = f"Invalid limit: {limit}. Must be at most {LIMIT}."
        raise SearchError(msg)
    if after + min(limit, most) > CAP:
        msg = f"Cannot paginate beyond {CAP:,} results; after was {after}."
        raise SearchError(msg)
    return after, min(limit, most)


def _values(record: Record, modified: str) -> dict[str, str | None]:
    """What filters see: a property that this kind of records does not have is simply nowhere."""
    own = {"hs_object_id": record.id, "createdate": time(record.created_at), modified: time(record.modified_at)}
    return {**record.properties, **own}


def _holds(condition: Json, values: Mapping[str, str | None]) -> bool:
    value, wanted = values.get(str(condition["propertyName"])), condition.get("value")
    operator = str(condition["operator"])
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return (value is not None) == (operator == "HAS_PROPERTY")
    if value is None:
        return False
    if operator in {"IN", "NOT_IN"}:
        return (value in condition["values"]) == (operator == "IN")
    if operator not in _OPERATORS:
        msg = f"Unknown operator {operator}"
        raise SearchError(msg)
    return _OPERATORS[operator](_comparable(value), _comparable(wanted))


def _comparable(value: object) -> tuple[float, str]:
    """A value as it is compared: numbers and instants by size, whether written as milliseconds or as RFC 3339."""
    text = "" if value is None else str(value)
    try:
        return float(text), ""
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp() * 1000, ""
    except ValueError:
        return 0.0, text


_OPERATORS: Mapping[str, Callable[[tuple[float, str], tuple[float, str]], bool]] = {
    "EQ": lambda value, wanted: value == wanted,
    "NEQ": lambda value, wanted: value != wanted,
    "GT": lambda value, wanted: value > wanted,
    "GTE": lambda value, wanted: value >= wanted,
    "LT": lambda value, wanted: value < wanted,
    "LTE": lambda value, wanted: value <= wanted,
}


def names(asked: Json) -> Sequence[str]:
    """The properties that a search asks for."""
    return [str(name) for name in asked.get("properties") or ()]
