"""Associations: by batches of a hundred ids, page by page where one record has many."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.marketing import WAYS, State
from sg_assets.source import Row
from sg_assets.sources.hubspot import hubspot
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.hubspot.conftest import pull

DOCUMENTED = b"""{"status":"COMPLETE","results":[{"from":{"id":"1"},"to":[{"toObjectId":77,"associationTypes":[
{"category":"HUBSPOT_DEFINED","typeId":280,"label":null},{"category":"USER_DEFINED","typeId":36,"label":"Champion"}]}]}],
"startedAt":"2022-03-01T10:11:12.345Z","completedAt":"2022-03-01T10:11:12.349Z","numErrors":1,"errors":[
{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND",
"message":"No contact is associated with company 2.","context":{"fromObjectId":["2"]}}]}"""


def known(*ids: int, **changed: object) -> list[Row]:
    return [{"id": str(id_), "is_archived": False, "_deleted_at": None, **changed} for id_ in ids]


def truth(state: State) -> set[tuple[object, ...]]:
    return {
        (origin, id_, target, other, way.category, way.type_id, way.label)
        for origin, target in WAYS
        for id_, others in state.associated(origin, target).items()
        for other, ways in others
        for way in ways
    }


@pytest.mark.parametrize("page_size", [1, 2, 40])
def test_every_association_comes_whatever_the_pages(world: World, state: Callable[[], State], page_size: int) -> None:
    object.__setattr__(world.sandbox, "page_size", page_size)
    try:
        living = {
            kind: [row for record in state().records[kind].values() for row in known(int(record.id))]
            for kind in ("company", "deal")
        }
        pulled = pull(f"{world.url}/hubspot", "association", known=living, settings=world.settings(hubspot))
    finally:
        object.__setattr__(world.sandbox, "page_size", 40)
    table = hubspot.tables["raw_hubspot.association"].table
    assert {tuple(row[column.name] for column in table.columns[:-2]) for row in pulled.rows} == truth(state())
    fitted = Shape(table).fit(pulled.rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    if page_size == 40:
        assert pulled.calls == sum(-(-len(living[origin]) // 100) for origin, _ in WAYS)


def test_an_answer_as_documented_with_a_record_that_has_none() -> None:
    with answering(lambda _asked: Answer(207, DOCUMENTED)) as vendor:
        pulled = pull(vendor.url, "association", known={"company": known(2, 1), "deal": []})
    assert json.loads(vendor.asked[0].body) == {"inputs": [{"id": "1"}, {"id": "2"}]}
    assert vendor.asked[0].path == "/crm/v4/associations/company/contact/batch/read"
    assert [(row["from_id"], row["to_id"], row["type_id"], row["label"]) for row in pulled.rows] == [
        ("1", "77", 280, None),
        ("1", "77", 36, "Champion"),
    ]


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2)])
def test_a_batch_has_a_hundred_ids(count: int, calls: int) -> None:
    with answering(lambda _asked: Answer.json({"status": "COMPLETE", "results": []})) as vendor:
        pull(vendor.url, "association", known={"company": known(*range(1, count + 1)), "deal": []})
    assert len(vendor.asked) == calls


def test_archived_and_vanished_records_are_not_asked_about() -> None:
    gone = [*known(1, is_archived=True), *known(2, _deleted_at="2026-11-20"), *known(30), *known(4)]
    with answering(lambda _asked: Answer.json({"results": []})) as vendor:
        pull(vendor.url, "association", known={"company": gone, "deal": []})
    assert [each["id"] for each in json.loads(vendor.asked[0].body)["inputs"]] == ["4", "30"]


def test_a_record_with_many_associations_goes_on_at_its_own_address() -> None:
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 280}]

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            following = {"after": "2", "link": "https://api.hubapi.com/crm/v4/objects/0-2/1/associations/0-1?after=2"}
            results = [
                {
                    "from": {"id": "1"},
                    "to": [{"toObjectId": 7, "associationTypes": kinds}],
                    "paging": {"next": following},
                },
                {"from": {"id": "2"}, "to": [{"toObjectId": 7, "associationTypes": kinds}]},
            ]
            return Answer.json({"status": "COMPLETE", "results": results})
        last = asked.query["after"] == "3"
        more = {} if last else {"paging": {"next": {"after": "3"}}}
        return Answer.json({"results": [{"toObjectId": 9 if last else 8, "associationTypes": kinds}], **more})

    with answering(answer) as vendor:
        rows = pull(vendor.url, "association", known={"company": known(1, 2), "deal": []}).rows
    assert [(row["from_id"], row["to_id"]) for row in rows] == [("1", "7"), ("1", "8"), ("1", "9"), ("2", "7")]
    assert vendor.asked[1].path == "/crm/v4/objects/company/1/associations/contact"


def test_a_record_that_failed_for_another_reason_fails_the_pull() -> None:
    wrong = {"status": "error", "category": "INTERNAL_ERROR", "message": "Something went wrong."}
    body = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [wrong]}
    with (
        answering(lambda _asked: Answer.json(body, 207)) as vendor,
        pytest.raises(SourceError, match="1 of 1 records failed: Something went wrong"),
    ):
        pull(vendor.url, "association", known={"company": known(1), "deal": []})
