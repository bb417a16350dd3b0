"""Owners and pipelines, which need no protocol of their own; and what all tables of HubSpot have in common."""

from __future__ import annotations

from collections.abc import Callable

from sg_assets.columns import Classification
from sg_assets.rows import Shape
from sg_assets.sandbox.company.marketing import State
from sg_assets.sources.hubspot import hubspot
from sg_assets.table import Mode
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.hubspot.conftest import pull

OWNER = b"""{"results":[{"id":"6569","email":"ada@b.c","type":"PERSON","firstName":"Ada","lastName":"Lovelace",
"userId":92,"userIdIncludingInactive":92,"createdAt":"2021-01-01T00:00:00.000Z","updatedAt":"2022-03-01T10:11:12.345Z",
"archived":false,"teams":[{"id":"178588","name":"Sales","primary":true}]}]}"""
PIPELINE = b"""{"results":[{"id":"default","label":"Sales Pipeline","displayOrder":0,"archived":false,
"createdAt":"2019-01-07T10:00:00.000Z","updatedAt":"2021-06-01T10:00:00.000Z","stages":[
{"id":"closedwon","label":"Closed Won","displayOrder":5,"metadata":{"isClosed":"true","probability":"1.0"},
"createdAt":"2019-01-07T10:00:00.000Z","updatedAt":"2021-06-01T10:00:00.000Z","archived":false,
"writePermissions":"CRM_PERMISSIONS_ENFORCEMENT"},{"id":"odd","label":"Odd","displayOrder":6,"metadata":{},
"createdAt":"2019-01-07T10:00:00.000Z","updatedAt":"2021-06-01T10:00:00.000Z","archived":false}]}]}"""


def test_owners_are_those_that_are_active_and_those_that_are_not(world: World, state: Callable[[], State]) -> None:
    rows = world.rows(hubspot, "owner")
    owners = state().records["owner"].values()
    assert {row["id"]: row["is_archived"] for row in rows} == {one.id: one.archived_at is not None for one in owners}
    assert {row["is_archived"] for row in rows} == {True, False}
    fitted = Shape(hubspot.tables["raw_hubspot.owner"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_an_owner_as_documented() -> None:
    with scripted(Answer(200, OWNER), Answer(200, b'{"results":[]}')) as vendor:
        rows = pull(vendor.url, "owner").rows
    assert [asked.query for asked in vendor.asked] == [
        {"limit": "100", "archived": "false"},
        {"limit": "100", "archived": "true"},
    ]
    (row,) = Shape(hubspot.tables["raw_hubspot.owner"].table).fit(rows).table.to_pylist()
    assert (row["id"], row["first_name"], row["user_id"], row["is_archived"]) == ("6569", "Ada", 92, False)
    assert row["teams"] == '[{"id":"178588","name":"Sales","primary":true}]'


def test_every_deal_is_at_a_stage_that_its_pipeline_has(world: World, state: Callable[[], State]) -> None:
    stages = {(row["pipeline_id"], row["stage_id"]) for row in world.rows(hubspot, "pipeline")}
    deals = state().records["deal"].values()
    assert {(one.properties["pipeline"], one.properties["dealstage"]) for one in deals} <= stages


def test_a_pipeline_as_documented() -> None:
    with scripted(Answer(200, PIPELINE)) as vendor:
        pulled = pull(vendor.url, "pipeline")
    assert pulled.calls == 1
    fitted = Shape(hubspot.tables["raw_hubspot.pipeline"].table).fit(pulled.rows)
    assert fitted.misfits == {}
    won, odd = fitted.table.to_pylist()
    assert (won["stage_id"], won["is_closed"], won["probability"], won["stage_position"]) == ("closedwon", True, 1.0, 5)
    assert (odd["is_closed"], odd["probability"]) == (None, None)


def test_what_vanishes_is_marked_in_every_table() -> None:
    modes = {name.partition(".")[2]: raw.table.mode for name, raw in hubspot.tables.items()}
    searched = ("contact", "company", "deal", "form_submission")
    listed = ("owner", "pipeline", "association")
    assert modes == dict.fromkeys(searched, Mode.WINDOW) | dict.fromkeys(listed, Mode.SNAPSHOT)


def test_what_says_who_somebody_is_is_personal() -> None:
    columns = [column for raw in hubspot.tables.values() for column in raw.table.columns]
    named = {"email", "first_name", "last_name", "job_title", "nps_reason", "nps_improvement"}
    assert {c.name for c in columns if c.name in named and c.classification is not Classification.PERSONAL} == set()
    assert not [c.name for c in columns if c.classification is Classification.SECRET]
