"""The sandbox's Amplitude: what it takes, refuses and drops, and when it shows what it has."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sg_assets.sandbox import server
from sg_assets.sandbox.amplitude import AmplitudeApi, stand_in
from sg_assets.sandbox.amplitude_memory import FILE, Memory
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import NOW, made_up, move

KEY, SECRET = "sandbox-dotcom-key", "sandbox-dotcom-secret"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str]]:
    world = made_up(tmp_path_factory.mktemp("amplitude"))
    running = server.start(world)
    yield world, f"{running.url}/amplitude"
    running.stop()


@pytest.fixture
def world(served: tuple[Sandbox, str]) -> Sandbox:
    """Nothing was uploaded yet."""
    (Path(served[0].state_dir) / FILE).unlink(missing_ok=True)
    move(served[0], NOW)
    return served[0]


@pytest.fixture
def at(world: Sandbox, served: tuple[Sandbox, str]) -> str:  # noqa: ARG001 (empties it)
    return served[1]


def event(id_: str = "a", **other: object) -> dict[str, object]:
    return {"event_type": "View Home", "user_id": "site/user:1", "insert_id": id_, "time": 1_700_000_000_000} | other


def upload(at: str, *events: dict[str, object], key: str = KEY) -> requests.Response:
    return requests.post(f"{at}/batch", json={"api_key": key, "events": list(events)}, timeout=20)


def export(at: str, first: datetime, last: datetime, key: str = KEY, secret: str = SECRET) -> requests.Response:
    hours = {"start": f"{first:%Y%m%dT%H}", "end": f"{last:%Y%m%dT%H}"}
    return requests.get(f"{at}/api/2/export", params=hours, auth=(key, secret), timeout=20)


def shown(at: str, first: datetime, last: datetime) -> list[object]:
    answer = export(at, first, last)
    if answer.status_code == 404:
        return []
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = [line for name in archive.namelist() for line in gzip.decompress(archive.read(name)).splitlines()]
    return [json.loads(line)["$insert_id"] for line in lines]


def told(answer: requests.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, answer.json()


def test_what_it_takes_it_says_with_its_own_time(at: str) -> None:
    status, said = told(upload(at, event("a"), event("b")))
    assert (status, said["code"], said["events_ingested"]) == (200, 200, 2)
    assert said["server_upload_time"] == int(NOW.timestamp() * 1000)


def test_an_hour_is_complete_two_hours_after_its_end_and_a_part_of_it_is_shown_before(world: Sandbox, at: str) -> None:
    upload(at, event("early"))  # at half past
    move(world, NOW + 25 * MINUTE)
    upload(at, event("late"))
    hour = NOW.replace(minute=0)
    for minutes, seen in [(60, []), (95, ["early"]), (149, ["early", "late"]), (150, ["early", "late"])]:
        move(world, NOW + minutes * MINUTE)
        assert shown(at, hour, hour) == seen
    assert shown(at, hour - HOUR, hour - HOUR) == shown(at, hour + HOUR, hour + 9 * HOUR) == []
    assert shown(at, hour - HOUR, hour) == ["early", "late"]


def test_an_event_of_the_same_device_and_id_is_taken_once_and_told_as_taken(world: Sandbox, at: str) -> None:
    upload(at, event("a"))
    assert told(upload(at, event("a"), event("b")))[1]["events_ingested"] == 2
    move(world, NOW + 4 * HOUR)
    assert shown(at, NOW, NOW) == ["a", "b"]


def test_an_event_of_nobody_is_told_as_taken_and_dropped(world: Sandbox, at: str) -> None:
    assert told(upload(at, event("a", user_id=None, device_id="anonymous")))[0] == 200
    move(world, NOW + 4 * HOUR)
    assert shown(at, NOW, NOW) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"event_type": ""}, {"events_with_missing_fields": {"event_type": [1]}}),
        ({"user_id": None}, {"events_with_missing_fields": {"user_id": [1]}}),
        ({"time": "now"}, {"events_with_invalid_fields": {"time": [1]}}),
        ({"user_id": "u"}, {"events_with_invalid_id_lengths": {"user_id": [1]}}),
    ],
)
def test_events_that_are_wrong_are_named_by_their_places_and_none_is_taken(
    world: Sandbox, at: str, wrong: dict[str, object], named: dict[str, object]
) -> None:
    status, said = told(upload(at, event("a"), event("b", **wrong)))
    assert status == 400
    assert said.items() >= named.items()
    move(world, NOW + 4 * HOUR)
    assert shown(at, NOW, NOW) == []


def test_a_key_or_events_that_are_missing(at: str) -> None:
    assert told(upload(at, event(), key="nope")) == (400, {"code": 400, "error": "Invalid API key: nope"})
    assert told(upload(at))[1]["missing_field"] == "events"
    assert told(requests.post(f"{at}/batch", json={"events": []}, timeout=20))[1]["missing_field"] == "api_key"
    assert requests.post(f"{at}/batch", data=b"{", timeout=20).status_code == 400


def test_a_batch_of_over_two_thousand_is_too_large(at: str) -> None:
    assert told(upload(at, *[event(str(number)) for number in range(2001)])) == (
        413, {"code": 413, "error": "Payload too large"},
    )  # fmt: skip


def test_a_device_that_sends_too_much_is_named_and_another_is_not(world: Sandbox) -> None:
    memory = Memory(world.state_dir)
    api = AmplitudeApi(world, memory, a_second=1)
    devices = ["hot"] * 31 + ["cold"]
    refusal = api.throttled("400102", devices, NOW)
    assert refusal
    said = json.loads(bytes(refusal.body))
    assert (refusal.status_code, said["throttled_events"], said["eps_threshold"]) == (429, list(range(31)), 1)
    assert said["throttled_devices"] == {"hot": 1}
    assert api.throttled("400102", devices[1:], NOW) is None
    memory.take(NOW, "400102", [("hot", {"insert_id": "x"})])
    assert api.throttled("400102", devices[1:], NOW)
    assert api.throttled("400102", devices[1:], NOW + timedelta(seconds=30)) is None


def test_the_export_wants_both_keys_and_hours_it_can_read(at: str) -> None:
    assert export(at, NOW, NOW, KEY, "wr0ng").status_code == 403
    assert requests.get(f"{at}/api/2/export", timeout=20).status_code == 403
    assert requests.get(f"{at}/api/2/export", auth=(KEY, SECRET), timeout=20).status_code == 400
    assert export(at, NOW - timedelta(days=366), NOW).status_code == 400


def test_projects_see_their_own_events_only(world: Sandbox, at: str) -> None:
    upload(at, event("a"), key="sandbox-managed-key")
    move(world, NOW + 4 * HOUR)
    assert export(at, NOW, NOW).status_code == 404
    assert export(at, NOW, NOW, "sandbox-managed-key", "sandbox-managed-secret").status_code == 200


def test_a_field_that_nobody_declared(world: Sandbox, at: str) -> None:
    upload(at, event("a"))
    move(world, NOW + 4 * HOUR)
    world.faults.switch_on(Kind.UNKNOWN_FIELD, "amplitude", count=1, field="new")
    with_it, without = export(at, NOW, NOW).content, export(at, NOW, NOW).content
    assert with_it != without


def test_refusals_are_in_its_own_shape() -> None:
    assert {json.loads(stand_in.refuse(status).body)["code"] for status in (401, 403, 429)} == {401, 403, 429}
