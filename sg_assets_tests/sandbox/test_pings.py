import json
from pathlib import Path

import pytest

from sg_assets.sandbox.pings import PingBucket, shard_of
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, made_up, move, rows_of


@pytest.fixture
def pings(sandbox: Sandbox) -> PingBucket:
    return PingBucket.of(sandbox)


def names_of(day: str) -> list[str]:
    return [f"pings/{day}/{hour:02}/shard-{shard}.ndjson.gz" for hour in range(24) for shard in range(2)]


def test_an_hour_holds_the_pings_of_that_hour_in_order(pings: PingBucket) -> None:
    bucket = pings.bucket()
    for stored in bucket.objects("pings/2026-11-20/1"):
        times = [row["timestamp"] for row in rows_of(bucket.content(stored))]
        assert times == sorted(times)
        assert {time[:13] for time in times} == {f"{stored.name[6:16]}T{stored.name[17:19]}"}


def test_an_instance_is_always_in_the_same_shard(pings: PingBucket) -> None:
    bucket = pings.bucket()
    seen: dict[str, set[str]] = {}
    for stored in bucket.objects("pings/2026-11-20/"):
        for row in rows_of(bucket.content(stored)):
            seen.setdefault(row["remote_site_id"], set()).add(stored.name[20:27])
    assert all(len(shards) == 1 for shards in seen.values())
    assert {shard_of(one) for one in pings.sandbox.company.instances} == {0, 1}


def test_everybody_who_pings_is_there_and_nobody_else(pings: PingBucket, sandbox: Sandbox) -> None:
    bucket = pings.bucket()
    everything = [row for stored in bucket.objects("pings/2026-11-20/") for row in rows_of(bucket.content(stored))]
    found = {row["remote_site_id"] for row in everything}
    silent = {"air gapped", "pings off", "stopped 40 days ago", "stopped 4 years ago", "installed after the anchor"}
    for customer in sandbox.company.customers:
        sites = {one.site_id for one in sandbox.company.instances_of(customer)}
        if customer.case in silent:
            assert sites & found == set()
        elif customer.case != "ordinary":
            assert sites <= found, customer.case


def test_every_key_in_a_ping_is_a_licence_of_the_customer_whose_instance_it_is(
    pings: PingBucket, sandbox: Sandbox
) -> None:
    company, bucket = sandbox.company, pings.bucket()
    owners = {one.site_id: one.customer for one in company.instances}
    keys = {key.key: place for place, many in company.subscriptions.items() for one in many for key in one.licenses}
    checked = 0
    for stored in bucket.objects("pings/2026-11-1"):
        for row in rows_of(bucket.content(stored)) if stored.name[17:19] in {"02", "08", "14", "20"} else ():
            owner = owners[row["remote_site_id"]]
            if row["license_key"]:
                assert owner is not None
                assert keys[row["license_key"]] == owner.position
                checked += 1
    assert checked > 50


def test_the_archive_holds_the_last_ping_of_those_who_stopped_years_ago(pings: PingBucket, sandbox: Sandbox) -> None:
    rows = [json.loads(line) for line in pings.archived()]
    stopped = sandbox.company.instances_of(sandbox.company.case("stopped 4 years ago"))[0]
    mine = [row for row in rows if row["remote_site_id"] == stopped.site_id]
    assert len(mine) == 1
    assert mine[0]["timestamp"][:4] == "2022"
    assert all(row["timestamp"] < "2024" for row in rows)
    assert len({row["remote_site_id"] for row in rows}) == len(rows) >= 2


def test_an_hour_alone_is_as_it_is_among_others_whenever_it_is_asked_for(pings: PingBucket, tmp_path: Path) -> None:
    names = names_of("2026-11-20")[::5]
    among = {}
    for name in names_of("2026-11-20"):
        stored = pings.bucket().find(name)
        assert stored is not None
        among[name] = pings.bucket().content(stored)
    for name in names:
        alone = PingBucket.of(made_up(tmp_path / "other", at=ANCHOR + 30 * DAY)).bucket()
        stored = alone.find(name)
        assert stored is not None
        assert alone.content(stored) == among[name]


def test_pings_go_on_with_the_clock(pings: PingBucket, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + 4 * DAY + HOUR)
    rows = [
        row for stored in pings.bucket().objects("pings/2026-11-24/") for row in rows_of(pings.bucket().content(stored))
    ]
    new = sandbox.company.instances_of(sandbox.company.case("installed after the anchor"))[0]
    counts = [sum(row["remote_site_id"] == one.site_id for row in rows) for one in sandbox.company.instances]
    assert sum(row["remote_site_id"] == new.site_id for row in rows) >= 35
    assert max(counts) <= 42
