"""Pulls that ask their vendor about rows of other tables: what they may read, and when they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target, plan
from sg_assets.session import Result
from sg_assets.source import Page, Pull, RawTable
from sg_assets.table import Input
from sg_assets_tests.freshness import scenes
from sg_assets_tests.mini import HOUR, TODAY, Mini, results

ASKS_ABOUT = (Input("raw_other.extra", is_lookup=True, is_optional=True),)


@pytest.fixture
def seen(mini: Mini) -> list[object]:
    """What the pull of raw_mini.thing read, which asks about raw_other.extra."""
    found: list[object] = []

    def fetch(pull: Pull) -> Iterator[Page]:
        found.append(list(pull.read("raw_mini.thing", ())))
        found.append(list(pull.read("raw_other.extra", ("name",))))
        yield Page([{"id": 1, "name": "bolt", "day_on": TODAY, "odd": True}])

    declare(mini, fetch)
    return found


def declare(mini: Mini, fetch: object) -> None:
    (source,) = [one for one in mini.project.sources if one.name == "mini"]
    table = replace(source.tables["raw_mini.thing"].table, inputs=ASKS_ABOUT)
    source.tables[table.name] = RawTable(table, fetch=fetch)  # pyrefly: ignore[bad-argument-type]
    mini.project = replace(mini.project, graph=Graph.of({**mini.project.graph.tables, table.name: table}.values()))


def test_a_pull_reads_its_inputs_and_what_its_source_delivered_before(mini: Mini, seen: list[object]) -> None:
    mini.env.operations.close()
    mini.set("SG_OTHER_TOKEN")
    mini.refresh("raw_other.extra")
    for _ in range(2):
        mini.refresh("raw_mini.thing")
        mini.later(HOUR)
    row = {"id": 1, "name": "bolt", "day_on": TODAY, "_extra": '{"odd":true}'}
    assert seen == [[], [{"name": "Ada Lovelace"}], [row], [{"name": "Ada Lovelace"}]]


def test_an_input_that_is_not_connected_is_read_as_empty(mini: Mini, seen: list[object]) -> None:
    assert results(mini.refresh("raw_mini.thing")) == {"raw_mini.thing": Result.BUILT}
    assert seen == [[], []]


def test_a_table_that_is_loaded_anew_before_it_ever_was_has_no_rows_yet(mini: Mini, seen: list[object]) -> None:
    mini.refresh("raw_mini.thing", full=True)
    assert seen[0] == []


def test_what_is_not_declared_cannot_be_read(mini: Mini) -> None:
    def fetch(pull: Pull) -> Iterator[Page]:
        yield Page(pull.read("m.left", ("id",)))

    declare(mini, fetch)
    (report, *_) = mini.refresh("raw_mini.thing").tables
    assert report.result is Result.FAILED
    assert "raw_mini.thing reads m.left, which is not among its inputs" in report.reason


class TestWhenItRuns:
    """`r.b` asks about `r.a`."""

    TABLES = (
        scenes.pull("r.a"),
        replace(scenes.pull("r.b"), inputs=(Input("r.a", is_lookup=True, is_optional=True),)),
    )

    def test_after_its_input_in_a_run_that_has_both(self) -> None:
        made = plan(scenes.facts(self.TABLES), Target.keeper())
        assert scenes.names(made) == ["r.a", "r.b"]

    def test_not_because_its_input_moved(self) -> None:
        landed = [scenes.state("r.a", scenes.NOON, "2"), scenes.state("r.b", scenes.AT_SIX)]
        assert plan(scenes.facts(self.TABLES, landed), Target.keeper()).steps == ()
        assert scenes.names(plan(scenes.facts(self.TABLES, landed), Target.schedule(["r.a"]))) == ["r.a"]

    def test_whether_or_not_its_input_is_connected(self) -> None:
        made = plan(scenes.facts(self.TABLES, unconnected={"r.a": "no token"}), Target.keeper())
        assert scenes.names(made) == ["r.b"]
