import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from sg_assets.environment import Environment, load
from sg_assets.sandbox import production_db, server, serving
from sg_assets_tests.processes import process, until
from sg_assets_tests.sandbox.world import made_up

SECONDS = 60


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The environment of this process, which a process beside it reads again."""
    for name in [name for name in os.environ if name.startswith("SG_")]:
        monkeypatch.delenv(name)
    for name, value in {"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05", "SG_SANDBOX_DAYS": "2"}.items():
        monkeypatch.setenv(name, value)
    return load()


@pytest.fixture
def starter(own: Environment) -> Iterator["subprocess.Popen[str]"]:
    """A process that has its stand-ins served beside it, tells where, and waits."""
    code = "with load().stand_ins_beside() as url: print(url(), flush=True); input()"
    assert own.name == "sandbox"
    with process([sys.executable, "-c", f"from sg_assets.environment import load\n{code}"]) as running:
        yield running


def test_a_process_beside_serves_every_stand_in_during_a_block(own: Environment) -> None:
    with own.stand_ins_beside() as told:
        assert told is not None
        with own.stand_ins_beside() as again:
            assert again is not None
            assert again() == told()
        assert own.stand_in("salesforce") == f"{told()}/salesforce"
        assert requests.get(own.stand_in("pings") + "/storage/v1/b/pings/o", timeout=SECONDS).status_code == 401
        database = own.stand_in("production_db")
        assert database.startswith("postgresql://")
    with pytest.raises(requests.ConnectionError):
        requests.get(told(), timeout=SECONDS)
    assert not Path(database.rpartition("host=")[2]).exists()
    assert not own.stand_in("salesforce").startswith(told())  # in this process again
    server.of_this_process(own.sandbox).stop()


def test_one_that_is_told_is_asked(own: Environment) -> None:
    served = server.start(own.sandbox)
    told = load({**own.variables, "SG_SANDBOX_URL": f"{served.url}/"})
    with told.stand_ins_beside() as started:
        assert started is None
    assert told.stand_in("hubspot") == f"{served.url}/hubspot"
    assert told.stand_in("production_db") == own.sandbox.own_url("production_db")
    production_db.of_this_process(own.sandbox).stop()
    served.stop()
    with pytest.raises(OSError, match="refused"):
        told.stand_in("production_db")


def test_there_is_none_in_production() -> None:
    with load({"SG_ENV": "production"}).stand_ins_beside() as started:
        assert started is None


def test_it_ends_with_its_starter_even_when_that_is_killed(starter: "subprocess.Popen[str]") -> None:
    assert starter.stdout
    url = starter.stdout.readline().strip()
    assert is_served(url)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    until(lambda: not is_served(url))


def test_one_that_is_killed_is_started_again_at_the_same_address_and_ends_with_the_block(
    own: Environment, capfd: pytest.CaptureFixture[str]
) -> None:
    with own.stand_ins_beside() as told:
        assert told is not None
        url = told()
        before = own.stand_in("production_db")
        os.kill(served_beside(), signal.SIGKILL)
        until(lambda: not is_served(url))
        until(lambda: is_served(url))
        assert told() == url
        assert own.stand_in("production_db") != before, "its own server was started again, too"
    assert not is_served(url)
    assert "the sandbox's stand-ins ended by themselves, with code -9; they are started again" in capfd.readouterr().err


def test_one_that_does_not_start_says_how_to_find_out(
    own: Environment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SG_SANDBOX_SCALE", "huge")  # the other process reads it only now
    with own.stand_ins_beside(), pytest.raises(RuntimeError, match="`sg-assets sandbox serve` says why"):
        own.stand_in("salesforce")
    assert "SG_SANDBOX_SCALE=huge" in capfd.readouterr().err


def test_what_is_told_has_to_be_a_sandbox(tmp_path: Path) -> None:
    world = made_up(tmp_path)
    served = server.start(world)
    with pytest.raises(RuntimeError, match=r"/pings/production_db answers \d+: no sandbox"):
        serving.url_of(world, "production_db", f"{served.url}/pings")
    served.stop()


def is_served(url: str) -> bool:
    try:
        requests.get(url, timeout=SECONDS)
    except requests.ConnectionError:
        return False
    return True


def served_beside() -> int:
    """The number of the process that this one started to serve."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"--beside" in (folder / "cmdline").read_bytes():
                return int(folder.name)
    raise AssertionError
