"""What holds for every test: no network but loopback, none of the developer's variables, a state folder of its own."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from sg_assets import garbage
from sg_assets_tests.network_guard.sitecustomize import LIVE, REFUSED

if TYPE_CHECKING:
    from sg_assets.sandbox.postgres_server import PostgresServer
    from sg_assets_tests.commands import Command
    from sg_assets_tests.mini import Mini
    from sg_assets_tests.truth_world import World

GUARD = Path(__file__).parent / "network_guard"

LONGEST = (
    "test_ui.py",
    "test_kills.py",
    "test_sandbox_truth.py",
    "test_tables.py",
    "test_up.py",
    "test_duckdb_file.py",
)
"""Files that take longest: they begin first, so that no worker is left alone with one at the end."""

# Few and always the same examples, so that a change and not luck turns a test red; `--hypothesis-profile=thorough`
# looks for more, with other examples each time.
hypothesis.settings.register_profile("default", max_examples=50, derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("thorough", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("default")


def pytest_configure() -> None:
    """Refuse to run beside a `.env`: programs that tests start would read it, and with it perhaps real services.

    And hear Ctrl-C: a shell that starts us with & has it ignored, by us and by every program that a test starts. A
    worker, which nobody asks how it ended, does not clear away for seconds what ends with it.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        atexit.register(os._exit, 0)  # the first that is registered here comes last
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if (GUARD.parents[1] / ".env").exists():
        msg = "tests would read the file .env: move it away while they run"
        raise pytest.UsageError(msg)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Compile everything before there are workers, of which each would do it."""
    from sg_assets_tests.compiled import compile_all  # one process needs it

    tests = Path(__file__).parent
    compile_all(config, tests.with_name("sg_assets"), tests)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end, so that nobody need look for garbage in it again and again.

    A sixth of the time of most tests went there.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        atexit.register(gc.unfreeze)  # else DuckDB's bindings speak of leaks at the end
        garbage.seek_seldom()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, end with those that read what `test_sandbox_truth` built; else in random order."""

    def place(item: pytest.Item) -> int:
        name = item.path.name
        if name.startswith("test_truth_"):
            return len(LONGEST) + 1
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests that all of its processes have."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def own_variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests and the programs that they start see no SG_… variable but those that a test sets."""
    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        kept = {"GOOGLE_APPLICATION_CREDENTIALS"} if os.environ.get(LIVE) else set()
        for name in [name for name in os.environ if name.startswith(("SG_", "DAGSTER_", "GOOGLE_"))]:
            if name not in kept:
                patch.delenv(name)
        patch.setenv("SG_HOME", str(folder / "home"))
        patch.setenv(REFUSED, str(folder / "refused.txt"))
        patch.setenv("PYTHONPATH", str(GUARD), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session", autouse=True)
def worlds_cost_less(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What each test would have anew, and what takes longer than most tests, is made once in a process."""
    from sg_assets_tests import lent_clusters, lent_engines, memory_history, migrations  # bring Dagster and DuckDB

    migrations.read_once()
    memory_history.stay_connected()
    with lent_engines.lent_again(), lent_clusters.copied_from(shared_folder(tmp_path_factory)):
        yield


@pytest.fixture(scope="session")
def close_stores() -> Iterator[Callable[[], None]]:
    """Closes what is idle of the operations stores of this process."""
    from sg_assets_tests import open_stores  # brings SQLAlchemy

    with open_stores.known() as close:
        yield close


@pytest.fixture(autouse=True)
def stores_are_closed(close_stores: Callable[[], None]) -> Iterator[None]:
    """No test leaves connections for Python to find."""
    yield
    close_stores()


@pytest.fixture(scope="module", autouse=True)
def databases_end_with_their_tests() -> Iterator[None]:
    """A sandbox's Postgres would else go on until the process ends, which then waits for one after the other."""
    yield
    if (production_db := sys.modules.get("sg_assets.sandbox.production_db")) is not None:
        production_db.end_all()


@pytest.fixture(autouse=True)
def own_state_folder(own_variables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Each test has a state folder of its own."""
    monkeypatch.setenv("SG_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def nothing_left_this_machine(own_variables: None) -> Iterator[None]:  # noqa: ARG001
    """A test that tried to reach anything but this machine fails, even where the error was caught."""
    refused = Path(os.environ[REFUSED])
    refused.unlink(missing_ok=True)
    yield
    if refused.exists():
        pytest.fail(refused.read_text())


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real Postgres, for what is kept in one in production."""
    from sg_assets.sandbox.postgres_server import start  # few tests need it

    server = start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty operations store may be: each kind once."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'operations.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    server.run("drop schema if exists sg_ops cascade")
    return server.url("postgres", "", "postgres")


@pytest.fixture(scope="session")
def world(own_variables: None, tmp_path_factory: pytest.TempPathFactory) -> World:  # noqa: ARG001
    """The made-up company with every table built, by one process for all of them."""
    from sg_assets_tests.truth_world import built_once

    return built_once(shared_folder(tmp_path_factory))


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mini]:
    """A small project, nothing of which was ever run; it tries again as often as the real one, without the pauses."""
    import dagster as dg  # only tests of Dagster's side pay for it

    from sg_assets import raw
    from sg_assets_tests.mini import Mini

    monkeypatch.setattr(raw, "RETRIES", dg.RetryPolicy(max_retries=raw.RETRIES.max_retries))
    with Mini(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small project after its first refresh, at its noon."""
    from sg_assets_tests.mini import Mini

    folder = tmp_path_factory.mktemp("built")
    with Mini(folder) as made:
        made.refresh()
    return folder


@pytest.fixture
def built(mini: Mini, built_once: Path) -> Mini:
    """The small project after its first refresh, of which its history has not heard."""
    mini.take_over(built_once)
    return mini


@pytest.fixture
def command(built: Mini, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, on the small project."""
    from click.testing import CliRunner, Result

    from sg_assets import discovery
    from sg_assets.cli import main

    monkeypatch.setattr(discovery, "project", lambda *_given: built.project)

    def run(*arguments: str, **variables: str) -> Result:
        found = CliRunner().invoke(main, arguments, env={**built.variables, **variables})
        assert "\x1b" not in found.output  # no colours in a pipe
        return found

    return run
