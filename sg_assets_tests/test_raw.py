"""How raw tables are fetched and landed, in runs of a small project and of the sandbox's buckets."""

from collections.abc import Iterator
from contextlib import closing

import dagster as dg
import pytest

from sg_assets import raw
from sg_assets.checks import judge
from sg_assets.columns import Column
from sg_assets.google import google_rule
from sg_assets.http import Client
from sg_assets.order import RANGE_END, RANGE_START
from sg_assets.promise import HOURLY
from sg_assets.session import Result
from sg_assets.source import Arrival, Files, Page, Pull, Row, Source, Variable
from sg_assets.warehouse.contract import Landing, Rejected
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_file import Settings
from sg_assets.warehouse.state import MISSING_HOURS
from sg_assets_tests.made_bucket import Objects, made_bucket
from sg_assets_tests.mini import DAY, HOUR, NOON, TODAY, Mini, replace_fetch, results, thing


def test_a_fetch_is_given_the_runs_instant_and_the_cursor_of_the_last_one(built: Mini) -> None:
    built.later(HOUR)
    built.refresh("raw_mini.thing")
    (pull,) = built.vendor.pulls["thing"]
    assert (pull.now, pull.cursor) == (NOON + HOUR, {"pulls": 1})


def test_a_run_that_stood_in_the_queue_does_not_fetch_what_was_fetched_since_it_was_asked_for(built: Mini) -> None:
    built.later(-HOUR)
    account = built.refresh("raw_mini.thing")
    assert [(report.result, report.reason) for report in account.tables] == [
        (Result.SKIPPED, "it was fetched since this run was asked for")
    ]
    assert built.states["raw_mini.thing"].data_through == NOON
    assert not built.vendor.pulls


def test_what_was_landed_is_told_with_the_calls_that_it_took(mini: Mini) -> None:
    mini.vendor.things.append({"id": 3, "colour": "red"})
    mini.refresh("raw_mini.thing")
    told = {name: value.value for name, value in mini.event("raw_mini.thing").metadata.items()}
    assert (told["dagster/row_count"], told["rows_changed"], told["api_calls"]) == (3, 3, 0)
    assert told["undeclared_fields"] == "colour"


def test_rows_that_do_not_fit_are_rejected_and_the_others_land(mini: Mini) -> None:
    mini.vendor.things.append({"id": "many", "name": "bin"})
    mini.refresh("raw_mini.thing")
    assert mini.states["raw_mini.thing"].rows == 2
    assert mini.event("raw_mini.thing").metadata["notes"].value == "1 rows rejected"
    ((reason,),) = mini.rows("select reason from raw_mini.thing__rejected")
    assert str(reason).startswith("id: INT64 expected")


def test_what_a_fetch_could_not_make_a_row_of_is_rejected_too(mini: Mini) -> None:
    def fetch(pull: Pull) -> Iterator[Page]:
        yield Page([thing(pull.now.hour, "nail", TODAY)], rejected=[Rejected("cut off", None, "0" * 64)])

    replace_fetch(mini, "raw_mini.thing", fetch)
    mini.refresh("raw_mini.thing")
    assert mini.rows("select reason from raw_mini.thing__rejected") == [("cut off",)]


def test_a_fetch_holds_nobody_up_and_what_landed_meanwhile_stays(built: Mini) -> None:
    table = built.project.graph["raw_mini.thing"]

    def fetch(pull: Pull) -> Iterator[Page]:
        settings = Settings(lock_timeout=0.0)  # whoever has to wait gives up at once
        with closing(DuckDBWarehouse(built.env.warehouse_path, built.env.name, settings=settings)) as other:
            seq = other.states()[table.name].seq
            other.land(table, [], Landing(pull.now, seq, pull.now, full=True, accept_shrink=True), judge)
        yield Page([thing(1, "bolt", TODAY)])

    replace_fetch(built, table.name, fetch)
    account = built.refresh(table.name)
    assert [(r.result, r.rows, r.reason) for r in account.tables] == [(Result.SKIPPED, 0, "landed meanwhile")]


def test_a_listing_of_under_half_is_refused_unless_it_is_taken_as_true(mini: Mini) -> None:
    mini.vendor.people = [{"id": n, "name": "Ada"} for n in range(5)]
    mini.refresh("raw_mini.person")
    del mini.vendor.people[2:]
    account = mini.refresh("raw_mini.person")
    assert results(account) == {"raw_mini.person": Result.FAILED}
    assert "--accept-shrink" in account.tables[0].reason
    assert results(mini.refresh("raw_mini.person", accept_shrink=True)) == {"raw_mini.person": Result.BUILT}
    assert mini.rows("select count(*) from raw_mini.person where _deleted_at is null") == [(2,)]


