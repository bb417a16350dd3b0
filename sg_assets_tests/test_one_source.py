"""A small team with one vendor's credentials and no Google account: production with Salesforce alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.plan import Target
from sg_assets.freshness.situation import facts_now
from sg_assets.freshness.verdict import State, Verdict
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox import server
from sg_assets.sandbox.sandbox import Sandbox, stand_in_of
from sg_assets.session import Result


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, Account]]:
    """The environment after one `refresh --all` against the stand-in of Salesforce."""
    home = tmp_path_factory.mktemp("team")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made_up = Sandbox(1, midnight, 0.05, lambda: datetime.now(UTC), home)
    vendor = server.start(made_up)
    try:
        env = load(
            {
                "SG_ENV": "production",
                "SG_HOME": str(home),
                "SG_HISTORY_START": str(midnight.date() - timedelta(days=10)),
                "SG_SALESFORCE_URL": f"{vendor.url}/salesforce",
                **stand_in_of("salesforce").settings,
            }
        )
        with dg.DagsterInstance.ephemeral() as history:
            order = Order(env.clock(), "refresh")
            account = refresh(discovery.project(), env, Target.refresh(), order, history, lambda _report, _of: None)
            yield env, account
    finally:
        vendor.stop()


def verdicts(env: Environment, at: datetime) -> dict[str, Verdict]:
    return evaluate(facts_now(discovery.project(), env, at))


def test_what_can_be_built_is_built_and_nothing_fails(team: tuple[Environment, Account]) -> None:
    _, account = team
    built = {report.table for report in account.tables if report.result is Result.BUILT}
    assert {"raw_salesforce.account", "crm.account"} <= built
    assert [report for report in account.tables if report.result is not Result.BUILT] == []


def test_the_accounts_can_be_asked_for(team: tuple[Environment, Account]) -> None:
    env, _ = team
    ((count,),) = env.read_copy().query("select count(*) from crm.account").rows
    assert isinstance(count, int)
    assert count > 0


def test_nothing_is_late_and_of_the_rest_it_says_why_not(team: tuple[Environment, Account]) -> None:
    env, _ = team
    for found in verdicts(env, env.clock()).values():
        assert found.state in {State.FRESH, State.FROZEN, State.NOT_CONNECTED}, (found.table, found.reason)
        if found.state is State.NOT_CONNECTED:
            is_watched = "raw_server_usage" in found.table
            assert ("BigQuery" if is_watched else "not set") in found.reason, "the variables to set are named"


def test_what_is_not_connected_does_not_grow_late_with_time(team: tuple[Environment, Account]) -> None:
    env, _ = team
    later = verdicts(env, env.clock() + timedelta(days=30))
    assert {v.state for v in later.values() if v.table.startswith("raw_pings")} == {State.NOT_CONNECTED}
    assert later["crm.account"].state is State.LATE


def test_raw_tables_of_the_others_exist_empty_with_their_columns(team: tuple[Environment, Account]) -> None:
    env, _ = team
    answer = env.read_copy().query("select * from raw_pings.ping")
    assert answer.rows == []
    assert [name for name, _ in answer.columns] == [c.name for c in discovery.graph()["raw_pings.ping"].columns]


def test_a_source_that_lost_its_variables_grows_late_until_it_is_listed_as_disconnected(
    team: tuple[Environment, Account],
) -> None:
    env, _ = team
    home = str(Path(env.variables["SG_HOME"]))
    lost = load({"SG_ENV": "production", "SG_HOME": home})
    at = env.clock() + timedelta(days=1)
    assert verdicts(lost, at)["raw_salesforce.account"].state is State.LATE
    listed = load({"SG_ENV": "production", "SG_HOME": home, "SG_DISCONNECTED": "salesforce"})
    assert verdicts(listed, at)["raw_salesforce.account"].state is State.NOT_CONNECTED
