from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sg_assets.freshness.graph import Graph, GraphError, check_promises, least_fail, least_warn
from sg_assets.promise import DAILY, HOURLY, Frozen, Promise
from sg_assets.table import Input
from sg_assets_tests.freshness.scenes import DAY, HOUR, daily, derived, files, frozen, pull

QUARTER = timedelta(minutes=15)
WEEKDAYS = Promise("0 6 * * 1-5", warn=26 * HOUR, fail=30 * HOUR)


def test_every_table_comes_after_its_inputs_and_ties_go_by_name() -> None:
    graph = Graph.of(
        [derived("z.z", "a.b", "a.a"), derived("a.c", "z.z"), pull("a.b"), pull("a.a"), derived("b.a", "a.a")]
    )
    assert graph.order == ("a.a", "a.b", "b.a", "z.z", "a.c")
    assert [table.name for table in graph] == list(graph.order)


def test_readers_descendants_and_ancestors() -> None:
    graph = Graph.of(
        [pull("r.a"), pull("r.b"), derived("d.x", "r.a", "r.b"), derived("d.y", "d.x"), derived("d.z", "r.b")]
    )
    assert graph.readers["r.b"] == ("d.x", "d.z")
    assert graph.descendants(["r.a"]) == {"d.x", "d.y"}
    assert graph.descendants(["r.a", "d.x"]) == {"d.x", "d.y"}
    assert graph.ancestors(["d.y"]) == {"d.x", "r.a", "r.b"}


def test_a_table_that_nobody_defines_is_named_with_the_file_that_reads_it() -> None:
    with pytest.raises(GraphError, match=r"d\.x\.sql: reads r\.a"):
        Graph.of([derived("d.x", "r.a")])


def test_a_circle_is_refused() -> None:
    with pytest.raises(GraphError, match=r"in a circle: .*d\.x.*d\.y|in a circle: .*d\.y.*d\.x"):
        Graph.of([derived("d.x", "d.y"), derived("d.y", "d.x")])


def test_lookups_and_frozen_tables_do_not_count() -> None:
    table = derived("d.x", "r.a", "r.old", Input("r.b", is_lookup=True), Input("r.c", is_optional=True))
    graph = Graph.of([pull("r.a"), pull("r.b"), pull("r.c"), frozen("r.old"), table, derived("d.y", "d.x")])
    assert [i.table for i in graph.counted_inputs(table)] == ["r.a", "r.c"]
    assert graph.counted_ancestors(graph["d.y"]) == {"d.x", "r.a", "r.c"}


def test_the_least_warn_is_the_longest_gap_grain_delay_and_a_quarter_of_an_hour() -> None:
    graph = Graph.of(
        [
            pull("r.slow", known_delay=2 * DAY),
            files("r.f"),
            derived("d.hourly", "r.f", promise=HOURLY),
            derived("d.mixed", "d.hourly", "r.slow", promise=HOURLY),
        ]
    )
    assert least_warn(graph, graph["r.f"]) == HOUR + HOUR + QUARTER
    assert least_warn(graph, graph["d.hourly"]) == HOUR + HOUR + QUARTER
    assert least_warn(graph, graph["d.mixed"]) == DAY + HOUR + 2 * DAY + QUARTER


def test_a_snapshot_needs_a_day_more_and_so_does_what_reads_it() -> None:
    snapshot = replace(daily("d.s", "r.a"), is_day_snapshot=True)
    graph = Graph.of([pull("r.a"), snapshot, derived("d.y", "d.s")])
    assert least_warn(graph, graph["d.s"]) == least_warn(graph, graph["d.y"]) == DAY + QUARTER + DAY


def test_gaps_are_counted_by_the_promise_of_the_table_itself() -> None:
    graph = Graph.of([pull("r.a", WEEKDAYS), derived("d.w", "r.a", promise=WEEKDAYS), derived("d.d", "r.a")])
    assert least_warn(graph, graph["d.w"]) == DAY + QUARTER
    assert least_warn(graph, graph["d.d"]) == 3 * DAY + QUARTER


def test_the_least_fail_is_that_of_the_inputs_with_the_days_that_they_leave_out() -> None:
    graph = Graph.of([pull("r.a", WEEKDAYS), derived("d.w", "r.a", promise=WEEKDAYS), derived("d.d", "r.a")])
    assert least_fail(graph, graph["r.a"]) == timedelta(0)
    assert least_fail(graph, graph["d.w"]) == 30 * HOUR
    assert least_fail(graph, graph["d.d"]) == 30 * HOUR + 2 * DAY


def test_frozen_tables_promise_nothing() -> None:
    graph = Graph.of([frozen("r.old"), derived("d.x", "r.old", promise=Frozen("as its input"))])
    assert least_warn(graph, graph["d.x"]) == least_fail(graph, graph["d.x"]) == timedelta(0)
    check_promises(graph)


def test_promises_that_can_be_kept_pass() -> None:
    check_promises(Graph.of([pull("r.a"), files("r.f"), derived("d.x", "r.a", "r.f"), daily("d.y", "d.x", "r.f")]))


def test_a_promise_that_cannot_be_kept_names_the_file_and_the_least_legal_value() -> None:
    hasty = Promise("0 6 * * *", warn=24 * HOUR, fail=25 * HOUR)
    with pytest.raises(GraphError) as refused:
        check_promises(Graph.of([pull("r.a", DAILY), derived("d.x", "r.a", promise=hasty)]))
    assert str(refused.value).splitlines() == [
        "d.x.sql: d.x promises warn 1 day, 0:00:00, at least 1 day, 0:15:00 is needed",
        "d.x.sql: d.x promises fail 1 day, 1:00:00, at least 1 day, 12:00:00 is needed",
    ]


def test_a_raw_table_keeps_its_promise_whatever_it_asks_about() -> None:
    asks = replace(pull("r.b"), inputs=(Input("r.a", is_lookup=True, is_optional=True),))
    graph = Graph.of([pull("r.a", DAILY), asks])
    check_promises(graph)
    assert graph.order == ("r.a", "r.b")
    assert graph.descendants(["r.a"]) == {"r.b"}
    assert graph.counted_inputs(asks) == ()


def test_a_promise_that_nothing_could_keep_is_refused() -> None:
    only_lookups = derived("d.x", Input("r.a", is_lookup=True))
    with pytest.raises(GraphError, match=r"d\.x reads nothing that counts: it can only be frozen"):
        check_promises(Graph.of([pull("r.a"), only_lookups]))


def test_a_partitioned_table_needs_an_input_that_says_which_days_there_are() -> None:
    table = replace(daily("d.x", "r.old"), promise=Frozen("as its input"))
    with pytest.raises(GraphError, match="so its days have no end"):
        check_promises(Graph.of([frozen("r.old"), table]))
