"""A sync on demand: asked for once, followed to its own end, and nothing else of the connection is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.fivetran import stand_in
from sg_assets.sandbox.fivetran_requests import Requests
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets.sources.fivetran import connect, fivetran
from sg_assets.sources.fivetran.trigger import Ended, Following, sync
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import ANCHOR

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GITHUB, HUBSPOT, SALESFORCE = "amber_compass", "quiet_lantern", "brisk_harbor"
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)


@dataclass
class Place:
    """A sandbox of its own, whose time passes only while somebody sleeps."""

    now: datetime = ANCHOR + timedelta(hours=30, minutes=30)
    url: str = ""
    folder: Path = Path()
    sandbox: Sandbox = field(init=False)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def sync(self, connection: str, patience: timedelta = 2 * HOUR) -> Ended:
        with connect(self.url, stand_in.settings) as client:
            client.sleep = lambda _seconds: None
            return sync(client, connection, Following(lambda: self.now, self.sleep, patience))

    def connection(self, connection: str) -> dict[str, object]:
        with connect(self.url, stand_in.settings) as client:
            return dict(client.get_json(f"/v1/connections/{connection}")["data"])

    def asked(self) -> list[tuple[str, object]]:
        """What was asked for that changes something."""
        return [(one.what, dict(one.asked)) for one in Requests(self.folder).all()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(folder=tmp_path)
    made.sandbox = Sandbox(7, ANCHOR, 0.1, lambda: made.now, tmp_path)
    server = start(made.sandbox)
    made.url = f"{server.url}/{fivetran.name}"
    yield made
    server.stop()


def test_a_sync_is_followed_to_its_end(place: Place) -> None:
    begun = place.now
    before = place.connection(SALESFORCE)
    ended = place.sync(SALESFORCE)
    after = place.connection(SALESFORCE)
    assert ended.has_succeeded
    assert begun + 5 * MINUTE < ended.at <= place.now < ended.at + MINUTE
    assert before["succeeded_at"] != after["succeeded_at"] == f"{ended.at:%Y-%m-%dT%H:%M:%S.%f}Z"


def test_nothing_of_the_connection_is_changed(place: Place) -> None:
    kept = ("paused", "schedule_type", "sync_frequency", "daily_sync_time")
    before = place.connection(GITHUB)
    place.sync(GITHUB)
    after = place.connection(GITHUB)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert place.asked() == [("POST sync", {"force": False})]


def test_a_sync_that_fails_is_an_end_too(place: Place) -> None:
    place.now = ANCHOR + timedelta(days=3)  # everything that HubSpot is asked for fails then
    ended = place.sync(HUBSPOT)
    assert not ended.has_succeeded
    assert place.connection(HUBSPOT)["failed_at"] == f"{ended.at:%Y-%m-%dT%H:%M:%S.%f}Z"


def test_the_end_of_a_sync_that_ran_before_is_not_taken_for_ours(place: Place) -> None:
    place.now = ANCHOR + timedelta(hours=30, minutes=13)  # a scheduled one began a minute ago
    status = place.connection(GITHUB)["status"]
    assert isinstance(status, dict)
    assert status["sync_state"] == "syncing"
    ended = place.sync(GITHUB)
    (asked,) = Requests(place.folder).all()
    assert asked.at > ANCHOR + timedelta(hours=30, minutes=14)
    assert ended.at > asked.at + MINUTE


def test_two_syncs_one_after_the_other_have_two_ends(place: Place) -> None:
    first = place.sync(GITHUB)
    second = place.sync(GITHUB)
    assert second.at > first.at


def test_a_sync_that_takes_too_long_is_left_to_itself(place: Place) -> None:
    with pytest.raises(SourceError, match=r"no end within 0:02:00.* It goes on at Fivetran"):
        place.sync(SALESFORCE, patience=2 * MINUTE)
    status = place.connection(SALESFORCE)["status"]
    assert isinstance(status, dict)
    assert status["sync_state"] == "syncing"


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ("faded_meadow", "is paused.*Resume it"),
        ("early_thicket", "is incomplete.*Finish or repair"),
        ("no_such", "404 .*NotFound_Connection.*no_such"),
    ],
)
def test_what_cannot_sync_is_told_at_once(place: Place, connection: str, words: str) -> None:
    begun = place.now
    with pytest.raises(SourceError, match=words):
        place.sync(connection)
    assert place.now == begun
    assert place.asked() == []


def test_the_request_is_not_sent_again_where_it_may_have_been_heard(place: Place) -> None:
    place.sandbox.faults.switch_on(Kind.CUT_BODY, "fivetran", match="*/sync", count=1)
    with pytest.raises(SourceError, match="It may have been carried out"):
        place.sync(GITHUB)
    assert len(place.asked()) == 1
    place.sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "fivetran", match="*/sync", count=1, retry_after=3)
    place.now += 30 * MINUTE
    place.sync(GITHUB)
    assert len(place.asked()) == 2
    place.sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "fivetran", match="*/sync", count=1, retry_after=300)
    with pytest.raises(ComeBackLater):
        place.sync(GITHUB)


def connection(**fields: object) -> Answer:
    status: dict[str, object] = {"setup_state": "connected", "sync_state": "scheduled", "rescheduled_for": None}
    status |= {name: fields.pop(name) for name in list(fields) if name in status}
    item = {"id": "x", "paused": False, "schedule_type": "manual", "succeeded_at": None, "failed_at": None, **fields}
    return Answer.json({"code": "Success", "data": {**item, "status": status}})


def scripted_sync(answers: list[Answer]) -> tuple[Ended, list[str], datetime]:
    """The end of a sync at a vendor that gives these states one after the other, with what was asked."""
    left = list(answers)
    clock = [NOW]

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer.json({"code": "Success", "message": "Sync has been successfully triggered"})
        return left.pop(0)

    def sleep(seconds: float) -> None:
        clock[0] += timedelta(seconds=seconds)

    now: Callable[[], datetime] = lambda: clock[0]  # noqa: E731 (a clock that stands in the list)
    with answering(answer) as vendor, connect(vendor.url, stand_in.settings) as client:
        ended = sync(client, "x", Following(now, sleep, pause=10 * MINUTE))
    return ended, [asked.method for asked in vendor.asked], clock[0]


def test_a_manual_sync_that_was_put_off_is_asked_for_again_when_its_time_has_come() -> None:
    put_off: dict[str, object] = {
        "sync_state": "rescheduled",
        "rescheduled_for": f"{NOW + 15 * MINUTE:%Y-%m-%dT%H:%M:%SZ}",
    }
    ended, asked, _ = scripted_sync(
        [
            connection(),
            connection(**put_off),
            connection(**put_off),
            connection(**put_off),
            connection(sync_state="syncing"),
            connection(succeeded_at="2026-11-21T07:01:02.5Z"),
        ]
    )
    assert ended == Ended("x", datetime(2026, 11, 21, 7, 1, 2, 500_000, tzinfo=UTC), has_succeeded=True)
    assert asked == ["GET", "POST", "GET", "GET", "GET", "POST", "GET", "GET"]


def test_one_that_has_a_schedule_is_begun_again_by_fivetran_itself() -> None:
    put_off = {"sync_state": "rescheduled", "rescheduled_for": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "schedule_type": "auto"}
    _, asked, _ = scripted_sync(
        [connection(), connection(**put_off), connection(**put_off), connection(failed_at="2026-11-21T07:00:00Z")]
    )
    assert asked.count("POST") == 1


def test_the_newest_of_two_ends_is_the_syncs() -> None:
    ended, _, _ = scripted_sync(
        [
            connection(succeeded_at="2026-11-20T00:00:00Z", failed_at="2026-11-19T00:00:00Z"),
            connection(succeeded_at="2026-11-21T07:00:00Z", failed_at="2026-11-21T06:30:00Z"),
        ]
    )
    assert ended.has_succeeded
