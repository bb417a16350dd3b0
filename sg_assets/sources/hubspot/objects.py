"""Contacts, companies and deals: one protocol for all objects of the CRM.

The first pull, and one a week after it, lists everything; those between search for what changed. What is archived
stands in a listing of its own, which is short and read each time. What was merged into another record, erased, or
archived for over 90 days stands nowhere: the weekly listing finds it missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.hubspot.fields import BESIDE, Kind
from sg_assets.sources.hubspot.listing import Record, everything, is_due, next_of, pages, time
from sg_assets.sources.hubspot.session import INDEX_LAG
from sg_assets.sources.hubspot.values import milliseconds, read

LISTED, FOUND = "100", 200
"""The most rows that HubSpot gives at once: in a listing, and of a search."""
PROPERTIES_LENGTH = 2000
"""Characters of property names that one address may hold; HubSpot's proxies answer 414 to long ones."""
UNASKED = frozenset({"hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate"})
"""Properties that come whether they were asked for or not; `id`, `createdAt` and `updatedAt` say the same."""


def objects(pull: Pull, kind: Kind) -> Iterator[Page]:
    """What changed since the last pull; everything where that is unknown, or the last complete listing is old.

    Raises:
        SourceError: the account lacks a property that is declared.
    """
    _refuse_missing(pull.http, kind)
    past = pull.cursor or {}
    yield from _everything(pull, kind, past) if is_due(pull) else _changes(pull, kind, past)


def _everything(pull: Pull, kind: Kind, past: Mapping[str, object]) -> Iterator[Page]:
    """All records, archived ones after the others, so that one archived meanwhile ends as such.

    The first listing can be gone on with where it stopped. A later one cannot: only all of it together says what is
    missing.
    """
    is_first = "listed_at" not in past
    began, after = str(past.get("began_at", pull.now.isoformat())), past.get("after")
    for rows, following in _listed(pull.http, kind, is_archived=False, after=str(after) if after else None):
        yield Page(rows, {"began_at": began, "after": following} if is_first and following else None)
    for rows, _ in _listed(pull.http, kind, is_archived=True):
        yield Page(rows)
    covers = None if is_first else everything(BESIDE["createdAt"].name)
    yield Page([], {"changed_through": began, "listed_at": began}, covers=covers)


def _changes(pull: Pull, kind: Kind, past: Mapping[str, object]) -> Iterator[Page]:
    """Records changed since the last pull began, and all archived ones; first the rest of a search that stopped."""
    now = pull.now.isoformat()
    listed = {"listed_at": past["listed_at"]}
    since, until, last = str(past["changed_through"]), str(past.get("until", now)), str(past.get("last_id", "0"))
    while True:
        for rows in _found(pull.http, kind, time(since) - INDEX_LAG, time(until), last):
            yield Page(rows, {**listed, "changed_through": since, "until": until, "last_id": rows[-1]["id"]})
        if until == now:
            break
        since, until, last = until, now, "0"
    for rows, _ in _listed(pull.http, kind, is_archived=True):
        yield Page(rows)
    yield Page([], {**listed, "changed_through": now})


def _found(http: Client, kind: Kind, since: datetime, until: datetime, last: str) -> Iterator[Sequence[Row]]:
    """The records changed in a window of time whose id is above `last`, in the order of their ids, page by page.

    Each page asks for the ids above the last one's, not for an offset. So no search comes near the 10,000 rows at which
    HubSpot ends it, however many records a mass update changed at the same instant; and none is skipped when a record
    changes again meanwhile and leaves the window.
    """
    window = [_filter(kind.modified, "GTE", milliseconds(since)), _filter(kind.modified, "LTE", milliseconds(until))]
    while True:
        asked = {
            "filterGroups": [{"filters": [*window, _filter("hs_object_id", "GT", last)]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(kind.fields),
            "limit": FOUND,
        }
        answer = http.post_json(f"/crm/v3/objects/{kind.path}/search", asked, idempotent=True)
        if rows := [_row(record, kind) for record in answer["results"]]:
            yield rows
        if not rows or next_of(answer) is None:
            return
        last = str(rows[-1]["id"])


def _filter(name: str, operator: str, value: object) -> dict[str, str]:
    """One condition of a search; values are texts, times are milliseconds."""
    return {"propertyName": name, "operator": operator, "value": str(value)}


def _listed(
    http: Client, kind: Kind, *, is_archived: bool, after: str | None = None
) -> Iterator[tuple[Sequence[Row], str | None]]:
    """A listing page by page, with what the next page is asked by.

    Where the properties are too many for one address, each page is asked for several times, with some of them each. A
    record that is not in every answer was archived meanwhile, and left out.
    """
    path, asked = f"/crm/v3/objects/{kind.path}", {"limit": LISTED, "archived": str(is_archived).lower()}
    first, *others = property_lists(kind)
    for records, following in pages(http, path, {**asked, "properties": first}, after):
        whole = records
        for names in others:
            page = {**asked, "properties": names} | ({"after": after} if after else {})
            more = {record["id"]: record["properties"] for record in http.get_json(path, page)["results"]}
            whole = [_with(record, more[record["id"]]) for record in whole if record["id"] in more]
        yield [_row(record, kind) for record in whole], following
        after = following


def property_lists(kind: Kind) -> list[str]:
    """The properties of a kind as an address lists them: in as many lists as their length asks for."""
    lists = [""]
    for name in kind.fields:
        joined = f"{lists[-1]},{name}" if lists[-1] else name
        if len(joined) > PROPERTIES_LENGTH:
            lists.append(name)
        else:
            lists[-1] = joined
    return lists


def _with(record: Record, properties: Mapping[str, Any]) -> Record:
    return {**record, "properties": {**record["properties"], **properties}}


def _row(record: Record, kind: Kind) -> dict[str, object]:
    """A record under our names; what nobody declared keeps its own, and so stays."""
    beside = {BESIDE[name].name if name in BESIDE else name: value for name, value in record.items()}
    properties = beside.pop("properties")
    return beside | read({name: text for name, text in properties.items() if name not in UNASKED}, kind.fields)


def _refuse_missing(http: Client, kind: Kind) -> None:
    """Refuse to go on without a property: HubSpot silently ignores an unknown name, and all its values would be null.

    Raises:
        SourceError: names what is missing.
    """
    path = f"/crm/v3/properties/{kind.path}"
    known = {each["name"] for each in http.get_json(path, {"archived": "false"})["results"]}
    if missing := sorted(kind.fields.keys() - known):
        advice = "Make the property in HubSpot, let the private app see it, or take it out of hubspot/fields.py."
        raise SourceError(http.name, f"GET {path}", f"the account has no property {', '.join(missing)}", advice)
