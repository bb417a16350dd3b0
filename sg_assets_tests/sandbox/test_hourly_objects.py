import json
from datetime import timedelta
from typing import Any

import pytest

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.hourly_objects import Bucket, Feed, Single
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, move, rows_of

FIRST = "things/2026-09-22/00/a.ndjson.gz"
LAST = "things/2026-11-21/01/a.ndjson.gz"


@pytest.fixture
def bucket(sandbox: Sandbox) -> Bucket:
    feeds = (
        Feed("things", "a", lambda hour: [f'{{"at":"{hour:%d %H}","n":{n}}}' for n in range(3)]),
        Feed("things", "b", lambda _hour: []),
        Feed("messages", "m", lambda _hour: ['{"data":"[{\\"n\\":1},{\\"n\\":2}]"}']),
    )
    return Bucket("made-up", "pings", sandbox, feeds, (Single("old/one.ndjson.gz", lambda: ['{"n":0}']),))


def rows(bucket: Bucket, name: str) -> list[dict[str, object]]:
    stored = bucket.find(name)
    assert stored is not None
    return rows_of(bucket.content(stored))


def test_every_hour_since_60_days_before_the_anchor_has_an_object_of_every_feed(bucket: Bucket) -> None:
    names = [stored.name for stored in bucket.objects("things/")]
    assert names[:3] == [FIRST, FIRST.replace("/a.", "/b."), FIRST.replace("/00/", "/01/")]
    assert names == sorted(names)
    assert 2 * (60 * 24 + 2) <= len(names) <= 2 * (60 * 24 + 3)


def test_an_object_exists_some_minutes_after_its_hour(bucket: Bucket, sandbox: Sandbox) -> None:
    for hour in range(3, 30):
        move(sandbox, ANCHOR + hour * HOUR + timedelta(seconds=119))
        newest = f"things/{ANCHOR + (hour - 1) * HOUR:%Y-%m-%d/%H}/"
        assert list(bucket.objects(newest)) == []
        move(sandbox, ANCHOR + hour * HOUR + timedelta(minutes=9, seconds=1))
        assert len(list(bucket.objects(newest))) == 2


def test_an_hour_in_which_nothing_happened_has_an_empty_object(bucket: Bucket) -> None:
    assert rows(bucket, FIRST.replace("/a.", "/b.")) == []


def test_listing_begins_after_a_name_and_keeps_to_its_prefix(bucket: Bucket) -> None:
    assert [stored.name for stored in bucket.objects("things/2026-11-20/23/")] == [
        "things/2026-11-20/23/a.ndjson.gz", "things/2026-11-20/23/b.ndjson.gz",
    ]  # fmt: skip
    assert len(list(bucket.objects("things/2026-11-20/"))) == 48
    assert len(list(bucket.objects("things/2026-11-1"))) == 10 * 48  # a prefix may end anywhere
    assert next(bucket.objects("things/", after="things/2026-11-21/01/a")).name == LAST
    assert [stored.name for stored in bucket.objects("old/")] == ["old/one.ndjson.gz"]
    for nothing in (
        "nothing/",
        "things/2026-02-31/",
        "things/2026-11-20/25/",
        "things/2025-11-20/",
        "things/2026-11-20x",
    ):
        assert list(bucket.objects(nothing)) == []


def test_what_was_served_never_changes(bucket: Bucket, sandbox: Sandbox) -> None:
    before = bucket.find(LAST)
    assert before is not None
    content = bucket.content(before)
    move(sandbox, ANCHOR + 40 * DAY)
    after = bucket.find(LAST)
    assert after is not None
    assert (after.generation, after.created_at, bucket.content(after)) == (
        before.generation,
        before.created_at,
        content,
    )


def test_a_feed_stops_and_goes_on(bucket: Bucket, sandbox: Sandbox) -> None:
    whole = [stored.name for stored in bucket.objects("things/")]
    since, until = "2026-11-20T22:00:00Z", "2026-11-21T01:00:00Z"
    sandbox.faults.switch_on(Kind.STOPPED_FEED, "pings", match="a", since=since, until=until)
    missing = set(whole) - {stored.name for stored in bucket.objects("things/")}
    assert sorted(missing) == [
        f"things/{hour}/a.ndjson.gz" for hour in ("2026-11-20/22", "2026-11-20/23", "2026-11-21/00")
    ]
    sandbox.faults.clear()
    assert [stored.name for stored in bucket.objects("things/")] == whole


def test_an_object_is_late(bucket: Bucket, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.LATE_OBJECT, "pings", match=LAST, until="2026-11-21T06:00:00Z")
    assert bucket.find(LAST) is None
    move(sandbox, ANCHOR + 6 * HOUR)
    assert bucket.find(LAST) is not None


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (Kind.CHANGED_OBJECT, {}, [1, 2]),
        (Kind.REPEATED_ROW, {}, [0, 1, 2, 0]),
        (Kind.NULL_VALUE, {"field": "n"}, [None, 1, 2]),
        (Kind.WRONG_VALUE, {"field": "n", "value": "x"}, ["x", 1, 2]),
    ],
)
def test_a_spoiled_object_counts_as_written_anew(
    bucket: Bucket, sandbox: Sandbox, kind: Kind, options: dict[str, Any], expected: list[object]
) -> None:
    before = bucket.find(LAST)
    sandbox.faults.switch_on(kind, "pings", match=LAST, **options)
    after = bucket.find(LAST)
    assert before is not None
    assert after is not None
    assert after.generation != before.generation
    assert [row["n"] for row in rows(bucket, LAST)] == expected
    assert [row["n"] for row in rows(bucket, FIRST)] == [0, 1, 2]
    sandbox.faults.clear()
    healed = bucket.find(LAST)
    assert healed is not None
    assert healed.generation == before.generation


def test_a_corrupt_line_does_not_parse_and_the_others_do(bucket: Bucket, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.CORRUPT_LINE, "pings", match=LAST)
    with pytest.raises(json.JSONDecodeError):
        rows(bucket, LAST)


def test_an_unknown_field_is_in_every_row_also_within_messages(bucket: Bucket, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "pings")
    assert all(row["surprise"] == "surprise" for row in rows(bucket, LAST))
    message = rows(bucket, LAST.replace("things", "messages").replace("/a.", "/m."))[0]
    assert message == {"data": '[{"n":1,"surprise":"surprise"},{"n":2,"surprise":"surprise"}]'}
