from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.roots import Root
from sg_assets.freshness.verdict import State, Verdict, in_words
from sg_assets_tests.freshness.scenes import DAY, HOUR, at, derived, facts, pull, state


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=50), "50 min"),
        (2 * HOUR - timedelta(seconds=1), "119 min"),
        (2 * HOUR, "2 h"),
        (31 * HOUR + timedelta(minutes=59), "31 h"),
        (2 * DAY, "2 days"),
        (400 * DAY, "400 days"),
    ],
)
def test_a_span_is_said_as_a_person_would(span: timedelta, words: str) -> None:
    assert in_words(span) == words


def test_the_names_of_roots_are_had_without_the_ways_to_them() -> None:
    assert Verdict("d.x", State.LATE, "x", roots=(Root("r.a", ("d.x", "r.a")),)).root_names == ("r.a",)
    assert Verdict("d.x", State.FRESH, "x").root_names == ()
    found = evaluate(facts([pull("r.a"), derived("d.x", "r.a")], [state("r.a", at(99)), state("d.x", at(99))]))
    assert found["d.x"].root_names == ("r.a",)
