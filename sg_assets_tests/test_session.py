"""What the steps of one run share, without Dagster."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from sg_assets.checks import judge
from sg_assets.freshness.stale import build_for
from sg_assets.http import Client
from sg_assets.order import Order
from sg_assets.session import Report, Result, Session
from sg_assets.warehouse.contract import Build
from sg_assets.warehouse.state import Change
from sg_assets_tests.mini import HOUR, NOON, Mini

LEFT, THING = "m.left", "raw_mini.thing"


@pytest.fixture
def session(built: Mini) -> Iterator[Session]:
    built.later(HOUR)
    opened = Session(built.env, built.project.graph, Order(built.now, "refresh"), built.told.append)
    yield opened
    opened.close()


def test_nothing_is_opened_before_it_is_needed(mini: Mini) -> None:
    opened = Session(mini.env, mini.project.graph, Order(NOON))
    opened.release()
    opened.close()
    assert not mini.env.warehouse_path.exists()


def test_raw_tables_exist_once_the_warehouse_is_asked_for_and_the_store_has_heard_of_them(mini: Mini) -> None:
    opened = Session(mini.env, mini.project.graph, Order(NOON))
    changes = {name: state.change for name, state in opened.states.items()}
    assert changes == {table.name: Change.CREATE for table in mini.project.graph if table.is_raw}
    assert mini.env.operations.states(opened.warehouse.id) == opened.states
    opened.close()


def test_what_was_written_is_known_to_the_run_to_the_store_and_then_to_readers(built: Mini, session: Session) -> None:
    carry(session)
    written = session.states[LEFT]
    assert (written.change, written.built_at) == (Change.CARRY, NOON + HOUR)
    assert built.states[LEFT] == written
    session.release()
    assert session.states[LEFT] == written
    before = built.rows("select count(*) from sg_ops.table_state")
    session.close()
    assert built.rows("select count(*) from sg_ops.table_state") != before


def test_a_step_that_went_well_is_told_with_its_rows_and_seconds(built: Mini, session: Session) -> None:
    table = built.project.graph[LEFT]
    built.env.operations.record_try(LEFT, "any", NOON)
    with session.step(table):
        report = session.ended(table, Result.SKIPPED, session.states[LEFT], "as it was")
    assert built.told == [Report(LEFT, Result.SKIPPED, 2, report.seconds, NOON, "as it was")]
    assert built.env.operations.attempts() == {}


def test_an_error_that_nobody_expected_is_accounted_for_and_goes_on(built: Mini, session: Session) -> None:
    with pytest.raises(ZeroDivisionError), session.step(built.project.graph[LEFT]):
        _ = 1 / 0
    (report,) = built.told
    assert (report.result, report.rows, report.reason) == (Result.FAILED, 2, "ZeroDivisionError: division by zero")
    tried = built.env.operations.attempts()[LEFT]
    assert (tried.count, tried.last_at, tried.reason) == (1, NOON + HOUR, report.reason)


def test_what_is_asked_is_counted_by_day_and_table_also_where_it_failed(built: Mini, session: Session) -> None:
    table = built.project.graph[THING]

    def ask(calls: int) -> None:
        with session.asking(table, client):
            client.calls += calls
            if calls > 2:
                raise ZeroDivisionError

    with Client("http://127.0.0.1:1", name="mini") as client:
        client.calls = 7
        ask(2)
        ask(0)
        with pytest.raises(ZeroDivisionError):
            ask(3)
    (counted,) = built.env.operations.api_calls.all()
    assert (counted["day_on"], counted["table_name"], counted["source"]) == (NOON.date(), THING, "mini")
    assert (counted["fetches"], counted["calls"]) == (2, 5)


def test_an_error_that_was_accounted_for_is_not_twice(built: Mini, session: Session) -> None:
    table = built.project.graph[LEFT]

    def tell_and_fail() -> None:
        session.failed(table, "it says no", NOON + 2 * HOUR)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), session.step(table):
        tell_and_fail()
    assert [report.reason for report in built.told] == ["it says no"]
    assert built.env.operations.attempts()[LEFT].come_back_at == NOON + 2 * HOUR


def test_a_step_that_is_tried_again_is_accounted_for_at_its_last_try(built: Mini, session: Session) -> None:
    table = built.project.graph[LEFT]
    for is_tried_again in (True, True, False):
        assert built.told == []
        with pytest.raises(ZeroDivisionError), session.step(table, is_tried_again=is_tried_again):
            _ = 1 / 0
    assert [report.result for report in built.told] == [Result.FAILED]
    assert built.env.operations.attempts()[LEFT].count == 1


def test_a_raw_table_that_reaches_no_further_stays_counted_as_tried(built: Mini, session: Session) -> None:
    table = built.project.graph[THING]
    built.env.operations.record_try(THING, "any", NOON)
    with session.step(table):
        session.ended(table, Result.BUILT, session.states[THING], "")
    assert built.env.operations.attempts()[THING].count == 1


def test_the_facts_of_a_run_are_those_of_its_instant_and_its_warehouse(built: Mini, session: Session) -> None:
    facts = session.facts()
    assert (facts.now, facts.history_start) == (NOON + HOUR, built.env.history_start)
    assert facts.states == session.states


def carry(session: Session) -> None:
    """Move one table's state on, as its step would."""
    table = session.graph[LEFT]
    made_of = build_for(session.facts(), table)
    build = Build(session.now, made_of.data_through, inputs=made_of.inputs, is_carry=True)
    session.wrote(session.warehouse.build(table, build, judge))


def test_all_tables_of_a_source_share_one_client_until_the_run_ends(built: Mini) -> None:
    opened = Session(built.env, built.project.graph, Order(built.now, "refresh"))
    mini, other = (replace(source, connect=Counted) for source in built.project.sources)
    client = opened.client(mini)
    assert opened.client(mini) is client
    assert opened.connection(mini) is opened.connection(mini)
    built.set("SG_OTHER_TOKEN")
    assert not opened.connection(other).is_connected, "as it was when the run began"
    assert isinstance(client, Counted)
    assert client.closed == 0
    opened.close()
    assert client.closed == 1


class Counted(Client):
    """A client that knows how often it was closed."""

    def __init__(self, url: str, _settings: Mapping[str, str]) -> None:
        super().__init__(url, name="mini")
        self.closed = 0

    def close(self) -> None:
        self.closed += 1
        super().close()
