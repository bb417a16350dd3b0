from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sg_assets.freshness.notes import Note
from sg_assets_tests.freshness.scenes import NOON, at

NOTE = Note("1", ("r.a",), "ada", "moving house", start=at(2), until=at(-2))


def test_a_note_excuses_from_its_start_up_to_its_end() -> None:
    active = [NOTE.is_active(at(hours)) for hours in (2.1, 2, 0, -1.9, -2)]
    assert active == [False, True, True, True, False]


def test_a_note_that_was_ended_excuses_no_longer() -> None:
    ended = replace(NOTE, ended_at=NOON)
    assert ended.is_active(NOON - timedelta(seconds=1))
    assert not ended.is_active(NOON)
    assert not replace(NOTE, ended_at=at(-5)).is_active(at(-3)), "ending it late does not lengthen it"


@pytest.mark.parametrize("missing", [{"tables": ()}, {"author": " "}, {"reason": ""}, {"until": at(2)}])
def test_a_note_for_nothing_or_by_nobody_is_refused(missing: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="note 1"):
        replace(NOTE, **missing)  # pyrefly: ignore[bad-argument-type]
