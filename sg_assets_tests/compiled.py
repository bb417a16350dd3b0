"""Everything compiled once before the workers start: on a clean clone each of them would compile it all.

Test support. pytest keeps a test file compiled, its assertions rewritten, beside Python's own; as it has no public way
to ask for that without running the file, this takes its private one, of the version that the lock pins.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import pytest
from _pytest.assertion import AssertionState
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
    try_makedirs,
)


def compile_all(config: pytest.Config, ours: Path, tests: Path) -> None:
    """Compile what is below two folders and is not yet compiled: as Python wants it, and tests as pytest wants them."""
    if sys.dont_write_bytecode:
        return
    compileall.compile_dir(ours, quiet=1)
    state: AssertionState = config.stash[assertstate_key]
    for file in tests.rglob("test_*.py"):
        folder = get_cache_dir(file)
        kept = folder / f"{file.stem}{PYC_TAIL}"
        if try_makedirs(folder) and _read_pyc(file, kept, state.trace) is None:
            mark, code = _rewrite_test(file, config)
            _write_pyc(state, code, mark, kept)
