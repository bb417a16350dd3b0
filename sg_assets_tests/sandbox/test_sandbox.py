from datetime import timedelta, timezone
from pathlib import Path

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.sandbox import Sandbox, sources, stand_in_of
from sg_assets.sandbox.stand_in import StandIn
from sg_assets_tests.sandbox.world import ANCHOR, NOW, made_up


def test_stand_ins_are_found_by_their_module() -> None:
    assert {"pings", "events", "site_admin", "salesforce"} <= set(sources())
    assert not {"faults", "server", "truth", "company"} & set(sources())


def test_it_serves_every_source_and_knows_its_settings(sandbox: Sandbox) -> None:
    assert set(sandbox.apps()) == {source for source in sources() if isinstance(stand_in_of(source), StandIn)}
    assert sandbox.settings("pings") == {"SG_PINGS_BUCKET": "pings", "SG_GOOGLE_CREDENTIALS": "sandbox"}
    assert sandbox.settings("events")["SG_EVENTS_BUCKET"] == "events"


@pytest.mark.parametrize("source", ["nothing", "faults", "../pings", "os"])
def test_a_source_without_a_stand_in_is_refused(source: str) -> None:
    with pytest.raises(KeyError, match="no stand-in"):
        stand_in_of(source)


def test_time_is_in_utc(tmp_path: Path) -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    now = Sandbox(1, ANCHOR, 0.1, lambda: east, tmp_path).now()
    assert now == NOW
    assert now.utcoffset() == timedelta(0)


def test_two_of_the_same_seed_are_the_same_world(tmp_path: Path, company: Company) -> None:
    assert made_up(tmp_path).company == company
    assert made_up(tmp_path, seed=2).company != company


def test_asking_writes_nothing(tmp_path: Path) -> None:
    world = made_up(tmp_path / "state")
    world.apps()
    list(world.faults.list())
    assert list(tmp_path.iterdir()) == []
