"""A program that delivers one incident after the other, each time killed at another step, then left in peace.

    python -m sg_assets_tests.alerts.killed FOLDER KIND URL

`KIND` is `slack_bot` or `webhook`, `URL` where the stand-ins are. The delivery of incident `kill-<n>/1` was killed at
its n-th step: after a statement to the outbox, before its commit, or before or after a request to the vendor. Prints
how many steps there were. The child that is killed is forked, for speed; it does nothing but deliver.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from sg_assets.alerts.channel import Channel
from sg_assets.alerts.channels.slack_bot import SlackBot
from sg_assets.alerts.channels.webhook import Webhook
from sg_assets.alerts.deliver import Courier
from sg_assets.http.answers import Broken, Reply
from sg_assets.http.exchange import Exchange
from sg_assets.operations_tables import connect
from sg_assets.outbox import Outbox
from sg_assets.sandbox import slack, webhook
from sg_assets_tests.alerts.telling import NOON, MovableClock, life, routing

MOST_STEPS = 500
Step = Callable[[], None]


def killer(kill_at: int | None) -> Step:
    """Counts steps, and ends the process the hard way at the chosen one."""
    steps = 0

    def step() -> None:
        nonlocal steps
        if steps == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    return step


def channel(kind: str, url: str) -> tuple[str, Channel]:
    """A channel to the stand-ins, and its address."""
    if kind == "slack_bot":
        return "slack_bot:C0DATAALERTS", SlackBot(f"{url}/slack/api", slack.TOKEN, "C0DATAALERTS")
    return "webhook", Webhook(f"{url}/webhook{webhook.PATH}")


def outbox_with_steps(store: str, step: Step) -> Outbox:
    """The outbox, with a step after each statement and before each commit."""
    engine = connect(store)
    box = Outbox(engine)

    def around(*_: object) -> None:
        step()

    event.listen(engine, "after_cursor_execute", around)
    event.listen(engine, "commit", around)
    return box


def take_steps_when_sending(step: Step) -> None:
    """A step before and after each request: after it, the vendor has it and we have not heard of it."""
    send = Exchange.send

    def stepping(self: Exchange, *asked: Any) -> Reply | Broken:  # noqa: ANN401 (handed on)
        step()
        answer = send(self, *asked)
        step()
        return answer

    Exchange.send = stepping  # pyrefly: ignore[bad-assignment, method-assign]


def deliver(store: str, kind: str, url: str, step: Step) -> None:
    """Deliver what there is, until nothing is left."""
    take_steps_when_sending(step)
    address, made = channel(kind, url)
    courier = Courier(address, made, outbox_with_steps(store, step), routing(address), MovableClock())
    while courier.deliver():
        pass


def in_a_child(work: Callable[[], None]) -> bool:
    """Do it in a child of its own; says whether the child was left in peace."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended not in {0, -signal.SIGKILL}:
        sys.exit(f"a child ended with {ended}")
    return ended == 0


def main(folder: Path, kind: str, url: str) -> int:
    """How many steps a delivery has."""
    store = f"sqlite:///{folder / 'operations.sqlite'}"
    address, first = channel(kind, url)  # what is slow the first time is done here, not in every child
    engine = connect(f"sqlite:///{folder / 'first.sqlite'}")
    Outbox(engine).add(life("first/1", at=NOON))
    Courier(address, first, Outbox(engine), routing(address), MovableClock()).deliver()
    engine.dispose()
    first.close()
    gc.freeze()  # nor need a child look through what it has from here
    for kill_at in range(MOST_STEPS):
        engine = connect(store)
        Outbox(engine).add(life(f"kill-{kill_at}/1", at=NOON))
        engine.dispose()
        if in_a_child(lambda n=kill_at: deliver(store, kind, url, killer(n))):
            return kill_at
        in_a_child(lambda: deliver(store, kind, url, killer(None)))
    sys.exit("it never came to its end")


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])}\n")
