from __future__ import annotations

import pytest

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.reason import because
from sg_assets.table import Table
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import NOON, at, derived, facts, frozen, pull, state

TABLES = (pull("r.a"), derived("d.x", "r.a"))
LONG_AGO = {"r.a": at(1000), "d.x": at(1000), "r.old": at(1000)}


def told(table: str, *states: TableState, tables: tuple[Table, ...] = TABLES, **others: object) -> str:
    return evaluate(facts(tables, states, first_seen=LONG_AGO, **others))[table].reason


def test_a_cause_names_the_first_tables_at_the_root_and_counts_the_others() -> None:
    assert because(["r.a", "r.b"], 0, None) == "because of r.a, r.b"
    assert because(["r.a", "r.b", "r.c"], 2, None) == "because of r.a, r.b, r.c and 2 more"


def test_a_cause_in_the_table_itself_is_its_failure_if_it_is_known() -> None:
    assert because([], 0, "division by zero") == "division by zero"
    assert because([], 0, None) == "nothing above it explains it"
    both = because(["r.a"], 0, "division by zero")
    assert both == "because of r.a; besides, by itself: division by zero"


@pytest.mark.parametrize(
    ("table", "states", "reason"),
    [
        ("r.a", [], "no data yet, never fetched"),
        ("d.x", [], "no data yet, because of r.a"),
        ("r.a", [state("r.a", at(1))], "complete to 2026-11-18 11:00, 60 min ago"),
        (
            "r.a",
            [state("r.a", at(40), built_at=at(39))],
            "complete to 2026-11-16 20:00, 40 h ago, promised within 36 h, last fetched at 2026-11-16 21:00",
        ),
        (
            "d.x",
            [state("r.a", at(1)), state("d.x", at(40))],
            (
                "complete to 2026-11-16 20:00, 40 h ago, promised within 36 h,"
                " not built from what its inputs have since 2026-11-18 11:00"
            ),
        ),
        ("d.x", [state("r.a", at(1))], "no data yet, not built from what its inputs have since 2026-11-18 11:00"),
        (
            "d.x",
            [state("r.a", at(40), built_at=at(1)), state("d.x", at(60))],
            (
                "complete to 2026-11-16 00:00, 2 days ago, promised within 36 h, because of r.a;"
                " besides, by itself: not built from what its inputs have since 2026-11-18 11:00"
            ),
        ),
    ],
)
def test_where_nothing_is_known_to_have_failed_it_says_what_did_not_happen(
    table: str, states: list[TableState], reason: str
) -> None:
    assert told(table, *states) == reason


def test_what_never_changes_says_so() -> None:
    assert told("r.old", state("r.old", at(9000)), tables=(frozen("r.old"),)) == "never changes again"
    assert told("r.old", tables=(frozen("r.old"),)) == "no data yet, never fetched"


def test_of_what_was_built_after_now_the_lag_is_nothing() -> None:
    assert told("r.a", state("r.a", at(-1), built_at=at(-1))).endswith("13:00, 0 min ago")
    assert at(-1) > NOON
