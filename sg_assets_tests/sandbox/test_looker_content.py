from sg_assets.sandbox import looker_content as shapes
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.looker_content import BOARDS, Tile, dashboards, looks, plans
from sg_assets_tests.sandbox.world import ANCHOR


def test_a_look_names_its_query_and_a_dashboard_has_none(company: Company) -> None:
    look = shapes.look(next(iter(looks(company))), ANCHOR)
    assert (look["query_id"], "query" in look) == ("900729", False)
    assert "query_id" not in shapes.dashboard(next(iter(dashboards(company))), ANCHOR)


def test_what_is_in_the_bin_says_who_put_it_there(company: Company) -> None:
    binned = shapes.content(next(one for one in looks(company) if one.is_binned(ANCHOR)), ANCHOR)
    assert binned["deleted"] is True
    assert None not in {binned["deleted_at"], binned["deleter_id"]}


def test_a_tile_has_a_query_or_a_look_or_several_queries_or_text() -> None:
    instances, nps = ("sourcegraph", "instances"), ("sourcegraph", "nps")
    tiles = [Tile("1", (instances,)), Tile("2", look_id="729"), Tile("3", (instances, nps)), Tile("4")]
    shown = [shapes.tile(one, "128") for one in tiles]
    assert [one["type"] for one in shown] == ["vis", "look", "vis", "text"]
    assert [one["query"] is None for one in shown] == [False, True, True, True]
    assert [one["merge_result_id"] for one in shown] == [None, None, "m3", None]


def test_lookml_dashboards_tell_nothing_of_their_use() -> None:
    shown = shapes.lookml_dashboard("sourcegraph::pings_health")
    assert (shown["title"], shown["readonly"], "last_viewed_at" in shown) == ("Pings health", True, False)


def test_explores_without_a_table_say_null() -> None:
    assert shapes.explore("legacy", "funnel")["sql_table_name"] is None
    names = [model["name"] for model in shapes.models()]
    assert names == ["sourcegraph", "legacy"]
    assert shapes.query("1", "legacy", "funnel")["view"] == "funnel"


def test_boards_have_sections_and_plans_destinations(company: Company) -> None:
    assert all(shapes.board(id_)["board_sections"] for id_ in BOARDS)
    shown = [shapes.plan(one, ANCHOR) for one in plans(company)]
    assert {one["enabled"] for one in shown} == {True, False}
    assert all(one["scheduled_plan_destination"] for one in shown)
