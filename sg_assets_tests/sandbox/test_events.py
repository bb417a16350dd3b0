import json

from sg_assets.sandbox.events import bucket_of
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import rows_of


def test_both_streams_have_an_object_every_hour(sandbox: Sandbox) -> None:
    bucket = bucket_of(sandbox)
    for stream in ("dotcom", "managed"):
        names = [stored.name for stored in bucket.objects(f"{stream}/2026-11-19/")]
        assert names == [f"{stream}/2026-11-19/{hour:02}/{stream}.ndjson.gz" for hour in range(24)]


def test_events_arrive_on_the_next_day_too(sandbox: Sandbox) -> None:
    bucket = bucket_of(sandbox)
    days = set()
    for stored in bucket.objects("managed/2026-11-20/"):
        for message in rows_of(bucket.content(stored)):
            days |= {event["timestamp"][:10] for event in json.loads(message["data"])}
    assert "2026-11-19" in days
    assert days <= {"2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"}


def test_an_hour_is_the_same_whenever_it_is_asked_for(sandbox: Sandbox) -> None:
    once, again = bucket_of(sandbox), bucket_of(sandbox)
    for name in ("dotcom/2026-11-18/14/dotcom.ndjson.gz", "managed/2026-11-18/14/managed.ndjson.gz"):
        stored = once.find(name)
        assert stored is not None
        assert once.content(stored) == again.content(stored)
        assert rows_of(once.content(stored))
