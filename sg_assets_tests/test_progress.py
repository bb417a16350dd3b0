"""What people see while a run goes on: on a terminal, and in a pipe."""

import time

import pytest

from sg_assets import discovery
from sg_assets.progress import LONG_SECONDS, Progress
from sg_assets.session import Report, Result

LONGEST = max(discovery.graph().tables, key=len)
MARKUP = "a [bold]word[/bold] ['x'] [/]"


@pytest.fixture(autouse=True)
def narrow_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def test_it_is_a_line_a_table_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress(Report(LONGEST, Result.BUILT, 12345678, 12.345), 24)
        progress(Report("m.b", Result.FAILED, None, 0.0, None, MARKUP + " and so on" * 12), 24)
    out, err = capsys.readouterr()
    assert out == ""
    assert max(map(len, err.splitlines())) <= 80
    first, second, *reason = err.splitlines()
    assert first.split() == ["1/24", LONGEST, "built", "12,345,678", "rows", "12.35", "s"]
    assert second.split() == ["2/24", "m.b", "failed", "0.00", "s"]
    assert " ".join(line.strip() for line in reason) == MARKUP + " and so on" * 12


def test_a_pipe_is_told_of_a_table_that_takes_long_once_and_of_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(long_seconds=0.05) as progress:
        progress.began("m.quick")
        progress(Report("m.quick", Result.BUILT, 1), 3)
        progress.began("m.long")
        time.sleep(0.2)
        progress(Report("m.long", Result.BUILT, 1), 3)
        progress.began("m.ended by Ctrl-C")
    time.sleep(0.1)
    said = [" ".join(line.split()[:3]) for line in capsys.readouterr().err.splitlines()]
    assert said == ["1/3 m.quick built", "m.long is running", "2/3 m.long built"]
    assert LONG_SECONDS == 2


def test_a_terminal_shows_the_table_that_is_running(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    with Progress() as progress:
        progress.began("m.[x]")
        progress(Report("m.[x]", Result.SKIPPED, 1), 1)
    err = capsys.readouterr().err
    assert "m.[x]" in err.partition("1/1")[0]
