"""Feeds end to end: objects that land in a bucket or do not, loaded by a run, and what is then said of the table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.columns import Column
from sg_assets.freshness.evaluate import State, Verdict, evaluate
from sg_assets.google import google_rule
from sg_assets.http import Client
from sg_assets.promise import HOURLY
from sg_assets.source import Arrival, Files, Row, Source, Variable
from sg_assets_tests.made_bucket import Objects, made_bucket
from sg_assets_tests.mini import DAY, HOUR, NOON, TODAY, Mini

ITEM = "raw_drop.item"
LOST = datetime(2025, 6, 5, 8, tzinfo=UTC)


@pytest.fixture
def bucket(mini: Mini) -> Iterator[Objects]:
    """A bucket with two feeds, of which a table of the project is read."""
    with made_bucket() as (_, objects):
        mini.more_sources.append(dropped(objects.vendor.url))
        yield objects


def put(objects: Objects, feed: str, *hours: int, at: str | None = None) -> None:
    """Objects of some hours of the day; each has one row, of the hour or of another time."""
    for hour in hours:
        row = {"at": at or f"{TODAY}T{hour:02}:30:00Z", "n": hour}
        objects.put(f"in/{TODAY}/{hour:02}/{feed}.ndjson.gz", row)


def judged(mini: Mini, after: timedelta = timedelta(0)) -> Verdict:
    """What is said of the table some time later, after one more run."""
    mini.later(after)
    mini.refresh(ITEM)
    return evaluate(mini.facts)[ITEM]


def dropped(url: str, lost: tuple[tuple[str, datetime], ...] = ()) -> Source:
    """A source of two feeds, of which an hour is waited for a day."""
    variable = Variable("SG_DROP_BUCKET", "Bucket.", default="made")

    def connect(base_url: str, _settings: object) -> Client:
        return Client(base_url, name="drop", rule=google_rule)

    source = Source("drop", "Objects.", "team:drop", HOURLY, connect, base_url=url, variables=(variable,))
    columns = (Column("at", "TIMESTAMP", "When."), Column("n", "INT64", "A number."))

    @source.files(Files(variable.name, "in", ("a", "b"), lost), columns=columns, event_column="at", open_days=1)
    def item(row: Row, _arrival: Arrival) -> Iterator[Row]:
        """One row per item."""
        yield row

    return source


def test_an_hour_that_is_missing_holds_the_verdict_and_is_named_in_its_reason(mini: Mini, bucket: Objects) -> None:
    put(bucket, "a", *range(6, 12))
    put(bucket, "b", 6, 7, 9, 10, 11)
    waiting = judged(mini)
    assert (waiting.state, waiting.data_through, waiting.since) == (State.LATE_SOON, LOST, LOST + 3 * HOUR)
    assert waiting.reason.endswith("promised within 3 h, waits for missing hours: b 2025-06-05T08h")
    late = judged(mini, 2 * HOUR)
    assert (late.state, late.since, [root.table for root in late.roots]) == (State.LATE, NOON + 2 * HOUR, [ITEM])
    put(bucket, "b", 8)
    assert judged(mini).data_through == NOON


def test_it_is_given_up_when_the_open_days_have_passed(mini: Mini, bucket: Objects) -> None:
    put(bucket, "a", *range(6, 12))
    put(bucket, "b", 6, 7, 9, 10, 11)
    judged(mini)
    almost = LOST + HOUR + DAY - NOON - timedelta(seconds=1)
    assert judged(mini, almost).data_through == LOST
    given_up = judged(mini, timedelta(seconds=1))
    assert given_up.data_through == NOON
    assert given_up.reason.endswith("waits for missing hours: a from 2025-06-05T12h on, b from 2025-06-05T12h on")


def test_it_holds_nothing_when_the_sources_file_lists_it_as_lost(mini: Mini, bucket: Objects) -> None:
    put(bucket, "a", *range(6, 12))
    put(bucket, "b", 6, 7, 9, 10, 11)
    judged(mini)
    mini.more_sources[:] = [dropped(bucket.vendor.url, lost=(("b", LOST),))]
    mini.__dict__.pop("project")  # another file: everything is declared anew
    found = judged(mini)
    assert (found.state, found.data_through) == (State.FRESH, NOON)
    assert "missing" not in found.reason


def test_one_dead_shard_of_two_is_named(mini: Mini, bucket: Objects) -> None:
    put(bucket, "a", *range(6, 12))
    put(bucket, "b", 6, 7)
    found = judged(mini)
    assert (found.state, found.data_through) == (State.LATE_SOON, LOST)
    assert found.reason.endswith("waits for missing hours: b from 2025-06-05T08h on")


def test_as_long_as_a_feed_never_delivered_no_data_has_landed(mini: Mini, bucket: Objects) -> None:
    put(bucket, "a", *range(6, 12))
    found = judged(mini)
    assert (found.state, found.data_through) == (State.NEVER_LANDED, None)
    assert found.reason == "no data yet, waits for missing hours: all of b"


def test_neither_events_nor_objects_of_the_year_2099_move_anything(mini: Mini, bucket: Objects) -> None:
    for feed in ("a", "b"):
        put(bucket, feed, 9, 10)
        put(bucket, feed, 11, at="2099-01-01T00:00:00Z")
    bucket.put("in/2099-01-01/00/a.ndjson.gz")
    found = judged(mini)
    assert (found.state, found.data_through, found.reason) == (
        State.FRESH,
        NOON,
        "complete to 2025-06-05 12:00, 0 min ago",
    )
    assert mini.rows("select count(*) from raw_drop.item") == [(4,)]


def test_empty_objects_are_up_to_date(mini: Mini, bucket: Objects) -> None:
    for hour in (9, 10, 11):
        for feed in ("a", "b"):
            bucket.put(f"in/{TODAY}/{hour:02}/{feed}.ndjson.gz")
    found = judged(mini)
    assert (found.state, found.data_through) == (State.FRESH, NOON)
    assert mini.states[ITEM].rows == 0
