from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.freshness.verdict import because, in_words
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


def test_a_cause_names_the_first_tables_at_the_root_and_counts_the_others() -> None:
    assert because(["r.a", "r.b"], 0, None) == "because of r.a, r.b"
    assert because(["r.a", "r.b", "r.c"], 2, None) == "because of r.a, r.b, r.c and 2 more"


def test_a_cause_in_the_table_itself_is_its_failure_if_it_is_known() -> None:
    assert because([], 0, "division by zero") == "division by zero"
    assert because([], 0, None) == "nothing above it explains it"
    both = because(["r.a"], 0, "division by zero")
    assert both == "because of r.a; it also fails by itself: division by zero"
