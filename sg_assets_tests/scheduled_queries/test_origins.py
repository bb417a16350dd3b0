"""Queries over tables that another system fills: which of ours they read, and where that is not the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sg_assets.freshness.graph import Graph
from sg_assets.scheduled_queries.body import Refused
from sg_assets.scheduled_queries.draft import Draft, Wishes, draft
from sg_assets.scheduled_queries.origins import shown_by
from sg_assets.table import Delivery, Origin, Part, Reach
from sg_assets_tests.scheduled_queries.examples import EVENT, PERSON, PROJECT, config

PARTS = (Part("theirs.events", {"id": "id", "at": "happened", "person_id": "person_id"}),)
SHOWN = replace(EVENT, delivery=Delivery.WATCHED, origin=Origin("SG_X_DATASET", PARTS, Reach.COLUMN))
SEVERAL = replace(PERSON, origin=Origin("SG_X_DATASET", (*PARTS, *PARTS), Reach.TOLD))
GRAPH = Graph.of([SHOWN, PERSON])


def drafted(sql: str) -> Draft:
    return draft(config(sql), PROJECT, GRAPH, Wishes(), {}, shown_by(GRAPH, PROJECT))


def test_a_table_is_known_by_its_whole_name_and_parts_of_one_by_none() -> None:
    other = replace(SHOWN, origin=Origin("SG_X_TABLE", (replace(PARTS[0], table="fill.d.t"),), Reach.COLUMN))
    assert shown_by([PERSON, SHOWN, SEVERAL], "p") == {"p.theirs.events": SHOWN}
    assert shown_by([other], "p") == {"fill.d.t": other}


def test_the_file_depends_on_ours_and_says_so() -> None:
    made = drafted("select person_id, count(events.id) as n from `p-q.theirs.events` group by person_id")
    assert made.reads == ("raw_a.event",)
    assert made.declared
    assert [one.table for one in made.declared.inputs] == ["raw_a.event"]
    assert made.declared.sql.endswith("count(events.id) as n from raw_a.event as `events` group by person_id")
    assert "p-q.theirs.events became raw_a.event, which shows it (SG_X_DATASET)" in made.remarks
    assert [one.type for one in made.declared.columns] == ["INT64", "INT64"]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "select at, count(*) as n from theirs.events group by at",
            "reads at of theirs.events, which raw_a.event does",
        ),
        ("select * from theirs.events", "reads at of theirs.events.*docs/filled-tables.md says"),
        ("select happened from theirs.events", r"happened.* \(theirs\.events is read as raw_a\.event: docs/filled"),
    ],
)
def test_columns_that_mean_something_else_here_are_refused(sql: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        drafted(sql)
