"""Amplitude, written to: each project gets its own events with its own key, and takes none twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from sg_assets import discovery
from sg_assets.destination import Receipt, Send
from sg_assets.destinations.amplitude import to_amplitude
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.http.pace import pace
from sg_assets.sandbox.amplitude_memory import Memory
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets_tests.scripted_vendor import Answer, answering

ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)
NOW = ANCHOR + timedelta(hours=6)
SETTINGS = {"SG_AMPLITUDE_MANAGED_API_KEY": "m4naged", "SG_AMPLITUDE_DOTCOM_API_KEY": "d0tcom"}
MANAGED, DOTCOM = "Managed instances", "Dotcom"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(7, ANCHOR, 0.1, lambda: NOW, tmp_path_factory.mktemp("sandbox"))
    server = start(sandbox)
    yield sandbox, f"{server.url}/amplitude"
    server.stop()


@pytest.fixture(autouse=True)
def rested() -> None:
    """No call of another test to wait for."""
    pace.cache_clear()


def row(id_: str, project: str = DOTCOM, **other: object) -> dict[str, object]:
    return {
        "event_on": date(2026, 11, 20), "insert_id": id_, "project": project, "arrived_at": NOW - timedelta(hours=1),
        "event_type": "View Blob", "event_at": NOW - timedelta(hours=2), "user_id": f"{project}/user:7",
        "device_id": None, "app_version": "4.1", "event_properties": "{}", "user_properties": "{}", "ab_groups": "{}",
    } | other  # fmt: skip


def send(
    url: str, rows: list[dict[str, object]], settings: Mapping[str, str], waits: list[float] | None = None
) -> list[Receipt]:
    with to_amplitude.system.connect(url, settings) as client:
        assert isinstance(client, Client)
        client.patience = 0.0 if waits is None else 60.0
        client.sleep = (waits if waits is not None else list[float]()).append
        sending = to_amplitude.sendings["event"].send(Send(client, settings, NOW, pa.Table.from_pylist(rows)))
        return [receipt for receipts in sending for receipt in receipts]


def has(sandbox: Sandbox, number: str) -> list[object]:
    taken = Memory(sandbox.state_dir).taken(number, ANCHOR, ANCHOR + timedelta(days=1))
    return [one.fields["insert_id"] for one in taken]


def test_each_project_has_its_own_events_and_takes_none_twice(served: tuple[Sandbox, str]) -> None:
    sandbox, url = served
    rows = [row("a"), row("b", MANAGED), row("c")]
    receipts = send(url, rows, sandbox.settings("amplitude"))
    assert {(receipt.row["insert_id"], receipt.is_accepted) for receipt in receipts} == {
        ("a", True), ("b", True), ("c", True),
    }  # fmt: skip
    send(url, rows, sandbox.settings("amplitude"))  # as after a kill before the ledger was written
    found = {key: [one for one in has(sandbox, key) if one in {"a", "b", "c"}] for key in ("400102", "400101")}
    assert found == {"400102": ["a", "c"], "400101": ["b"]}


def test_a_wrong_key_is_one_clear_error_without_the_key(served: tuple[Sandbox, str]) -> None:
    sandbox, url = served
    wrong = {**sandbox.settings("amplitude"), "SG_AMPLITUDE_DOTCOM_API_KEY": "wr0ng"}
    with pytest.raises(SourceError, match=r"POST /batch: 400 .*Invalid API key.*Check the API key") as caught:
        send(url, [row("x")], wrong)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.CUT_BODY, Kind.TOO_MANY_REQUESTS])
def test_a_batch_is_sent_again_after_an_outage(served: tuple[Sandbox, str], kind: Kind) -> None:
    sandbox, url = served
    sandbox.faults.switch_on(kind, "amplitude", match="*batch*", count=1)
    waits: list[float] = []
    assert [
        receipt.is_accepted for receipt in send(url, [row(f"after {kind}")], sandbox.settings("amplitude"), waits)
    ] == [True]
    assert len(waits) == 1
    assert has(sandbox, "400102").count(f"after {kind}") == 1


@pytest.mark.parametrize(("rows", "requests"), [(0, 0), (1, 1), (2000, 1), (2001, 2)])
def test_two_thousand_events_go_in_one_request(rows: int, requests: int) -> None:
    def answer(asked: object) -> Answer:
        count = len(json.loads(asked.body)["events"])  # pyrefly: ignore[missing-attribute]
        return Answer.json({"code": 200, "events_ingested": count, "server_upload_time": 1_767_954_000_456})

    table = pa.Table.from_pylist([row(f"{number}") for number in range(rows)] or [row("x")]).slice(0, rows)
    with answering(answer) as vendor, to_amplitude.system.connect(vendor.url, SETTINGS) as client:
        sending = to_amplitude.sendings["event"].send(Send(client, SETTINGS, NOW, table))
        assert sum(len(receipts) for receipts in sending) == rows
    assert len(vendor.asked) == requests


def test_throttled_users_are_sent_last_and_hold_nobody_else() -> None:
    def answer(asked: object) -> Answer:
        events = json.loads(asked.body)["events"]  # pyrefly: ignore[missing-attribute]
        named = [place for place, event in enumerate(events) if event["insert_id"] == "hot"]
        if named:
            return Answer.json({"code": 429, "error": "Too many requests", "throttled_events": named}, 429)
        return Answer.json({"code": 200, "events_ingested": len(events), "server_upload_time": 1_767_954_000_456})

    waits: list[float] = []
    with answering(answer) as vendor, pytest.raises(ComeBackLater, match="1 events are of users or devices"):
        send(vendor.url, [row("hot", MANAGED), row("b", MANAGED), row("c")], SETTINGS, waits)
    told = [[event["insert_id"] for event in json.loads(asked.body)["events"]] for asked in vendor.asked]
    assert told == [["hot", "b"], ["b"], ["c"], ["hot"], ["hot"]]
    assert waits == [30.0, 30.0]


def test_anything_but_a_yes_is_none() -> None:
    with pytest.raises(SourceError, match=r"SG_AMPLITUDE_UPLOAD=off. Set it to events, or unset it\."):
        to_amplitude.system.connect("http://127.0.0.1:1", {**SETTINGS, "SG_AMPLITUDE_UPLOAD": "off"})


def test_european_projects_are_reached_in_europe() -> None:
    with to_amplitude.system.connect("https://api2.amplitude.com", {**SETTINGS, "SG_AMPLITUDE_REGION": "eu"}) as client:
        assert isinstance(client, Client)
        assert client.base_url == "https://api.eu.amplitude.com"


def test_the_examination_uploads_nothing_and_tells_a_wrong_key(served: tuple[Sandbox, str]) -> None:
    sandbox, url = served
    examine = to_amplitude.system.examination
    assert examine
    before = has(sandbox, "400102"), has(sandbox, "400101")
    settings = {**sandbox.settings("amplitude"), "SG_AMPLITUDE_DOTCOM_API_KEY": "wr0ng"}
    with to_amplitude.system.connect(url, settings) as client:
        found = list(examine(client, settings))
        assert client.calls == 2
    assert [(finding.subject, finding.is_permitted) for finding in found] == [
        ("upload to Managed instances", True), ("upload to Dotcom", False),
    ]  # fmt: skip
    assert "wr0ng" not in found[1].detail
    assert (has(sandbox, "400102"), has(sandbox, "400101")) == before


def test_its_ledger_notes_when_events_arrived_and_were_sent_and_not_what_they_say() -> None:
    ledger = discovery.graph()["sent_amplitude.event"]
    assert [wanted.table for wanted in ledger.inputs] == ["amplitude.event_export"]
    names = [column.name for column in ledger.columns]
    assert names == ["event_on", "insert_id", "project", "arrived_at", "sent_at", "is_accepted", "detail"]
    needed = {variable.name for variable in to_amplitude.system.variables if variable.default is None}
    assert needed == {*SETTINGS, "SG_AMPLITUDE_UPLOAD"}
