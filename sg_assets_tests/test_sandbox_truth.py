"""The whole pipeline over the made-up company, compared with what its generator knows to be true."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.plan import Target
from sg_assets.freshness.situation import facts_now
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox import truth
from sg_assets.session import Result

CLOCK = "2026-03-10T14:30:00Z"
"""More than half a month and a week into the sandbox's last days, so that months and weeks have borders in it."""
ANCHOR = "2026-03-10"


def environment(home: Path) -> Environment:
    return load({"SG_HOME": str(home), "SG_CLOCK": CLOCK, "SG_SANDBOX_ANCHOR": ANCHOR, "SG_SANDBOX_SCALE": "0.05"})


@contextmanager
def refreshed(home: Path) -> Iterator[tuple[Environment, Account]]:
    env = environment(home)
    with dg.DagsterInstance.ephemeral() as history:
        account = refresh(
            discovery.project(),
            env,
            Target.refresh(),
            Order(env.clock(), "refresh"),
            history,
            lambda _report, _of: None,
        )
        yield env, account


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, Account]]:
    with refreshed(tmp_path_factory.mktemp("truth")) as made:
        yield made


def rows(env: Environment, sql: str) -> dict[object, object]:
    return dict((row[0], row[1] if len(row) == 2 else row[1:]) for row in env.read_copy().query(sql).rows)  # noqa: C402


def test_every_table_is_built_and_fresh(sandbox: tuple[Environment, Account]) -> None:
    env, account = sandbox
    assert {r.table: r.reason for r in account.tables if r.result is not Result.BUILT} == {}
    verdicts = evaluate(facts_now(discovery.project(), env, env.clock()))
    assert {v.table: v.reason for v in verdicts.values() if v.state not in {"fresh", "frozen"}} == {}


def test_the_telemetry_status_of_every_customer_is_the_true_one(sandbox: tuple[Environment, Account]) -> None:
    env, _ = sandbox
    found = rows(env, "select account_id, telemetry_status from customers.telemetry_status")
    true = {name: status.text for name, status in truth.telemetry_status(env.sandbox, env.clock()).items()}
    assert found == true
    assert len(set(true.values())) == 4, "every one of the four values occurs"


def test_every_instance_is_linked_to_its_true_account_by_the_surest_thing(sandbox: tuple[Environment, Account]) -> None:
    env, _ = sandbox
    found = rows(env, "select instance_id, account_id, linked_by from customers.instance_link")
    links = truth.instance_links(env.sandbox, env.clock()).items()
    true = {name: (link.account_id, link.linked_by) for name, link in links}
    assert found == {name: true[str(name)] for name in found}
    silent = true.keys() - found.keys()
    assert not silent & truth.instance_telemetry(env.sandbox, env.clock()).keys(), "only those that never pinged"


def test_the_telemetry_of_every_instance_is_the_true_one(sandbox: tuple[Environment, Account]) -> None:
    env, _ = sandbox
    found = rows(
        env, "select instance_id, telemetry_status from customers.instance_telemetry where telemetry_level > 0"
    )
    assert found == {name: status.text for name, status in truth.instance_telemetry(env.sandbox, env.clock()).items()}


def test_two_runs_of_the_same_instant_give_bit_equal_tables(
    sandbox: tuple[Environment, Account], tmp_path: Path
) -> None:
    env, _ = sandbox
    everything = "select table_name, content_version from sg_ops.table_state_current where table_name not like 'raw%'"
    with refreshed(tmp_path) as (again, _account):
        assert rows(again, everything) == rows(env, everything)


def test_no_licence_key_is_stored_anywhere(sandbox: tuple[Environment, Account]) -> None:
    env, _ = sandbox
    keys = [one.key for subscription in truth.subscriptions(env.sandbox.company) for one in subscription.licenses]
    assert keys
    stored = b"".join(path.read_bytes() for path in env.home.rglob("*") if path.is_file())
    assert not [key for key in keys if key.encode() in stored]
