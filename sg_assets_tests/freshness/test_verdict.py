from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.freshness.verdict import Root, because, in_words
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


def roots(*tables: str) -> tuple[Root, ...]:
    return tuple(Root(table, ("d.x", table) if table != "d.x" else ("d.x",)) for table in tables)


def test_a_cause_names_the_tables_at_the_root_and_counts_those_beyond_three() -> None:
    assert because("d.x", roots("r.a", "r.b"), None) == "because of r.a, r.b"
    assert because("d.x", roots("r.a", "r.b", "r.c", "r.d", "r.e"), None) == "because of r.a, r.b, r.c and 2 more"


def test_a_cause_in_the_table_itself_is_its_failure_if_it_is_known() -> None:
    assert because("d.x", roots("d.x"), "division by zero") == "division by zero"
    assert because("d.x", roots("d.x"), None) == "nothing above it explains it"
    both = because("d.x", roots("d.x", "r.a"), "division by zero")
    assert both == "because of r.a; it also fails by itself: division by zero"


def test_an_old_failure_is_not_told_where_the_table_is_no_root() -> None:
    assert because("d.x", roots("r.a"), "division by zero") == "because of r.a"
