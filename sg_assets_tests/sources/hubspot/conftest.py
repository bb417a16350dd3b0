"""HubSpot as its stand-in serves it, and as a test scripts it; both may be asked as often as a test likes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from sg_assets.sandbox.company.marketing import Marketing, State
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.hubspot import hubspot, session
from sg_assets.sources.hubspot.fields import COMPANY, CONTACT, DEAL
from sg_assets_tests.scripted_vendor import Answer, Asked
from sg_assets_tests.sources.conftest import World

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {"SG_HUBSPOT_TOKEN": "pat-na1-s3cret", "SG_HUBSPOT_TIMEZONE": "America/Los_Angeles"}
KINDS = {"contact": CONTACT, "company": COMPANY, "deal": DEAL}
PROPERTIES = {f"/crm/v3/properties/{kind.path}": sorted(kind.fields) for kind in KINDS.values()}


@pytest.fixture(autouse=True)
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if HubSpot allowed any number of calls; `test_session.py` is about the rate."""
    monkeypatch.setattr(session, "RATES", ())


@pytest.fixture(scope="package")
def marketing(served: World) -> Marketing:
    """HubSpot, by the plans that the company was made from."""
    return Marketing(served.sandbox.company)


@pytest.fixture
def state(world: World, marketing: Marketing) -> Callable[[], State]:
    """What is true of HubSpot now."""
    return lambda: marketing.at(world.now)


@dataclass(frozen=True)
class Pulled:
    """What a pull gave, and how many calls it took."""

    pages: list[Page]
    calls: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [dict(row) for page in self.pages for row in page.rows]

    @property
    def cursor(self) -> dict[str, Any]:
        """What the next pull begins from."""
        return dict([page.cursor for page in self.pages if page.cursor is not None][-1])


def pull(
    url: str,
    table: str,
    cursor: Mapping[str, object] | None = None,
    known: Mapping[str, Sequence[Row]] | None = None,
    settings: Mapping[str, str] = SETTINGS,
) -> Pulled:
    """Pull a table; `known` are the rows that other tables of HubSpot have."""
    fetch, others = hubspot.tables[f"raw_hubspot.{table}"].fetch, known or {}
    assert fetch
    with session.connect(url, settings) as client:
        client.sleep = lambda _seconds: None
        pulled = Pull(client, settings, NOW, cursor, lambda name, _columns: others[name.removeprefix("raw_hubspot.")])
        return Pulled(list(fetch(pulled)), client.calls)


def record(number: int, **properties: str | None) -> dict[str, Any]:
    """A record of the CRM as HubSpot's reference shows it."""
    at = "2022-03-01T10:11:12.345Z"
    always = {"createdate": at, "hs_object_id": str(number), "lastmodifieddate": at}
    stamps = {"createdAt": at, "updatedAt": at, "archived": False}
    return {"id": str(number), "properties": {"email": f"{number}@b.c", **properties, **always}, **stamps}


def vendor_of(records: list[dict[str, Any]], page: int) -> Callable[[Asked], Answer]:
    """HubSpot with so many contacts, none archived, which gives fewer of them at once than was asked for."""

    def answer(asked: Asked) -> Answer:
        if asked.path in PROPERTIES:
            return Answer.json({"results": [{"name": name} for name in PROPERTIES[asked.path]]})
        if asked.path.endswith("/search"):
            body = json.loads(asked.body)
            (last,) = (f["value"] for f in body["filterGroups"][0]["filters"] if f["propertyName"] == "hs_object_id")
            left = [one for one in records if int(one["id"]) > int(last)]
            return Answer.json({"total": len(left), **enveloped(left, page, 0)})
        if asked.query.get("archived") == "true":
            return Answer.json({"results": []})
        return Answer.json(enveloped(records, page, int(asked.query.get("after", 0))))

    return answer


def enveloped(records: list[dict[str, Any]], page: int, start: int) -> dict[str, Any]:
    """A page of a listing; its link names HubSpot's own host."""
    after = str(start + page)
    following = {"paging": {"next": {"after": after, "link": f"https://api.hubapi.com/elsewhere?after={after}"}}}
    return {"results": records[start : start + page]} | (following if records[start + page :] else {})
