"""How declared tables, their runs and their states look in Dagster."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets import asset_spec, discovery
from sg_assets.asset_spec import asset_key
from sg_assets.freshness.evaluate import State, evaluate
from sg_assets.promise import DAY, HOUR, Frozen, Promise
from sg_assets_tests.freshness.scenes import facts, pull, state
from sg_assets_tests.mini import FIRST_DAY, NOON, Mini

WEEKDAYS = Promise("0 15 * * 1-5", warn=30 * HOUR, fail=40 * HOUR, timezone="America/Los_Angeles")
PROMISES = [
    WEEKDAYS,
    Promise("0 6 * * 1-5", warn=5 * DAY, fail=11 * DAY, timezone="Asia/Kolkata"),
    Promise("0 6 * * 1,4", warn=30 * HOUR, fail=50 * HOUR, timezone="Europe/Berlin"),
    *dict.fromkeys(table.promise for table in discovery.graph() if isinstance(table.promise, Promise)),
]


def spec(mini: Mini, name: str) -> dg.AssetSpec:
    table = mini.project.graph[name]
    return asset_spec.asset_spec(table, asset_spec.daily(FIRST_DAY), {"sql"})


def test_names_and_keys_are_the_same_words() -> None:
    assert asset_key("crm.account") == dg.AssetKey(["crm", "account"])
    assert asset_spec.table_name(dg.AssetKey(["crm", "account"])) == "crm.account"
    assert asset_spec.sound_key("crm.account") == dg.AssetCheckKey(dg.AssetKey(["crm", "account"]), "sound")


def test_a_table_is_described_whole(mini: Mini) -> None:
    found = spec(mini, "m.extra")
    assert (found.key, found.group_name, found.owners) == (asset_key("m.extra"), "m", ["team:mini"])
    assert found.description == "All about extra."
    assert found.kinds == {"sql"}
    assert found.tags["delivery"] == "derived"
    assert found.tags["team"] == "research"
    assert [dep.asset_key for dep in found.deps] == [asset_key("raw_other.extra")]
    assert found.code_version == mini.project.graph["m.extra"].code_version
    assert found.metadata["sql"].value == "```sql\nselect id from raw_other.extra\n```"
    assert found.metadata["dagster/table_name"] == "m.extra"
    assert found.metadata["key"] == "id"
    assert "the check is right" in found.metadata["which freshness"]


def test_columns_have_types_descriptions_and_what_they_say_about_people(mini: Mini) -> None:
    id_, _, email, *_ = spec(mini, "raw_mini.person").metadata["dagster/column_schema"].columns
    assert (id_.name, id_.type, id_.description, id_.constraints.nullable) == ("id", "INT64", "Id.", False)
    assert (email.tags, email.constraints.nullable) == ({"class": "personal"}, True)


def test_code_references_lead_to_the_very_line(mini: Mini) -> None:
    for name, wanted in (("m.left", "/*"), ("raw_mini.person", "    @mini.pull(")):
        (place,) = spec(mini, name).metadata["dagster/code_references"].code_references
        assert Path(place.file_path).read_text().splitlines()[place.line_number - 1].startswith(wanted)


def test_a_window_of_days_is_a_mapping_of_partitions(mini: Mini) -> None:
    (dep,) = spec(mini, "m.trailing").deps
    assert dep.partition_mapping == dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=0)
    assert spec(mini, "m.trailing").partitions_def == asset_spec.daily(FIRST_DAY)
    assert [d.partition_mapping for d in spec(mini, "m.daily").deps] == [None]
    assert spec(mini, "m.left").partitions_def is None


def test_the_days_of_a_table_are_those_since_its_start_today_included() -> None:
    keys = asset_spec.daily(FIRST_DAY).get_partition_keys(current_time=NOON)
    assert (keys[0], keys[-1]) == ("2025-06-01", "2025-06-05")


@pytest.mark.parametrize(
    ("promise", "windows"),
    [
        (Promise("0 * * * *", warn=3 * HOUR, fail=6 * HOUR), (3 * HOUR, 6 * HOUR)),
        (WEEKDAYS, (30 * HOUR + 49 * HOUR, 40 * HOUR + 49 * HOUR)),  # a weekend, and an hour when clocks are set back
        (Frozen("gone"), None),
    ],
    ids=["every day", "weekdays", "frozen"],
)
def test_dagsters_own_window_is_the_promise_and_the_longest_time_that_does_not_count(
    mini: Mini, promise: Promise | Frozen, windows: tuple[timedelta, timedelta] | None
) -> None:
    table = replace(mini.project.graph["m.left"], promise=promise)
    expected = windows and dg.FreshnessPolicy.time_window(warn_window=windows[0], fail_window=windows[1])
    assert asset_spec.asset_spec(table, asset_spec.daily(FIRST_DAY), {"sql"}).freshness_policy == expected


@given(
    st.sampled_from(PROMISES),
    st.integers(0, 366 * 86400).map(lambda seconds: datetime(2025, 12, 20, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.integers(0, 90),
)
@settings(max_examples=10 * settings().max_examples)
def test_dagsters_own_window_never_alarms_where_ours_does_not(promise: Promise, written: datetime, hours: int) -> None:
    """Dagster's begins when a run last wrote the table, with data of that time or of some hours before."""
    judged = state("r.a", written - hours * HOUR, built_at=written)
    for window, bad in ((promise.fail, {State.LATE}), (promise.warn, {State.LATE, State.LATE_SOON})):
        alarms = written + promise.longest_span(window)
        assert evaluate(facts([pull("r.a", promise)], [judged], now=alarms))["r.a"].state in bad


def test_a_promise_in_words_says_why_dagsters_window_is_wider() -> None:
    assert asset_spec.describe_promise(Frozen("the shop is closed")) == "frozen: the shop is closed"
    words = asset_spec.describe_promise(WEEKDAYS)
    assert "`0 15 * * 1-5` (America/Los_Angeles)" in words
    assert "2 days, 1:00:00 wider" in words
    assert "wider" not in asset_spec.describe_promise(Promise("0 * * * *", warn=3 * HOUR, fail=6 * HOUR))


def test_a_materialization_says_how_many_rows_how_far_and_which_content(mini: Mini) -> None:
    mini.refresh("raw_mini.person", "m.right")
    event, state = mini.event("m.right"), mini.states["m.right"]
    told = {name: value.value for name, value in event.metadata.items()}
    assert told["dagster/row_count"] == 2
    assert told["data_through"] == NOON.timestamp()
    assert told["content_version"] == state.content_version
    assert (event.tags or {})["dagster/data_version"] == state.content_version
    assert (told["state_seq"], told["result"], told["reason"], told["rows_changed"]) == (1, "built", "never built", 2)
    assert isinstance(told["seconds"], float)
    assert told["preview"] == "| id | things |\n|---|---|\n| 1 | 1 |\n| 2 | 1 |"
