from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.lock import WriterLock

HOLDING = """
import sys
from pathlib import Path
from sg_assets.warehouse.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]), timeout=1)
lock.acquire("build crm.account")
print("held", flush=True)
sys.stdin.readline()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_free_lock_is_taken_at_once_and_says_by_whom(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "w", timeout=0)
    lock.acquire("land raw_crm.account")
    holder = lock.holder()
    assert holder is not None
    assert (lock.is_held, holder.pid, holder.what) == (True, os.getpid(), "land raw_crm.account")
    lock.release()
    assert (lock.is_held, lock.holder()) == (False, None)
    lock.release()  # again does no harm


def test_who_waits_hears_again_and_again_for_whom_and_for_how_long(tmp_path: Path) -> None:
    told: list[str] = []

    def hear(message: str) -> None:
        told.append(message)
        if len(told) == 3:
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()

    with hold(tmp_path / "w") as holder:
        lock = WriterLock(tmp_path / "w", timeout=20, on_wait=hear, tell_every=0.05)
        lock.acquire("mine")
    assert len(told) >= 3
    assert told[0] == f"{tmp_path / 'w'} is in use by process {holder.pid} (build crm.account) for 0 s; waiting"
    lock.release()


def test_who_waited_too_long_is_told_the_same(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "w", timeout=0.1, on_wait=lambda _: None, tell_every=0.03)
    with hold(tmp_path / "w") as holder:
        began = time.monotonic()
        with pytest.raises(WarehouseError, match=rf"process {holder.pid} \(build crm.account\).*gave up"):
            lock.acquire("mine")
        assert 0.1 <= time.monotonic() - began < 5
        assert not lock.try_acquire("mine")
        holder.communicate("\n")
    assert lock.try_acquire("mine")
    lock.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with hold(tmp_path / "w") as holder:
        holder.kill()
        holder.wait()
    lock = WriterLock(tmp_path / "w", timeout=1)
    lock.acquire("mine")
    assert lock.is_held
    lock.release()


def test_a_holder_that_has_not_said_who_it_is_is_another_process(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "w", timeout=0)
    (tmp_path / "w.lock.holder").write_text("{")
    assert lock.describe() == f"{tmp_path / 'w'} is in use by another process"
