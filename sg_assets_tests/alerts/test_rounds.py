from io import StringIO
from pathlib import Path

from sg_assets.alerts.awake import Awake
from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.channels.log import Log
from sg_assets.alerts.deliver import Courier
from sg_assets.alerts.observe import Dagster
from sg_assets.alerts.rounds import Rounds, delivers_to
from sg_assets.alerts.routing import Routing
from sg_assets.message import Kind
from sg_assets.operations import Operations
from sg_assets_tests.alerts.telling import HOUR, MINUTE, NOON, SECOND, MovableClock, message, routing

TABLE = routing("log", digest_cron="0 9 * * *", digest_timezone="America/Los_Angeles")


class World:
    """The rounds of a watchdog every two seconds, with a watch that beats until it is told not to."""

    def __init__(self, folder: Path, table: Routing = TABLE) -> None:
        self.operations = Operations(f"sqlite:///{folder / 'operations.sqlite'}")
        self.clock, self.seconds, self.asked = MovableClock(), 0.0, 0
        self.courier = Courier("log", Log(StringIO()), self.operations.outbox, table, self.clock)
        self.watch_lives = True
        self.rounds = Rounds(
            self.operations,
            table,
            [self.courier],
            clock=self.clock,
            dagster=self._dagster,
            awake=Awake(lambda: self.seconds),
        )

    def _dagster(self) -> Dagster | None:
        self.asked += 1
        return None

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds // 2):
            self.clock.now += 2 * SECOND
            self.seconds += 2
            if self.watch_lives:
                self.operations.beat("watch", self.clock.now)
            self.rounds.step()

    def sleep(self, hours: int) -> None:
        """The machine sleeps: the wall clock goes on, and here the other one does, too, all at once."""
        self.clock.now += hours * HOUR
        self.seconds += hours * 3600

    def told(self) -> list[str]:
        return [one.title for one in self.operations.outbox.undelivered("elsewhere")]

    def close(self) -> None:
        self.operations.close()


def test_a_watch_that_dies_is_in_the_outbox_within_two_minutes_and_again_when_it_lives(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.go_on(300)
    assert world.told() == []
    world.watch_lives = False
    world.go_on(120)
    assert world.told() == ["The watch does not run"]
    world.watch_lives = True
    world.go_on(120)
    assert world.told() == ["The watch does not run", "Resolved: the watch runs again"]
    world.close()


def test_a_laptop_that_slept_raises_no_alarm(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.go_on(60)
    for _ in range(5):
        world.watch_lives = False
        world.sleep(8)
        world.go_on(60)  # it takes a while until everything runs again
        world.watch_lives = True
        world.go_on(60)
    assert world.told() == []
    world.close()


def test_it_beats_and_asks_dagster_now_and_then(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.courier.is_new = True
    world.go_on(2)
    assert delivers_to("log") not in world.operations.heartbeats()
    world.courier.is_new = False
    world.go_on(58)
    beats = world.operations.heartbeats()
    assert beats["watchdog"] == world.clock.now
    assert beats[delivers_to("log")] < world.clock.now
    assert world.asked == 6
    world.close()


def test_the_digest_comes_once_a_day_and_only_when_something_is_open(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.operations.outbox.add([message()])
    world.go_on(60)
    assert "1 incident is still open" not in world.told()
    world.clock.now = NOON.replace(hour=17) - MINUTE  # nine in the morning, there
    world.go_on(240)
    assert world.told().count("1 incident is still open") == 1
    (digest,) = [one for one in world.operations.outbox.undelivered("elsewhere") if one.kind is Kind.DIGEST]
    assert digest.created_at == NOON.replace(hour=17)
    world.operations.outbox.add([message(2, Kind.RESOLVED)])
    world.clock.now += 24 * HOUR
    world.go_on(60)
    assert world.told().count("1 incident is still open") == 1
    world.close()


def test_an_address_that_takes_nothing_is_told_at_the_others(tmp_path: Path) -> None:
    world = World(tmp_path, routing("log"))
    blocked = world.courier
    blocked.outbox.add([message()])
    blocked.channel = Refusing()
    for _ in range(11):
        blocked.deliver()
        world.go_on(60)
    assert world.told()[1:] == ["Messages do not reach log"]
    world.close()


class Refusing(Log):
    """A log on a full disk."""

    def __init__(self) -> None:
        """Nowhere to write."""

    def send(self, letter: object) -> dict[str, str]:
        reason = f"no space left for {letter}"
        raise NotDelivered(reason)
