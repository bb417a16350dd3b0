"""What the CRM is asked, word for word, and what is made of answers as HubSpot's reference shows them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sg_assets.columns import Column
from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.source import Pull
from sg_assets.sources.hubspot import hubspot, objects, session
from sg_assets.sources.hubspot.fields import Kind
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.hubspot.conftest import (
    KINDS,
    NOW,
    PROPERTIES,
    SETTINGS,
    enveloped,
    pull,
    record,
    vendor_of,
)

SINCE = {"changed_through": "2026-11-20T06:20:00+00:00", "listed_at": "2026-11-18T06:20:00+00:00"}
MANY = Kind("contacts", "lastmodifieddate", {f"p{i:04}": Column(f"p{i:04}", "STRING", "One.") for i in range(900)})
DOCUMENTED = """{"results":[{"id":"512","properties":{"email":"a@b.c","firstname":null,"hs_email_optout":"",
"is_server_admin":"true","latest_ping":"2022-03-01","database_id":"7","intent_points":"16","hs_object_id":"512",
"createdate":"2021-01-01T00:00:00.000Z","lastmodifieddate":"2022-03-01T10:11:12.345Z",
"hs_lifecyclestage_lead_date":"2021-01-01T00:00:00.000Z","hs_merged_object_ids":"9;10"},
"createdAt":"2021-01-01T00:00:00.000Z","updatedAt":"2022-03-01T10:11:12.345Z","archived":false,
"associations":{"companies":{"results":[{"id":"77","type":"contact_to_company"}]}}}],
"paging":{"next":{"after":"513","link":"https://api.hubapi.com/crm/v3/objects/contacts?after=513"}}}"""


@pytest.mark.parametrize(
    ("table", "modified"),
    [("contact", "lastmodifieddate"), ("company", "hs_lastmodifieddate"), ("deal", "hs_lastmodifieddate")],
)
def test_a_search_filters_by_time_and_id_and_by_the_property_that_its_kind_of_objects_has(
    table: str, modified: str
) -> None:
    with answering(vendor_of([record(7), record(12)], 1)) as vendor:
        pull(vendor.url, table, SINCE)
    first, second = (asked for asked in vendor.asked if asked.path.endswith("/search"))
    assert (first.method, first.path) == ("POST", f"/crm/v3/objects/{KINDS[table].path}/search")
    assert first.headers["Authorization"] == "Bearer pat-na1-s3cret"
    filters = [
        {"propertyName": modified, "operator": "GTE", "value": "1795155300000"},  # 06:15 the day before: a look-back
        {"propertyName": modified, "operator": "LTE", "value": "1795242000000"},
        {"propertyName": "hs_object_id", "operator": "GT", "value": "0"},
    ]
    body = json.loads(first.body)
    assert body == {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(KINDS[table].fields),
        "limit": 200,
    }
    assert json.loads(second.body)["filterGroups"][0]["filters"][2]["value"] == "7"


def test_the_first_listing_asks_for_what_is_there_and_then_for_what_is_archived() -> None:
    with answering(vendor_of([], 3)) as vendor:
        pull(vendor.url, "deal")
    known, living, archived = vendor.asked
    assert (known.path, known.query) == ("/crm/v3/properties/deals", {"archived": "false"})
    asked = {"limit": "100", "properties": ",".join(KINDS["deal"].fields)}
    assert (living.path, living.query) == ("/crm/v3/objects/deals", {**asked, "archived": "false"})
    assert (archived.path, archived.query) == ("/crm/v3/objects/deals", {**asked, "archived": "true"})


def test_an_answer_as_documented() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path in PROPERTIES:
            return Answer.json({"results": [{"name": name} for name in PROPERTIES[asked.path]]})
        is_first = "after" not in asked.query and asked.query["archived"] == "false"
        return Answer(200, DOCUMENTED.encode() if is_first else b'{"results":[]}')

    with answering(answer) as vendor:
        rows = pull(vendor.url, "contact").rows
    fitted = Shape(hubspot.tables["raw_hubspot.contact"].table).fit(rows)
    assert fitted.misfits == {}
    assert dict(fitted.unknown) == {"associations": 1}  # nobody asked for it, yet it is kept
    (row,) = fitted.table.to_pylist()
    assert (row["id"], row["email"], row["first_name"], row["has_opted_out"]) == ("512", "a@b.c", None, None)
    assert (row["is_server_admin"], str(row["latest_ping_on"]), row["database_id"]) == (True, "2022-03-01", 7)
    assert (row["intent_points"], row["merged_contact_ids"]) == (16, ["9", "10"])
    assert (str(row["modified_at"]), row["is_archived"]) == ("2022-03-01 10:11:12.345000+00:00", False)
    assert vendor.asked[2].query["after"] == "513"


def test_a_record_that_leaves_the_window_meanwhile_hides_no_other() -> None:
    records = [record(i) for i in range(1, 8)]

    def answer(asked: Asked) -> Answer:
        given = vendor_of(records, 3)(asked)
        if asked.path.endswith("/search"):
            records.pop(0)  # it changed again, and is now in the next window
        return given

    with answering(answer) as vendor:
        rows = pull(vendor.url, "contact", SINCE).rows
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_property_that_the_account_lacks_is_an_error_and_no_column_of_nulls() -> None:
    def answer(_asked: Asked) -> Answer:
        return Answer.json({"results": [{"name": name} for name in KINDS["deal"].fields if name != "end_of_contract"]})

    with answering(answer) as vendor, pytest.raises(SourceError, match=r"no property end_of_contract\. Make") as caught:
        pull(vendor.url, "deal")
    assert str(caught.value).startswith("hubspot: GET /crm/v3/properties/deals: ")
    assert len(vendor.asked) == 1


def contacts(url: str) -> list[dict[str, Any]]:
    with session.connect(url, SETTINGS) as client:
        pulled = Pull(client, SETTINGS, NOW)
        return [dict(row) for page in objects.objects(pulled, MANY) for row in page.rows]


def test_too_many_properties_for_one_address_are_asked_for_in_turns() -> None:
    lists = objects.property_lists(MANY)
    assert ",".join(lists).split(",") == list(MANY.fields)
    assert [len(names) <= 2000 for names in lists] == [True] * 3

    def answer(asked: Asked) -> Answer:
        if asked.path in PROPERTIES:
            return Answer.json({"results": [{"name": name} for name in MANY.fields]})
        names = asked.query["properties"].split(",")
        if len(names) > 500:
            return Answer(414, b"<html><h1>414 Request-URI Too Large</h1></html>")
        if asked.query["archived"] == "true":
            return Answer.json({"results": []})
        records = [record(i) | {"properties": {name: f"{i} {name}" for name in names}} for i in (1, 2, 3, 4, 5)]
        if names[0] != "p0000":
            del records[1]  # archived meanwhile
        return Answer.json(enveloped(records, 5, 0) if "after" in asked.query else enveloped(records[:3], 2, 0))

    with answering(answer) as vendor:
        rows = contacts(vendor.url)
    assert {row["id"] for row in rows} == {"1", "3", "4", "5"}
    assert all(row[name] == f"{row['id']} {name}" for row in rows for name in MANY.fields)


def test_an_address_that_is_too_long_says_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PROPERTIES_LENGTH", 1 << 20)
    with world.client(hubspot) as client, pytest.raises(SourceError, match=r"414 .*lessen PROPERTIES_LENGTH"):
        client.get_json("/crm/v3/objects/contacts", {"properties": objects.property_lists(MANY)[0] * 2})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, b"<html>We are down</html>", {"Content-Type": "text/html"}), "24 bytes (text/html), no complete"),
        (Answer(200, b'{"results":[{"na', sent=10), "the body was cut"),
        (Answer(401, b'{"category":"INVALID_AUTHENTICATION","message":"no"}'), "access token of a private app"),
        (Answer(530, b"error code: 1016"), "check SG_HUBSPOT_URL"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(answer: Answer, expected: str) -> None:
    with answering(lambda _asked: answer) as vendor, pytest.raises(SourceError) as caught:
        pull(vendor.url, "company")
    assert expected in str(caught.value)
    assert str(caught.value).startswith("hubspot: GET /crm/v3/properties/companies: ")
    assert "s3cret" not in str(caught.value)


def test_a_week_is_a_little_less_than_a_week() -> None:
    on_time = NOW - timedelta(days=7) + timedelta(minutes=20)
    with answering(vendor_of([], 3)) as vendor:
        pull(vendor.url, "deal", {"changed_through": on_time.isoformat(), "listed_at": on_time.isoformat()})
    assert not [asked for asked in vendor.asked if asked.path.endswith("/search")]
