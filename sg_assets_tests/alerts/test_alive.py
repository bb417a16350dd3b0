import subprocess
import sys
from datetime import UTC, datetime, timedelta

from sg_assets import environment
from sg_assets.alerts.alive import problem
from sg_assets.alerts.rounds import BEAT
from sg_assets.operations import Operations

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_it_is_at_work_as_long_as_its_last_round_is_recent() -> None:
    operations = Operations("sqlite://")
    assert problem(operations, NOW) == "the watchdog has not made a round yet"
    operations.beat(BEAT, NOW)
    assert not problem(operations, NOW + timedelta(minutes=2))
    late = NOW + timedelta(minutes=2, seconds=1)
    assert problem(operations, late) == "the watchdog made its last round at 2026-11-18 12:00:00 UTC"


def test_as_a_program_its_exit_code_says_so() -> None:
    asked = [sys.executable, "-m", "sg_assets.alerts.alive"]
    ended = subprocess.run(asked, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (1, "the watchdog has not made a round yet\n")
    env = environment.load()
    env.operations.beat(BEAT, env.clock())
    assert subprocess.run(asked, check=False).returncode == 0
