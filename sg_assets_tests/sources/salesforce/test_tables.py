"""Which tables Salesforce has, and how much it is asked for them."""

from sg_assets.source import Pull
from sg_assets.sources.salesforce import salesforce
from sg_assets.sources.salesforce.fields import OBJECTS
from sg_assets_tests.sources.conftest import World


def test_every_object_has_a_table_and_one_tells_of_deletions() -> None:
    names = {name.partition(".")[2] for name in salesforce.tables}
    assert len(names) == len(OBJECTS) + 1
    assert {"account", "product_subscription", "opportunity_history", "campaign", "deleted_record"} <= names


def test_opportunities_and_their_history_agree(world: World) -> None:
    stages = {row["id"]: row["stage_name"] for row in world.rows(salesforce, "opportunity")}
    newest: dict[object, tuple[str, set[object]]] = {}
    for row in world.rows(salesforce, "opportunity_history"):
        at = str(row["created_at"])
        before, names = newest.get(row["opportunity_id"], ("", set()))
        if at >= before:
            newest[row["opportunity_id"]] = (at, (names if at == before else set()) | {row["stage_name"]})
    assert all(stage in newest[id_][1] for id_, stage in stages.items() if id_ in newest)
    assert len(newest) >= len(stages) - 1


def test_a_second_refresh_with_nothing_new_asks_once_for_each_table(world: World) -> None:
    calls = {}
    for name, raw in salesforce.tables.items():
        assert raw.fetch
        cursor = world.pages(salesforce, name.partition(".")[2])[-1].cursor
        with world.client(salesforce) as client:
            list(raw.fetch(Pull(client, world.settings(salesforce), world.now, cursor)))
            calls[name.partition(".")[2]] = client.calls
    assert {number for name, number in calls.items() if name != "deleted_record"} <= {1, 2}, calls
    assert calls["deleted_record"] <= len(OBJECTS) - 1
