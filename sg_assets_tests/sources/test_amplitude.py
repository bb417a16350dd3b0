"""The Export API of Amplitude, read by whole hours over HTTP, as the vendor documents it and as it goes wrong."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.http.pace import pace
from sg_assets.sandbox.amplitude_memory import FILE, Memory
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources.amplitude import amplitude
from sg_assets.table import Window
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 21, 9, 59, tzinfo=UTC)
NEWEST = datetime(2026, 11, 21, 6, tzinfo=UTC)
"""The newest hour that can be had: it ended two hours before the one that it is."""
SETTINGS = {
    "SG_AMPLITUDE_MANAGED_API_KEY": "mk", "SG_AMPLITUDE_MANAGED_SECRET_KEY": "m4naged",
    "SG_AMPLITUDE_DOTCOM_API_KEY": "dk", "SG_AMPLITUDE_DOTCOM_SECRET_KEY": "d0tcom", "SG_AMPLITUDE_REGION": "us",
}  # fmt: skip
NONE = Answer(404, b"Raw data files were not found.", {"Content-Type": "text/plain"})
DOCUMENTED = {
    "server_received_time": "2026-11-21 05:06:07.100000", "app": 123456, "device_carrier": None, "$schema": 12,
    "city": "San Francisco", "user_id": "site/user:7", "uuid": "8b8b2c1e-7ac0-11ea-bf21-06a1d2a3a7a4",
    "event_time": "2026-11-21 05:00:00.123456", "platform": None, "os_version": None, "amplitude_id": 123456789012,
    "processed_time": "2026-11-21 05:06:50.000000", "version_name": "4.1.2", "ip_address": "127.0.0.1",
    "paying": None, "dma": None, "group_properties": {}, "user_properties": {"Is Registered": True},
    "client_upload_time": "2026-11-21 05:06:07.000000", "$insert_id": "site/ins-1", "event_type": "View Home",
    "library": "http/2.0", "amplitude_attribution_ids": None, "device_type": None, "start_version": None,
    "location_lng": None, "server_upload_time": "2026-11-21 05:06:07.200000", "event_id": 5, "location_lat": None,
    "os_name": None, "groups": {}, "event_properties": {"Source": "WEB"}, "data": {"path": "/batch"},
    "device_id": "8682c502", "language": None, "country": "United States", "region": "California",
    "session_id": -1, "device_family": None, "sample_rate": None, "client_event_time": "2026-11-21 05:00:00.123000",
}  # fmt: skip


def archive(*hours: Sequence[Mapping[str, object]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for place, events in enumerate(hours):
            lines = "".join(json.dumps(event) + "\n" for event in events)
            made.writestr(f"123456/123456_2026-11-21_{place}#0.json.gz", gzip.compress(lines.encode()))
    return packed.getvalue()


def zipped(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": "application/zip"})


def pulled(url: str, cursor: Mapping[str, object] | None, now: datetime = NOW) -> tuple[list[Page], int]:
    """What a pull gives, and how many calls it took."""
    pace.cache_clear()
    fetch = amplitude.tables["raw_amplitude.export_event"].fetch
    assert fetch
    with amplitude.connect(url, SETTINGS) as client:
        client.patience = 0.0
        return list(fetch(Pull(client, SETTINGS, now, cursor))), client.calls


def since(hour: datetime) -> dict[str, object]:
    return {"next_hour": hour.isoformat()}


def rows(pages: Sequence[Page]) -> list[Mapping[str, object]]:
    return [row for page in pages for row in page.rows]


def is_dotcom(asked: Asked) -> bool:
    return asked.headers["Authorization"] == "Basic " + b64encode(b"dk:d0tcom").decode()


def test_an_event_in_the_documented_shape() -> None:
    def answer(asked: Asked) -> Answer:
        return zipped(archive([DOCUMENTED])) if is_dotcom(asked) else NONE

    with answering(answer) as vendor:
        pages, calls = pulled(vendor.url, since(NEWEST))
    assert calls == 2
    assert {(asked.path, asked.query["start"], asked.query["end"]) for asked in vendor.asked} == {
        ("/api/2/export", "20261121T06", "20261121T06")
    }
    (row,) = rows(pages)
    assert row == {
        "project": "Dotcom", "uuid": "8b8b2c1e-7ac0-11ea-bf21-06a1d2a3a7a4", "insert_id": "site/ins-1",
        "event_type": "View Home", "event_at": "2026-11-21 05:00:00.123456+00:00",
        "client_event_at": "2026-11-21 05:00:00.123000+00:00", "received_at": "2026-11-21 05:06:07.100000+00:00",
        "uploaded_at": "2026-11-21 05:06:07.200000+00:00", "processed_at": "2026-11-21 05:06:50.000000+00:00",
        "user_id": "site/user:7", "device_id": "8682c502", "amplitude_id": 123456789012, "event_number": 5,
        "session_number": -1, "app_number": 123456, "platform": None, "app_version": "4.1.2", "library": "http/2.0",
        "event_properties": {"Source": "WEB"}, "user_properties": {"Is Registered": True}, "groups": {},
        "group_properties": {},
    }  # fmt: skip
    assert pages[-1] == Page((), since(NEWEST + HOUR), covers=Window("uploaded_at", NEWEST, NEWEST + HOUR))


def test_a_field_that_nobody_knows_is_kept_and_those_of_our_server_are_not() -> None:
    with answering(lambda _asked: zipped(archive([DOCUMENTED | {"brand_new": 1}]))) as vendor:
        (row, _) = rows(pulled(vendor.url, since(NEWEST))[0])
    assert row["brand_new"] == 1
    assert "ip_address" not in row


@pytest.mark.parametrize(("minute", "newest"), [(0, NEWEST), (59, NEWEST)])
def test_an_hour_is_asked_for_only_when_it_is_complete(minute: int, newest: datetime) -> None:
    with answering(lambda _asked: NONE) as vendor:
        pages, _ = pulled(vendor.url, since(newest - HOUR), NOW.replace(minute=minute))
    assert {asked.query["end"] for asked in vendor.asked} == {f"{newest:%Y%m%dT%H}"}
    assert pages[-1].cursor == since(newest + HOUR)


def test_with_nothing_new_nothing_is_asked() -> None:
    with answering(lambda _asked: NONE) as vendor:
        assert pulled(vendor.url, since(NEWEST + HOUR)) == ([], 0)


def test_the_first_pull_asks_for_thirty_days_by_the_week() -> None:
    with answering(lambda _asked: NONE) as vendor:
        pages, calls = pulled(vendor.url, None)
    assert calls == 2 * 5
    covers = [page.covers for page in pages if page.covers]
    assert (covers[0].low, covers[-1].high) == (NEWEST - 30 * DAY, NEWEST + HOUR)
    assert all(one.high == other.low for one, other in pairwise(covers))
    assert rows(pages) == []


@pytest.mark.parametrize("status", [400, 504])
def test_what_is_too_much_at_once_is_asked_for_in_halves(status: int) -> None:
    def answer(asked: Asked) -> Answer:
        first, last = (
            datetime.strptime(asked.query[name], "%Y%m%dT%H").replace(tzinfo=UTC) for name in ("start", "end")
        )
        return Answer(status, b"too large") if last - first >= 3 * HOUR else NONE

    with answering(answer) as vendor:
        pages, _ = pulled(vendor.url, since(NEWEST - 7 * HOUR))
    covers = [page.covers for page in pages if page.covers]
    assert (covers[0].low, covers[-1].high, len(covers)) == (NEWEST - 7 * HOUR, NEWEST + HOUR, 4)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(400, b"4 GB"), r"GET /api/2/export: 400 4 GB\. .*over 4 GB .*S3"),
        (Answer(504, b"<html>Timeout</html>"), r"504 Timeout\. .*takes too long to export"),
        (Answer(403, b"Forbidden"), r"403 Forbidden\. .*check the project's API key and secret key"),
        (Answer(404, b"<p>Not here</p>", {"Content-Type": "text/html"}), r"404 Not here\. .*no answer of the"),
        (zipped(b"PK not really a zip"), r"the export of Managed instances is damaged \(BadZipFile\)"),
        (zipped(archive([DOCUMENTED])[:-30]), r"is damaged \(BadZipFile\)"),
        (Answer(200, archive([DOCUMENTED]), sent=100), r"the body was cut"),
        (Answer(502, b"<html>Bad gateway</html>"), r"502 Bad gateway"),
    ],
    ids=["large", "slow", "keys", "elsewhere", "no zip", "short zip", "cut", "outage"],
)  # fmt: skip
def test_what_goes_wrong_is_one_clear_error_and_never_no_data(answer: Answer, told: str) -> None:
    with answering(lambda _asked: answer) as vendor, pytest.raises(SourceError, match=told) as caught:
        pulled(vendor.url, since(NEWEST))
    assert not any(secret in str(caught.value) for secret in SETTINGS.values() if len(secret) > 2)


def packed(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive_:
        archive_.writestr("1/1_2026-11-21_5#0.json.gz", content)
    return made.getvalue()


def test_every_file_is_read_to_its_last_byte() -> None:
    line = gzip.compress(json.dumps(DOCUMENTED).encode())
    whole = packed(line)
    place = whole.index(line) + 40
    flipped = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    damaged = {
        "a bit": (flipped, "is damaged in 1/1_2026"),
        "its end": (packed(line[:-12]), "damaged"),
        "its sum": (packed(line[:-8] + b"\0" * 8), "damaged"),
        "its lines": (packed(gzip.compress(b'{"uuid": ')), "damaged"),
    }
    for body, told in damaged.values():
        with answering(lambda _asked, body=body: zipped(body)) as vendor, pytest.raises(SourceError, match=told):
            pulled(vendor.url, since(NEWEST))


def test_a_project_without_data_does_not_hold_the_other() -> None:
    def answer(asked: Asked) -> Answer:
        return zipped(archive([DOCUMENTED], [DOCUMENTED | {"uuid": "2"}])) if is_dotcom(asked) else NONE

    with answering(answer) as vendor:
        assert [row["project"] for row in rows(pulled(vendor.url, since(NEWEST))[0])] == ["Dotcom"] * 2


def test_european_projects_are_reached_in_europe() -> None:
    with amplitude.connect("https://amplitude.com", SETTINGS | {"SG_AMPLITUDE_REGION": "eu"}) as client:
        assert isinstance(client, Client)
        assert client.base_url == "https://analytics.eu.amplitude.com"


@pytest.fixture
def uploaded(world: World) -> World:
    """The sandbox, where two events were uploaded at 05:20 and one two hours later; it is 09:59."""
    (Path(world.sandbox.state_dir) / FILE).unlink(missing_ok=True)
    memory = Memory(world.sandbox.state_dir)
    five = datetime(2026, 11, 21, 5, 20, tzinfo=UTC)
    event = {"event_type": "View Home", "user_id": "site/user:1", "time": 1_763_700_000_000}
    memory.take(five, "400101", [("d1", event | {"insert_id": "a"})])
    memory.take(five, "400102", [("d1", event | {"insert_id": "b"})])
    memory.take(five + 2 * HOUR, "400102", [("d1", event | {"insert_id": "c"})])
    world.now = NOW
    return world


def test_the_stand_in_gives_what_was_uploaded_hour_by_hour(uploaded: World) -> None:
    pages = uploaded.pages(amplitude, "export_event")
    assert {(row["project"], row["insert_id"]) for row in rows(pages)} == {("Managed instances", "a"), ("Dotcom", "b")}
    uploaded.now = NOW + HOUR
    again = uploaded.pages(amplitude, "export_event", pages[-1].cursor)
    assert [row["insert_id"] for row in rows(again)] == ["c"]
    assert uploaded.pages(amplitude, "export_event", again[-1].cursor) == []


def test_an_outage_of_the_stand_in_is_waited_out(uploaded: World) -> None:
    uploaded.sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "amplitude", count=1)
    uploaded.sandbox.faults.switch_on(Kind.CUT_BODY, "amplitude", count=1)
    assert len(rows(uploaded.pages(amplitude, "export_event"))) == 2


def test_the_examination_asks_each_project_once_and_no_data_is_a_yes(uploaded: World) -> None:
    assert amplitude.examination
    settings = {**uploaded.settings(amplitude), "SG_AMPLITUDE_DOTCOM_SECRET_KEY": "wr0ng"}
    with uploaded.client(amplitude) as client:
        found = list(amplitude.examination(client, settings))
        assert client.calls == 2
    assert [(finding.subject, finding.is_permitted) for finding in found] == [
        ("export of Managed instances", True), ("export of Dotcom", False),
    ]  # fmt: skip
    assert "wr0ng" not in found[1].detail