def test_a_delivery_that_is_not_sound_is_not_published_and_not_asked_for_again(mini: Mini) -> None:
    mini.vendor.people = []
    account = mini.refresh("raw_mini.person")
    assert results(account) == {"raw_mini.person": Result.FAILED}
    assert "may not be empty" in account.tables[0].reason
    assert len(mini.vendor.pulls["person"]) == 1
    assert not mini.states["raw_mini.person"].has_landed


def test_a_source_that_is_not_connected_says_so_when_somebody_runs_it_by_hand(mini: Mini) -> None:
    assert not mini.run("raw_other.extra").success
    (report,) = mini.told
    assert report.result is Result.FAILED
    assert report.reason == "raw_other.extra cannot be fetched: other is not connected: SG_OTHER_TOKEN not set"


def test_steps_wait_longer_before_each_further_try() -> None:
    policy = raw.RETRIES
    assert (policy.max_retries, policy.delay, policy.backoff) == (2, 5, dg.Backoff.EXPONENTIAL)
    assert policy.jitter


@pytest.fixture
def bucket(mini: Mini) -> Iterator[Objects]:
    """A bucket with objects for the last two hours but one, read by a table of the project."""
    with made_bucket() as (_, objects):
        mini.more_sources.append(dropped(objects.vendor.url))
        for hour in ("08", "09", "11"):
            objects.put(f"in/{TODAY}/{hour}/shard.ndjson.gz", {"at": f"{TODAY}T{hour}:30:00Z", "n": int(hour)})
        yield objects


def test_objects_are_read_once_and_again_when_they_change_and_a_missing_hour_is_waited_for(
    mini: Mini, bucket: Objects
) -> None:
    mini.refresh("raw_drop.item")
    assert len(bucket.downloads()) == 3
    assert mini.states["raw_drop.item"].data_through == NOON - 2 * HOUR
    assert mini.event("raw_drop.item").metadata[MISSING_HOURS].value == f"shard {TODAY}T10h"
    mini.refresh("raw_drop.item")
    assert bucket.downloads() == []
    bucket.put(f"in/{TODAY}/09/shard.ndjson.gz", {"at": f"{TODAY}T09:30:00Z", "n": 90})
    bucket.put(f"in/{TODAY}/10/shard.ndjson.gz")
    mini.refresh("raw_drop.item")
    assert bucket.downloads() == [f"in/{TODAY}/09/shard.ndjson.gz", f"in/{TODAY}/10/shard.ndjson.gz"]
    assert mini.rows("select n from raw_drop.item order by n") == [(8,), (11,), (90,)]
    assert mini.states["raw_drop.item"].data_through == NOON
    assert MISSING_HOURS not in mini.event("raw_drop.item").metadata


def test_the_objects_of_chosen_days_are_all_read_again(mini: Mini, bucket: Objects) -> None:
    day = TODAY - DAY
    bucket.put(f"in/{day}/23/shard.ndjson.gz", {"at": f"{day}T23:30:00Z", "n": 23})
    mini.refresh("raw_drop.item")
    bucket.downloads()
    mini.refresh("raw_drop.item", days=[day])
    assert bucket.downloads() == [f"in/{day}/23/shard.ndjson.gz"]
    in_the_ui = {RANGE_START: day.isoformat(), RANGE_END: day.isoformat()}
    assert mini.run("raw_drop.item", tags=in_the_ui).success
    assert bucket.downloads() == [f"in/{day}/23/shard.ndjson.gz"]


def test_everything_is_read_again_in_full_and_rows_of_objects_that_are_gone_go(mini: Mini, bucket: Objects) -> None:
    mini.refresh("raw_drop.item")
    del bucket.content[f"in/{TODAY}/11/shard.ndjson.gz"]
    mini.refresh("raw_drop.item", full=True)
    assert mini.rows("select n from raw_drop.item order by n") == [(8,), (9,)]
    assert mini.states["raw_drop.item"].data_through == NOON - 2 * HOUR


def dropped(url: str) -> Source:
    """A source whose objects land in a bucket."""
    variable = Variable("SG_DROP_BUCKET", "Bucket.", default="made")
    source = Source(
        "drop",
        "Objects.",
        "team:drop",
        HOURLY,
        lambda base_url, _settings: Client(base_url, name="drop", rule=google_rule),
        base_url=url,
        variables=(variable,),
    )
    columns = (Column("at", "TIMESTAMP", "When."), Column("n", "INT64", "A number."))

    @source.files(Files(variable.name, "in", ("shard",)), columns=columns, event_column="at")
    def item(row: Row, _arrival: Arrival) -> Iterator[Row]:
        """One row per item."""
        yield row

    return source
