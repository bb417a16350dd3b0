"""Programs are ended with everything they started, however little they cooperate."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sg_assets.process_group import ProcessGroup, is_alive, sweep

POLITE = "import time; print('ready', flush=True); time.sleep(60)"
DEAF = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, frame: print("heard", number, flush=True))
print("ready", flush=True)
while True:
    time.sleep(60)
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ProcessGroup]]:
    """Starts a program, whose group is told again by the alarm when it takes its time."""
    before = signal.getsignal(signal.SIGALRM)

    def start(*program: str) -> ProcessGroup:
        group = ProcessGroup([sys.executable, "-c", *program], folder=tmp_path, variables=os.environ, patience=1)
        signal.signal(signal.SIGALRM, group.end)
        return group

    yield start
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_the_exit_code_is_the_programs_own(start: Callable[..., ProcessGroup]) -> None:
    group = start("raise SystemExit(7)")
    assert group.wait() == 7
    assert group.exit_code == 7


def test_the_first_call_interrupts(start: Callable[..., ProcessGroup]) -> None:
    group = start(POLITE)
    group.end()
    assert group.wait() in {1, -signal.SIGINT}  # before or after Python was up to handle it
    assert not is_alive(group.id)


@pytest.mark.parametrize("child", [POLITE, DEAF], ids=["polite", "deaf"])
def test_what_a_program_leaves_behind_is_ended(start: Callable[..., ProcessGroup], child: str) -> None:
    group = start(PARENT, child)
    assert group.wait() == 0
    assert not is_alive(group.id)


def test_a_deaf_program_is_killed_in_bounded_time(
    start: Callable[..., ProcessGroup], capfd: pytest.CaptureFixture[str]
) -> None:
    group = start(DEAF)
    heard = ""
    while "ready" not in heard:
        heard += capfd.readouterr().out
        time.sleep(0.01)
    group.end()
    assert group.wait() == -signal.SIGKILL
    assert capfd.readouterr().out.split() == ["heard", "2", "heard", "15"]


def test_a_signal_to_our_terminal_does_not_reach_the_program(start: Callable[..., ProcessGroup]) -> None:
    group = start(POLITE)
    assert os.getpgid(group.id) != os.getpgrp()
    group.end()
    group.wait()


def test_sweeping_a_group_that_is_gone_is_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    ended.wait()
    sweep(ended.pid)
    assert not is_alive(ended.pid)
