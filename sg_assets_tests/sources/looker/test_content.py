"""Dashboards, looks and the tables that they read are known, the bin and what LookML defines included."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sg_assets.rows import Shape
from sg_assets.sandbox.company.looker_content import LOOKML_DASHBOARDS, dashboards, looks, plans, tables_read
from sg_assets.sandbox.looker_people import stamp
from sg_assets.source import Pull
from sg_assets.sources.looker import looker
from sg_assets_tests.scripted_vendor import answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.looker.conftest import pull, rows_of, telling

TABLES = ("dashboard", "dashboard_element", "look", "explore", "board", "scheduled_plan")


@pytest.mark.parametrize("table", TABLES)
def test_everything_comes_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(looker, table)
    fitted = Shape(looker.tables[f"raw_looker.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 2


def test_dashboards_and_looks_are_those_of_the_company(world: World) -> None:
    for table, made in (("dashboard", dashboards(world.sandbox.company)), ("look", looks(world.sandbox.company))):
        rows = {row["id"]: row for row in world.rows(looker, table)}
        there = {one.id: one for one in made if one.is_there(world.now)}
        assert set(rows) - set(LOOKML_DASHBOARDS) == set(there)
        for id_, one in there.items():
            row = rows[id_]
            assert (row["is_deleted"], row["last_viewed_at"]) == (
                one.is_binned(world.now),
                stamp(one.viewed_at(world.now)),
            )
            assert (row["deleted_at"] is not None) == one.is_binned(world.now)


def test_dashboards_of_lookml_are_there_although_no_search_finds_them(world: World) -> None:
    rows = [row for row in world.rows(looker, "dashboard") if row["is_lookml"]]
    assert {row["id"] for row in rows} == set(LOOKML_DASHBOARDS)
    assert {row["last_viewed_at"] for row in rows} == {None}
    assert {row["is_deleted"] for row in rows} == {False}


def test_the_tables_that_content_reads_follow_from_explores(world: World) -> None:
    explores: dict[object, Any] = {row["id"]: row["tables"] for row in world.rows(looker, "explore")}
    of_looks = {row["id"]: row["explore"] for row in world.rows(looker, "look") if not row["is_deleted"]}
    found = {f"look {id_}": {explore} for id_, explore in of_looks.items()}
    alive = {row["id"] for row in world.rows(looker, "dashboard") if not row["is_deleted"] and not row["is_lookml"]}
    found |= {f"dashboard {id_}": set() for id_ in alive}
    for tile in world.rows(looker, "dashboard_element"):
        if tile["dashboard_id"] in alive:
            asks = set(tile["explores"])  # pyrefly: ignore[bad-argument-type]
            found[f"dashboard {tile['dashboard_id']}"] |= (
                asks | {of_looks[tile["look_id"]]} if tile["look_id"] else asks
            )
    plain = {
        name: {table.strip("`").removeprefix("telligentsourcegraph.") for each in of for table in explores[each]}
        for name, of in found.items()
    }
    assert plain == tables_read(world.sandbox.company, world.now)


def test_a_query_is_asked_for_once_and_known_ever_after(world: World) -> None:
    there = [one for one in looks(world.sandbox.company) if one.is_there(world.now)]
    first, calls = looks_of(world, [])
    assert calls == 4 + len(there)
    second, calls = looks_of(world, first)
    assert (second, calls) == (first, 4)
    world.now += timedelta(days=2)
    third, calls = looks_of(world, second)
    assert calls == 4 + 1
    assert all(row["explore"] for row in third)


def looks_of(world: World, known: list[dict[str, object]]) -> tuple[list[dict[str, object]], int]:
    """The looks, when those were known before, and how many calls that took."""
    fetch = looker.tables["raw_looker.look"].fetch
    assert fetch
    with world.client(looker) as client:
        pull = Pull(client, world.settings(looker), world.now, read=lambda _table, _columns: known)
        return rows_of(list(fetch(pull))), client.calls


def test_boards_name_what_is_on_them_and_plans_who_gets_what(world: World) -> None:
    rows = {row["id"]: row for row in world.rows(looker, "board")}
    assert (rows["8"]["dashboard_ids"], rows["8"]["look_ids"]) == (["170", "179", "389"], ["1366"])
    sent = {row["id"]: row for row in world.rows(looker, "scheduled_plan")}
    for one in plans(world.sandbox.company):
        assert sent[one.id]["destination_addresses"] == [one.owner.owner.person.email]
        assert (sent[one.id]["dashboard_id"], sent[one.id]["look_id"]) == (one.dashboard_id, one.look_id)


def test_the_calls_are_the_fewest(world: World) -> None:
    expected = {"dashboard": 3, "dashboard_element": 1, "explore": 1 + 12, "board": 1, "scheduled_plan": 1}
    for table, calls in expected.items():
        fetch = looker.tables[f"raw_looker.{table}"].fetch
        assert fetch
        with world.client(looker) as client:
            list(fetch(Pull(client, world.settings(looker), world.now)))
            assert client.calls == calls + 2, table  # and two to know that we see everything


def test_the_documented_answers_become_rows() -> None:
    tile = {
        "id": "11", "dashboard_id": "1", "look_id": None, "type": "vis", "title": "Both", "deleted": False,
        "query": None,
        "result_maker": {"filterables": [{"model": "m", "view": "b"}, {"model": "m", "view": "a"}]},
    }  # fmt: skip
    look = {
        "id": "5", "title": "Old", "description": None, "folder": None, "user_id": "1", "public": True,
        "query_id": None, "created_at": "2022-09-14T17:05:12.000+00:00", "view_count": None, "deleted": False,
    }  # fmt: skip
    explore = {
        "id": "m::a", "name": "a", "label": "A", "model_name": "m", "project_name": "p", "hidden": True,
        "sql_table_name": None,
        "joins": [{"name": "b", "sql_table_name": " x.y "}, {"name": "c"}, {"sql_table_name": "x.y"}],
    }  # fmt: skip
    answers = {
        "/dashboard_elements/search": [tile],
        "/looks/search": [look],
        "/lookml_models": [{"name": "m", "explores": [{"name": "a"}]}, {"name": "empty", "explores": None}],
        "/lookml_models/m/explores/a": explore,
        "/boards": [{"id": "2", "title": "Sales", "board_sections": None}],
        "/scheduled_plans": [{"id": "3", "lookml_dashboard_id": "m::d", "scheduled_plan_destination": None}],
    }
    with answering(telling(answers)) as vendor:
        assert pull(vendor.url, "dashboard_element")[0]["explores"] == ["m::a", "m::b"]
        first = pull(vendor.url, "look")[0]
        assert (first["explore"], first["is_public"], first["folder_id"]) == (None, True, None)
        (found,) = pull(vendor.url, "explore")
        assert pull(vendor.url, "board")[0]["dashboard_ids"] == []
        (plan,) = pull(vendor.url, "scheduled_plan")
    assert (found["id"], found["tables"], found["is_hidden"]) == ("m::a", ["x.y"], True)
    assert (plan["dashboard_id"], plan["destination_types"]) == ("m::d", [])
    asked = {one.path.removeprefix("/api/4.0"): one.query for one in vendor.asked}
    assert asked["/scheduled_plans"]["all_users"] == "true"
    assert "secret" not in str(asked)
