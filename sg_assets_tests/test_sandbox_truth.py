"""The whole pipeline over the made-up company, compared with what its generator knows to be true."""

from pathlib import Path

from sg_assets import discovery
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.published_tables import API_CALL
from sg_assets.freshness.situation import facts_now
from sg_assets.sandbox import truth
from sg_assets.sandbox.events import bucket_of as event_bucket
from sg_assets.sandbox.pings import PingBucket
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.table import Delivery
from sg_assets_tests.truth_world import World, refreshed


def test_every_table_is_built_and_fresh(world: World) -> None:
    assert world.not_built == {}
    verdicts = evaluate(facts_now(discovery.project(), world.env, world.env.clock()))
    assert {v.table: v.reason for v in verdicts.values() if v.state not in {"fresh", "frozen"}} == {}


def test_the_telemetry_status_of_every_customer_is_the_true_one(world: World) -> None:
    found = world.by_key("select account_id, telemetry_status from customers.telemetry_status")
    statuses = truth.telemetry_status(world.env.sandbox, world.env.clock())
    true = {name: status.text for name, status in statuses.items()}
    assert found == true
    assert len(set(true.values())) == 4, "every one of the four values occurs"


def test_every_instance_is_linked_to_its_true_account_by_the_surest_thing(world: World) -> None:
    found = world.by_key("select instance_id, account_id, linked_by from customers.instance_link")
    links = truth.instance_links(world.env.sandbox, world.env.clock()).items()
    true = {name: (link.account_id, link.linked_by) for name, link in links}
    assert found == {name: true[str(name)] for name in found}
    silent = true.keys() - found.keys()
    assert not silent & truth.instance_telemetry(world.env.sandbox, world.env.clock()).keys(), "only the never heard"


def test_the_telemetry_of_every_instance_is_the_true_one(world: World) -> None:
    sql = "select instance_id, telemetry_status from customers.instance_telemetry where telemetry_level > 0"
    statuses = truth.instance_telemetry(world.env.sandbox, world.env.clock())
    assert world.by_key(sql) == {name: status.text for name, status in statuses.items()}


def test_two_runs_of_the_same_instant_give_bit_equal_tables(world: World, tmp_path: Path) -> None:
    """All but those of feeds, which take longest: of these the objects themselves are compared."""
    graph = discovery.graph()
    left_out = {table.name for table in graph if table.delivery is Delivery.FILES} | {API_CALL.name}
    others = set(graph.order) - left_out - graph.descendants(left_out)
    everything = "select table_name, content_version from sg_ops.table_state_current where table_name not like 'raw%'"
    with refreshed(tmp_path, others) as (again, _account):
        first, second = world.by_key(everything), World(again, {}).by_key(everything)
        compared = second.keys() & others
        assert len(compared) > 30
        assert {name: second[name] for name in compared} == {name: first[name] for name in compared}
        assert _objects(again.sandbox) == _objects(world.env.sandbox)


def _objects(sandbox: Sandbox) -> dict[str, bytes]:
    """What is in the buckets: of each day an hour, another one each."""
    buckets = PingBucket.of(sandbox).bucket(), event_bucket(sandbox)
    found = {
        one.name: bucket.content(one)
        for bucket in buckets
        for one in bucket.objects()
        if one.created_at.hour == one.created_at.day % 24
    }
    assert len(found) > 200
    return found


def test_no_licence_key_is_stored_anywhere(world: World) -> None:
    subscriptions = truth.subscriptions(world.env.sandbox.company)
    keys = [one.key for subscription in subscriptions for one in subscription.licenses]
    assert keys
    stored = b"".join(path.read_bytes() for path in world.env.home.rglob("*") if path.is_file())
    assert not [key for key in keys if key.encode() in stored]
