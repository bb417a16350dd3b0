"""The watchdog: a small process beside Dagster that delivers messages, and says when nobody watches any more.

One thread for each address, so that one that hangs holds up no other; the main loop watches the watchers. It imports
nothing of Dagster's. Start it by `sg-assets watchdog`, or as `python -m sg_assets.alerts.watchdog`.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, TextIO

from sqlalchemy.exc import InterfaceError, OperationalError

from sg_assets import environment
from sg_assets.alerts import configured, routing
from sg_assets.alerts.deliver import Courier
from sg_assets.alerts.observe import Dagster, ask
from sg_assets.alerts.rounds import Rounds, delivers_to
from sg_assets.alerts.sending import Address
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import Request

if TYPE_CHECKING:
    from sg_assets.environment import Environment

DELIVERY_SECONDS = 1.0
LOOP_SECONDS = 2.0
BEAT_URL_SECONDS = 60.0
END_SECONDS = 12.0
BEAT_TIMEOUT = (3.0, 5.0)


class AlreadyRunningError(Exception):
    """Another watchdog delivers from the same outbox; two would say everything twice."""


@dataclass
class Watchdog:
    """The threads. `stopping` is set when it is to end."""

    couriers: Sequence[Courier]
    rounds: Rounds
    beat_url: str = field(default="", repr=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    say: Callable[[str], None] = lambda _text: None

    def run(self) -> bool:
        """Run until told to stop; says False when a part of it ended by itself, so that somebody starts it anew."""
        tasks = [threading.Thread(target=self._deliver, args=(one,), name=one.address) for one in self.couriers]
        if self.beat_url:
            tasks.append(threading.Thread(target=self._beat, name="beat"))
        for task in tasks:
            task.daemon = True
            task.start()
        while all(task.is_alive() for task in tasks):
            self._unless_busy(self.rounds.step)
            if self.stopping.wait(LOOP_SECONDS):
                break
        is_well = self.stopping.is_set()
        self.stopping.set()
        for task in tasks:
            task.join(END_SECONDS)
        return is_well

    def _deliver(self, courier: Courier) -> None:
        told = ""
        while not self.stopping.is_set():
            self._unless_busy(courier.deliver)
            failing = courier.failing
            if failing and failing[1] != told:
                self.say(f"{courier.address}: {failing[1]}")
            elif told and not failing:
                self.say(f"{courier.address}: takes messages again")
            told = failing[1] if failing else ""
            self.stopping.wait(DELIVERY_SECONDS)

    def _unless_busy(self, does: Callable[[], object]) -> None:
        """Do it; a store that is busy is asked again the next time."""
        try:
            does()
        except (OperationalError, InterfaceError) as error:
            self.say(f"the operations store does not answer: {error.orig}")

    def _beat(self) -> None:
        """Tell somebody outside that we are alive, so that our own death is noticed."""
        address = Address.of(self.beat_url)
        with Client(address.origin, name="beat", secrets=address.secrets, timeout=BEAT_TIMEOUT, patience=0) as http:
            while not self.stopping.is_set():
                try:
                    http.send(Request("GET", address.path), into=BytesIO())
                except SourceError as error:
                    self.say(str(error))
                self.stopping.wait(BEAT_URL_SECONDS)


def run(env: Environment, stream: TextIO) -> int:
    """Watch and deliver until SIGINT or SIGTERM; the exit code. The log channel writes to `stream`.

    Raises:
        AlreadyRunningError, EnvironmentProblem, RoutingError: nothing was started.
    """

    def say(text: str) -> None:
        stream.write(f"sg-assets watchdog: {text}\n")
        stream.flush()

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with _alone(env):
        table = routing.read()
        found = configured.channels(env, table, stream)
        operations = env.operations
        beats = operations.heartbeats()
        couriers = [
            Courier(address, channel, operations.outbox, table, env.clock, is_new=delivers_to(address) not in beats)
            for address, channel in found.channels.items()
        ]
        if env.name == environment.SANDBOX:
            say(f"delivers to {', '.join(found.channels)}; `sg-assets sandbox slack` shows what arrived")
        else:
            unused = [f"{kind} is not used, {' and '.join(unset)} not set" for kind, unset in found.missing.items()]
            say("; ".join([f"delivers to {', '.join(found.channels)}", *unused]))
        rounds = Rounds(operations, table, couriers, clock=env.clock, dagster=lambda: _dagster(env))
        dog = Watchdog(couriers, rounds, env.variables.get("SG_WATCHDOG_BEAT_URL") or "", stopping, say)
        is_well = dog.run()
        for courier in couriers:
            courier.channel.close()
        return 0 if is_well else 1


def dagster_url(env: Environment) -> str | None:
    """Where to ask Dagster: as the variables say, or as `sg-assets up` left it in the state folder."""
    if told := env.variables.get("SG_WATCHDOG_DAGSTER_URL") or env.variables.get("SG_DAGSTER_URL"):
        return told.rstrip("/")
    try:
        return str(json.loads((env.home / "dagster.json").read_text())["url"])
    except (FileNotFoundError, json.JSONDecodeError):  # not running, or just being written
        return None


def _dagster(env: Environment) -> Dagster | None:
    url = dagster_url(env)
    return ask(url) if url else None


@contextmanager
def _alone(env: Environment) -> Generator[None]:
    """Hold the lock of the outbox's deliverer; it is let go when the process ends, however it does."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 (needed here only)

    env.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(env.home / "watchdog.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        msg = f"another watchdog delivers already (it holds {env.home / 'watchdog.lock'})"
        raise AlreadyRunningError(msg) from None
    try:
        with env.operations.only_one("watchdog") as is_alone:
            if not is_alone:
                msg = (
                    "another watchdog delivers already, on another machine (it holds its lock in the operations store)"
                )
                raise AlreadyRunningError(msg)
            yield
    finally:
        lock.release()


def start(env: Environment) -> int:
    """As a program: what cannot start says so in one line; the exit code."""
    if env.is_clock_frozen:
        sys.stderr.write("sg-assets watchdog: the clock stands still (SG_CLOCK), so that nothing can be watched\n")
        return 1
    if env.target:
        sys.stderr.write(f"sg-assets watchdog: nobody is alerted of the development copy {env.target}\n")
        return 1
    try:
        return run(env, sys.stderr)
    except (AlreadyRunningError, environment.EnvironmentProblem, routing.RoutingError) as error:
        sys.stderr.write(f"sg-assets watchdog: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(start(environment.load()))
