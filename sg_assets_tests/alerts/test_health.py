"""Faults of the watchers, second by second, on a simulated clock."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from sg_assets.alerts.health import BLOCKED, LASTING, SILENT, UNREACHABLE, Fault, Judge, Observation, cure
from sg_assets.alerts.observe import Dagster
from sg_assets_tests.alerts.telling import NOON, SECOND

URL = "http://127.0.0.1:3000"
DAEMONS = ("SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR", "ASSET")


@dataclass
class World:
    """A Dagster whose parts beat every thirty seconds until they die, looked at every two seconds."""

    judge: Judge = field(default_factory=Judge)
    seconds: int = 0
    dead_since: dict[str, int] = field(default_factory=dict)
    silence: str = ""
    broken: dict[str, str] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    is_known: bool = True
    blocked: dict[str, int] = field(default_factory=dict)

    def die(self, *names: str) -> None:
        self.dead_since |= dict.fromkeys(names, self.seconds)

    def look(self) -> dict[str, Fault]:
        self.seconds += 2
        now = NOON + self.seconds * SECOND
        beats = {name: NOON + self._beat(name, 7 * at) * SECOND for at, name in enumerate((*DAEMONS, "watch"))}
        watch = beats.pop("watch")
        dagster = Dagster(URL, silence=self.silence)
        if not self.silence:
            dagster = Dagster(URL, "", beats, self.broken, self.stopped)
        blocked = {address: (NOON + at * SECOND, "down") for address, at in self.blocked.items()}
        seen = Observation(now, float(self.seconds), watch, dagster if self.is_known else None, blocked)
        return self.judge.faults(seen)

    def _beat(self, name: str, offset: int) -> int:
        until = self.dead_since.get(name, self.seconds)
        return (until - offset) // 30 * 30 + offset

    def until_a_fault(self, most: int = 600) -> tuple[int, dict[str, Fault]]:
        """How many seconds it takes until something is wrong, and what."""
        start = self.seconds
        while self.seconds - start < most:
            if found := self.look():
                return self.seconds - start, found
        return most, {}


def running(**how: object) -> World:
    """A world in which all has been well for a while."""
    world = World(**how)  # pyrefly: ignore[bad-argument-type]
    for _ in range(100):
        assert world.look() == {}
    return world


@pytest.mark.parametrize("age", range(0, 30, 7))
def test_a_watch_that_dies_is_noticed_within_two_minutes(age: int) -> None:
    world = running()
    world.seconds += age
    world.die("watch")
    seconds, found = world.until_a_fault()
    assert list(found) == ["watch"]
    assert 75 < seconds <= 115  # at most thirty seconds passed since its last heartbeat
    assert found["watch"].title == "The watch does not run"
    assert found["watch"].link == ("Sensors and schedules", f"{URL}/automation")
    assert found["watch"].explained_by == ""


def test_a_watch_that_never_ran_is_noticed_too() -> None:
    judge = Judge()
    for seconds in range(0, int(SILENT), 2):
        assert judge.faults(Observation(NOON, float(seconds), None)) == {}
    (fault,) = judge.faults(Observation(NOON, SILENT, None)).values()
    assert fault.lines[0] == "It ran last: never."
    assert fault.link is None


def test_a_watch_that_is_switched_off_is_called_so_with_what_else_is() -> None:
    world = running()
    world.stopped = frozenset({"sensor watch", "sensor keeper", "schedule hourly"})
    world.die("watch")
    _, found = world.until_a_fault()
    assert found["watch"].title == "The watch is switched off"
    assert "Switched off as well: schedule hourly, sensor keeper." in found["watch"].lines


def test_what_else_is_switched_off_is_the_business_of_the_watch() -> None:
    world = running(stopped=frozenset({"sensor keeper"}))
    assert world.until_a_fault()[1] == {}


@pytest.mark.parametrize("age", range(0, 30, 7))
def test_a_daemon_that_dies_is_one_fault_that_explains_the_watch(age: int) -> None:
    world = running()
    world.seconds += age
    world.die("watch", *DAEMONS)
    seconds, found = world.until_a_fault()
    assert seconds <= 115
    assert found["daemon"].title == "Dagster's daemon does not run"
    for _ in range(60):
        found = world.look()
        assert "daemon" in found
        assert found.get("watch", found["daemon"]).explained_by in {"", "daemon"}
    assert found["watch"].explained_by == "daemon"


def test_one_daemon_of_many_is_named_and_those_that_do_not_matter_are_not_missed() -> None:
    world = running()
    world.die("SCHEDULER", "ASSET")
    _, found = world.until_a_fault()
    assert found["daemon"].title == "Daemons of Dagster do (SCHEDULER) not run"


def test_code_that_does_not_load_is_said_with_the_error_and_explains_the_watch() -> None:
    world = running()
    world.broken = {"sg_assets": "Traceback (most recent call last):\n  File x\nSqlFileError: tables/a/b.sql: no key\n"}
    world.die("watch")
    seconds, found = world.until_a_fault()
    assert LASTING <= seconds <= LASTING + 4
    assert found["code"].title == "The code does not load: sg_assets"
    assert found["code"].lines[0] == "Why: SqlFileError: tables/a/b.sql: no key"
    for _ in range(60):
        found = world.look()
    assert found["watch"].explained_by == "code"


def test_a_reload_is_no_fault() -> None:
    world = running()
    for _ in range(4):
        world.broken = {"sg_assets": "Error: half written"}
        assert [world.look() for _ in range(8)] == [{}] * 8
        world.broken = {}
        assert world.look() == {}


def test_a_dagster_that_does_not_answer_is_one_fault() -> None:
    world = running()
    world.silence = "dagster: no answer: ConnectionError"
    seconds, found = world.until_a_fault()
    assert UNREACHABLE <= seconds <= UNREACHABLE + 4
    assert list(found) == ["dagster"]
    assert "ConnectionError" in found["dagster"].lines[0]
    world.silence = ""
    assert world.look() == {}


def test_where_nobody_knows_of_a_dagster_the_watch_is_still_watched() -> None:
    world = running(is_known=False)
    world.die("watch")
    assert list(world.until_a_fault()[1]) == ["watch"]


def test_an_address_that_takes_nothing_is_said_after_a_while() -> None:
    world = running()
    world.blocked = {"slack_bot:C1": world.seconds}
    seconds, found = world.until_a_fault(1200)
    assert timedelta(seconds=seconds) >= BLOCKED
    assert found["channel slack_bot:C1"].lines[0] == "Why: down"


def test_every_fault_has_its_cure_in_words() -> None:
    assert [cure(name) for name in ("dagster", "code", "daemon", "watch", "channel slack_bot:C1")] == [
        "Dagster answers again",
        "the code loads again",
        "Dagster's daemon runs again",
        "the watch runs again",
        "messages reach slack_bot:C1 again",
    ]
