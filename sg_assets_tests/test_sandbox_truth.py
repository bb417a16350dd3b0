"""The whole pipeline over the made-up company, compared with what its generator knows to be true."""

from contextlib import closing
from pathlib import Path

import duckdb

from sg_assets import discovery
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.situation import facts_now
from sg_assets.sandbox import truth
from sg_assets.sandbox.events import bucket_of as event_bucket
from sg_assets.sandbox.pings import PingBucket
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.table import Delivery
from sg_assets.warehouse import dialect
from sg_assets.warehouse.readcopy import ReadCopy
from sg_assets_tests.tables.cases import as_selected
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


def test_two_runs_of_the_same_instant_land_bit_equal_tables(world: World, tmp_path: Path) -> None:
    """Of each source that is pulled, its widest table; of feeds, which take longest, the objects themselves."""
    pulled = sorted((t for t in discovery.graph() if t.delivery is Delivery.PULL), key=lambda table: len(table.columns))
    widest = {table.name for table in {table.dataset: table for table in pulled}.values()}
    everything = "select table_name, content_version from sg_ops.table_state_current"
    with refreshed(tmp_path, widest) as (again, _account):
        first, second = world.by_key(everything), World(again, {}).by_key(everything)
        assert {name: second[name] for name in widest} == {name: first[name] for name in widest}
        assert _objects(again.sandbox) == _objects(world.env.sandbox)


def test_every_derived_table_is_what_its_query_gives_of_its_inputs_as_they_are(world: World) -> None:
    """Of those that are built by day, the days of the history; of those that keep days, the last one."""
    env, copy, today = world.env, world.env.read_copy(), world.env.clock().date()
    first = (env.sandbox.anchor - env.sandbox.history).date()
    assert isinstance(copy, ReadCopy)
    with closing(duckdb.connect(str(copy.path), read_only=True)) as connection:
        dialect.prepare(connection)
        for table in (table for table in discovery.graph() if table.sql):
            query = dialect.to_duckdb(dialect.pin_current_date(table.sql, today))
            days = f"where {table.partition} between '{first}' and '{today}'" if table.is_partitioned else ""
            selected = ", ".join(f'"{column.name}"' for column in as_selected(table).columns)
            kept = f"select {selected} from {table.name} {days}"
            if table.is_day_snapshot:  # as things are in the afternoon, the last day that is over ended
                days = ""
            found = connection.execute(
                f"with given as materialized (from ({query}) {days}), kept as materialized ({kept})"
                " (from given except all from kept) union all (from kept except all from given)"
            )
            assert found.fetchmany(3) == [], table.name


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
