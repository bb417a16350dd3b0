"""How vendors are asked and what they give is landed, whole or in parts, in runs of a small project."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from sg_assets import pull as pull_module
from sg_assets.columns import Column
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.promise import HOURLY
from sg_assets.session import Result
from sg_assets.source import Page, Pull, Row, Source
from sg_assets.table import Mode, Window
from sg_assets.warehouse.state import Change
from sg_assets_tests.mini import DAY, HOUR, NOON, TODAY, Mini, replace_fetch, results, thing

Fetching = Callable[[Pull], Iterator[Page]]


def test_a_long_pull_lands_what_it_has_and_goes_on_from_there(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    cursors = []
    too_much = ComeBackLater("mini", NOON + HOUR, "quota")

    def fetch(pull: Pull) -> Iterator[Page]:
        cursors.append(pull.cursor)
        for n in range(int(str((pull.cursor or {}).get("n", 0))), 4):
            if n == 3 and len(cursors) == 1:
                raise too_much
            yield Page([thing(n, "nail", TODAY)], {"n": n + 1})

    replace_fetch(mini, "raw_mini.thing", fetch)
    monkeypatch.setattr(pull_module, "PART_SECONDS", -1.0)
    assert results(mini.refresh("m.left")) == {"raw_mini.thing": Result.FAILED, "m.left": Result.BLOCKED}
    state = mini.states["raw_mini.thing"]
    assert (state.change, state.rows, state.cursor, state.data_through) == (Change.PART, 3, {"n": 3}, None)
    assert results(mini.refresh("raw_mini.thing")) == {"raw_mini.thing": Result.BUILT}
    state = mini.states["raw_mini.thing"]
    assert (state.change, state.rows, state.cursor, state.data_through) == (Change.LAND, 4, {"n": 4}, NOON)
    assert cursors == [None, {"n": 3}]
    assert mini.event("raw_mini.thing").metadata["parts_landed_before"].value == 1


def test_rows_that_cost_money_are_landed_before_more_is_asked_for(mini: Mini) -> None:
    broken = SourceError("mini", "GET /thing", "500")

    def fetch(pull: Pull) -> Iterator[Page]:
        yield Page([thing(1, "bolt", TODAY)], {"n": 1}, lands_now=True)
        if pull.cursor is None:
            raise broken
        yield Page([thing(2, "nut", TODAY)], {"n": 2}, lands_now=True)

    replace_fetch(mini, "raw_mini.thing", fetch)
    mini.refresh("raw_mini.thing")
    state = mini.states["raw_mini.thing"]
    assert (state.change, state.rows, state.cursor, state.data_through) == (Change.LAND, 2, {"n": 2}, NOON)


def test_what_people_should_know_of_a_pull_is_told_with_it(mini: Mini) -> None:
    def fetch(_pull: Pull) -> Iterator[Page]:
        yield Page([thing(1, "bolt", TODAY)], note="the cap of 1 is reached")
        yield Page([])

    replace_fetch(mini, "raw_mini.thing", fetch)
    (report,) = mini.refresh("raw_mini.thing").tables
    assert (report.result, report.reason) == (Result.BUILT, "the cap of 1 is reached")
    assert mini.event("raw_mini.thing").metadata["reason"].value == "the cap of 1 is reached"


def test_what_a_vendor_s_limit_let_it_give_is_kept(mini: Mini) -> None:
    """Else a pull that is longer than the limit would begin anew each time, and never come to its end."""
    cursors = []

    def fetch(pull: Pull) -> Iterator[Page]:
        cursors.append(pull.cursor)
        start = int(str((pull.cursor or {}).get("n", 0)))
        for n in range(start, start + 2):
            yield Page([thing(n, "nail", TODAY)], {"n": n + 1})
        if start + 2 < 6:
            yield Page([thing(99, "half a page", TODAY)])
            raise ComeBackLater("mini", NOON + HOUR, "two an hour")  # noqa: EM101 (what a client raises)

    replace_fetch(mini, "raw_mini.thing", fetch)
    outcomes = [results(mini.refresh("raw_mini.thing"))["raw_mini.thing"] for _ in range(3)]
    assert outcomes == [Result.FAILED, Result.FAILED, Result.BUILT]
    assert cursors == [None, {"n": 2}, {"n": 4}]
    assert mini.rows("select count(*) from raw_mini.thing where id < 99") == [(6,)]
    assert mini.states["raw_mini.thing"].data_through == NOON


def test_a_limit_before_the_first_cursor_leaves_the_table_as_it_is(built: Mini) -> None:
    before = built.states["raw_mini.thing"]

    def fetch(_pull: Pull) -> Iterator[Page]:
        yield Page([thing(5, "nail", TODAY)])
        raise ComeBackLater("mini", NOON + HOUR, "quota")  # noqa: EM101 (what a client raises)

    replace_fetch(built, "raw_mini.thing", fetch)
    assert results(built.refresh("raw_mini.thing")) == {"raw_mini.thing": Result.FAILED}
    assert built.states["raw_mini.thing"] == before


def sites(*fetches: Fetching) -> Source:
    """A source of daily counts, each table fetched by one of these functions."""
    source = Source("web", "Sites.", "team:web", HOURLY, lambda url, _: Client(url, name="web"), "http://127.0.0.1:1")
    columns = (Column("id", "INT64", "Id."), Column("day_on", "DATE", "Day."))
    for fetch in fetches:
        source.pull(columns=columns, key=("id",), mode=Mode.WINDOW)(fetch)
    return source


def seen(id_: int, day: date) -> Row:
    return {"id": id_, "day_on": day}


def test_rows_that_vanish_from_a_day_that_is_read_again_are_marked(mini: Mini) -> None:
    eve = TODAY - DAY

    def visit(pull: Pull) -> Iterator[Page]:
        """One row per visit."""
        if pull.cursor is None:
            yield Page([seen(1, eve), seen(2, eve), seen(3, TODAY)], {"on": str(TODAY)})
        else:
            yield Page([seen(2, eve)])
            yield Page([seen(4, eve)], {"on": str(eve)}, covers=Window("day_on", eve, TODAY))
            yield Page([seen(5, TODAY)], {"on": str(TODAY)})

    mini.more_sources.append(sites(visit))
    mini.refresh("raw_web.visit")
    mini.later(HOUR)
    mini.refresh("raw_web.visit")
    gone = "select id, _deleted_at is not null from raw_web.visit order by id"
    assert mini.rows(gone) == [(1, True), (2, False), (3, False), (4, False), (5, False)]


@pytest.mark.parametrize("seconds", [-1.0, 300.0])
def test_a_range_counts_for_the_part_that_it_was_landed_with(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    days = [TODAY - n * DAY for n in (2, 1, 0)]

    def visit(pull: Pull) -> Iterator[Page]:
        """One row per visit."""
        for n, day in enumerate(days):
            rows = [seen(10 * n, day), seen(10 * n + 1, day)]
            yield Page(rows[: 2 if pull.cursor is None else 1], {"n": n}, covers=Window("day_on", day, day + DAY))

    monkeypatch.setattr(pull_module, "PART_SECONDS", seconds)
    mini.more_sources.append(sites(visit))
    for _ in range(2):
        mini.refresh("raw_web.visit")
        mini.later(HOUR)
    assert mini.rows("select id from raw_web.visit where _deleted_at is null order by id") == [(0,), (10,), (20,)]
    assert mini.rows("select count(*) from raw_web.visit") == [(6,)]


def test_what_all_tables_of_a_source_need_is_asked_once_in_a_run(mini: Mini) -> None:
    asked: list[int] = []

    def ask() -> int:
        asked.append(len(asked) + 1)
        return asked[-1]

    def visit(pull: Pull) -> Iterator[Page]:
        """One row per visit."""
        yield Page([seen(pull.once("number", ask), TODAY)])

    def click(pull: Pull) -> Iterator[Page]:
        """One row per click."""
        yield Page([seen(pull.once("number", ask), TODAY)])

    mini.more_sources.append(sites(visit, click))
    mini.refresh("raw_web.visit", "raw_web.click")
    assert asked == [1]
    mini.later(HOUR)
    mini.refresh("raw_web.visit", "raw_web.click")
    assert asked == [1, 2]
    assert mini.rows("select id from raw_web.click order by id") == [(1,), (2,)]
