"""What accounts show in the sandbox's Salesforce after a refresh is what was answered last about their customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.environment_answers import latest_answers
from sg_assets.sandbox.salesforce_memory import Memory
from sg_assets.session import Result

LEDGER = "sent_salesforce.environment"
NOON = "2026-11-20T12:00:00Z"


def run(env: Environment, history: dg.DagsterInstance) -> Account:
    order = Order(env.clock(), "refresh")
    return refresh(discovery.project(), env, Target.refresh([LEDGER]), order, history, lambda _report, _of: None)


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, Account, Account]]:
    """The sandbox after two refreshes at one instant, and what they did."""
    home: Path = tmp_path_factory.mktemp("home")
    env = load({"SG_HOME": str(home), "SG_SANDBOX_SCALE": "0.05", "SG_CLOCK": NOON, "SG_SANDBOX_ANCHOR": "2026-11-20"})
    with dg.DagsterInstance.ephemeral() as history:
        yield env, run(env, history), run(env, history)


def test_every_account_shows_the_newest_answers(accounts: tuple[Environment, Account, Account]) -> None:
    env, first, _ = accounts
    assert {report.table: report.result for report in first.tables}[LEDGER] is Result.BUILT
    shown = {id_: fields for _, _, id_, fields in Memory(env.sandbox.state_dir).written(env.clock())}
    there = Crm(CrmChanges(env.sandbox.company)).at(env.clock())["Account"]
    truth = latest_answers(env.sandbox.company, env.clock())
    assert set(shown) == {id_ for id_ in truth if not there[id_]["IsDeleted"]}
    assert len(shown) > 10
    for id_, fields in shown.items():
        said = truth[id_].answers
        assert fields["Environment_Answered_On__c"] == truth[id_].submitted_at.date().isoformat()
        assert fields["Environment_Deployment__c"] == said.get("deployment_type")
        assert fields["Environment_Users__c"] == said.get("user_count")
        hosts = said.get("code_hosts")
        assert fields["Environment_Code_Hosts__c"] == (";".join(hosts) if isinstance(hosts, list) else None)


def test_the_ledger_has_each_of_them_once_and_nothing_is_sent_twice(
    accounts: tuple[Environment, Account, Account],
) -> None:
    env, _, second = accounts
    assert [report for report in second.tables if report.table == LEDGER] == []
    counts = "count(*), count(distinct account_id), countif(not is_accepted), countif(detail like 'ENTITY_IS_DELETED%')"
    ((rows, distinct, refused, deleted),) = env.read_copy().query(f"select {counts} from {LEDGER}").rows
    assert rows == distinct == len(latest_answers(env.sandbox.company, env.clock()))
    assert refused == deleted
    assert len(list(Memory(env.sandbox.state_dir).written(env.clock()))) == rows - refused  # pyrefly: ignore[unsupported-operation]
