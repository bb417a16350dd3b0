from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.freshness.verdict import in_words
from sg_assets_tests.freshness.scenes import DAY, HOUR


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
