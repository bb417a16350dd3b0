"""The watch, killed at every write of a tick: nothing is lost, and nothing is told twice."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from sg_assets.freshness.watch import WATCH
from sg_assets_tests.freshness.watching import MINUTE, look, shown, told
from sg_assets_tests.mini import HOUR, Mini


class Killed(Exception):  # noqa: N818 (what happens to a process is no error of it)
    pass


@contextmanager
def killed_at(write: int) -> Generator[None]:
    """Everything ends before this write to any store (reads change nothing, so that it is the same between them)."""
    seen = 0

    def kill(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        if statement.lstrip().split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            seen += 1
            if seen > write:
                raise Killed

    event.listen(Engine, "before_cursor_execute", kill)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", kill)


@dataclass(frozen=True)
class Life:
    """What was told and written over a breach and its recovery."""

    messages: list[tuple[str, str, str]]
    history: list[tuple[str, str, datetime]]
    is_shown_fresh: dict[str, bool]
    still_open: list[str]


def mend(mini: Mini) -> None:
    """Every table reaches up to now, as if a run had just been there."""
    states = {
        name: replace(state, seq=state.seq + 1, built_at=mini.now, data_through=mini.now)
        for name, state in mini.states.items()
        if state.has_landed
    }
    mini.env.operations.copy_states(mini.env.warehouse_id, states)


def life(folder: Path, built_once: Path, tick: Callable[[Mini], object]) -> Life:
    """The life of the small project, with a tick of this kind when it is late, when it is mended, and at the end."""
    with Mini(folder) as mini:
        mini.take_over(built_once)
        for file in (mini.tables / "m").glob("*.sql"):  # a root and one table below it are enough
            if file.stem != "left":
                file.unlink()
        look(mini)
        for pause, is_mended in ((9 * HOUR, False), (MINUTE, True), (3 * MINUTE, True)):
            mini.later(pause)
            if is_mended:
                mend(mini)
            mini.env.operations.beat(WATCH, mini.now - MINUTE)
            tick(mini)
            look(mini, MINUTE / 2)
        book = mini.env.operations.watch_book
        return Life(
            [(one.id, one.kind, one.title) for one in told(mini)],
            [(one.table, one.state, one.since) for one in book.transitions()],
            {name: shown(mini, name).passed for name in mini.project.graph.order},
            [one.id for one in book.open_incidents()],
        )


def test_wherever_it_is_killed_nothing_is_lost_and_nothing_told_twice(tmp_path: Path, built_once: Path) -> None:
    expected = life(tmp_path / "whole", built_once, look)
    assert [kind for _, kind, _ in expected.messages] == ["opened", "resolved"]
    assert set(expected.is_shown_fresh.values()) == {True}
    for write in count():
        kills: list[datetime] = []

        def tick(mini: Mini, write: int = write, kills: list[datetime] = kills) -> None:
            with killed_at(write):
                try:
                    look(mini)
                except Killed:
                    kills.append(mini.now)

        assert life(tmp_path / str(write), built_once, tick) == expected, f"killed before write {write}"
        if not kills:
            break
    assert write > 10
