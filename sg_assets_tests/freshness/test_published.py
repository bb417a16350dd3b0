"""What we know ourselves, in the warehouse: for real, in the small project."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.published_tables import TABLES
from sg_assets.freshness.watch import Watching
from sg_assets.session import Result
from sg_assets_tests.mini import HOUR, NOON, Mini, results

NAMES = [table.name for table in TABLES]


@pytest.fixture
def publishing(built: Mini) -> Mini:
    """The small project, built, with the tables of our own, which were not yet."""
    built.published = TABLES
    return built


def look(mini: Mini) -> None:
    Watching(mini.project, mini.env, mini.history, "team:x").tick()


def test_freshness_is_what_the_evaluator_says_after_the_run_that_publishes_it(publishing: Mini) -> None:
    publishing.later(7 * HOUR)
    account = publishing.refresh()
    assert results(account)["m.left"] is not Result.FAILED
    order = [report.table for report in publishing.told]
    assert set(order[-len(NAMES) :]) == set(NAMES)  # whatever else there is comes before
    verdicts = evaluate(publishing.facts)
    found = publishing.rows(
        "select table_name, source, owner, state, data_through, lag_seconds, fail_seconds, evaluated_at "
        "from sg_ops.freshness where table_name not like 'sg_ops%' order by table_name"
    )
    assert found == [
        (
            name,
            publishing.project.graph[name].source,
            v.owner,
            str(v.state),
            v.data_through,
            v.lag.total_seconds() if v.lag is not None else None,
            v.promise.fail.total_seconds() if v.promise else None,
            publishing.now,
        )
        for name, v in sorted(verdicts.items())
        if name not in NAMES
    ]


def test_roots_reasons_and_notes_are_there(publishing: Mini) -> None:
    note = publishing.env.operations.add_note(["m.left"], "Ada", "it moves", NOON, NOON + 99 * HOUR)
    publishing.later(9 * HOUR)
    publishing.refresh(*NAMES)
    rows = publishing.rows("select state, roots, reason, note_id from sg_ops.freshness where table_name = 'm.right'")
    ((state, roots, reason, noted),) = rows
    assert (state, roots, noted) == ("late", ["raw_mini.thing"], None)
    assert "because of raw_mini.thing" in str(reason)
    assert publishing.rows("select id, table_names, author, reason, ended_at from sg_ops.note") == [
        (note.id, ["m.left"], "Ada", "it moves", None)
    ]


def test_history_and_attainment_are_those_of_the_watch(publishing: Mini) -> None:
    look(publishing)
    publishing.later(9 * HOUR)
    look(publishing)
    publishing.refresh("raw_mini.thing")
    publishing.later(timedelta(minutes=1))
    look(publishing)
    publishing.refresh(*NAMES)
    history = publishing.rows(
        "select state, since, until from sg_ops.freshness_history where table_name = 'raw_mini.thing' order by id"
    )
    assert history == [
        ("fresh", NOON, NOON + 6 * HOUR),
        ("late", NOON + 6 * HOUR, NOON + 9 * HOUR),
        ("fresh", NOON + 9 * HOUR, None),
    ]
    table, source = (
        publishing.rows(
            f"select days, kept_seconds, judged_seconds from sg_ops.attainment "
            f"where kind = '{kind}' and name = '{name}' order by days"
        )
        for kind, name in (("table", "raw_mini.thing"), ("source", "mini"))
    )
    seconds = (6 * 3600 + 60.0, 9 * 3600 + 60.0)
    assert table == source == [(days, *seconds) for days in (7, 30, 90)]


def test_they_are_kept_up_to_date_as_all_other_tables(publishing: Mini) -> None:
    publishing.refresh()
    publishing.later(7 * HOUR)
    verdicts = evaluate(publishing.facts)
    assert {verdicts[name].state for name in NAMES} == {"late"}
    assert set(NAMES) <= set(results(publishing.refresh()))
    assert publishing.refresh().tables == ()


def test_nobody_is_woken_for_them(publishing: Mini) -> None:
    publishing.refresh()
    publishing.env.operations.beat("watch", NOON + 99 * HOUR)
    publishing.later(99 * HOUR)
    look(publishing)
    open_now = [one.subject for one in publishing.env.operations.watch_book.open_incidents()]
    assert open_now == ["raw_mini.person", "raw_mini.thing"]
