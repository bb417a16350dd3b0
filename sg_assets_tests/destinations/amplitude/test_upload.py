"""Batches of events at a vendor that takes them, refuses some, has too many, or says nothing of some."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import pytest

from sg_assets.destination import Receipt
from sg_assets.destinations.amplitude import rule, upload
from sg_assets.destinations.amplitude.upload import Upload
from sg_assets.http import Client, SourceError
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering

AT = datetime(2026, 1, 9, 10, 15, 0, 123000, tzinfo=UTC)
TAKEN_MS = 1_767_954_000_456


def row(id_: str = "s/1", **other: object) -> dict[str, object]:
    return {
        "event_on": date(2026, 1, 9), "insert_id": id_, "project": "Dotcom", "event_type": "View Blob", "event_at": AT,
        "user_id": "sourcegraph.com/user:7", "device_id": None, "app_version": "4.1", "event_properties": '{"a":1}',
        "user_properties": '{"Is Registered":true}', "ab_groups": '{"b":true,"a":false}',
    } | other  # fmt: skip


def taking(*answers: Callable[[list[str]], Answer | None]) -> Callable[[Asked], Answer]:
    """A vendor that gives the answers one after the other, and then takes everything."""
    left = list(answers)

    def answer(asked: Asked) -> Answer:
        events = json.loads(asked.body)["events"]
        special = left.pop(0)([event["insert_id"] for event in events]) if left else None
        taken = {"code": 200, "events_ingested": len(events), "payload_size_bytes": 9, "server_upload_time": TAKEN_MS}
        return special or Answer.json(taken)

    return answer


def refusing(status: int, **told: object) -> Callable[[list[str]], Answer]:
    return lambda _ids: Answer.json({"code": status, "error": "so it is", **told}, status)


def sent(vendor: Vendor, rows: list[dict[str, object]]) -> tuple[list[Receipt], Upload]:
    with Client(vendor.url, name="amplitude", patience=0.0, rule=rule) as client:
        to = Upload(client, "k3y")
        return [receipt for receipts in to.send(rows) for receipt in receipts], to


def batches(vendor: Vendor) -> list[list[str]]:
    return [[event["insert_id"] for event in json.loads(asked.body)["events"]] for asked in vendor.asked]


def results(receipts: list[Receipt]) -> Mapping[object, tuple[bool, str | None]]:
    return {receipt.row["insert_id"]: (receipt.is_accepted, receipt.detail) for receipt in receipts}


def test_what_an_event_is_told_as() -> None:
    with answering(taking()) as vendor:
        receipts, _ = sent(vendor, [row()])
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("POST", "/batch")
    assert json.loads(asked.body) == {
        "api_key": "k3y",
        "events": [
            {
                "event_type": "View Blob",
                "time": 1_767_953_700_123,
                "insert_id": "s/1",
                "user_id": "sourcegraph.com/user:7",
                "app_version": "4.1",
                "event_properties": {"a": 1},
                "user_properties": {"Is Registered": True, "A/B Groups": ["a: false", "b: true"]},
            }
        ],
    }
    assert results(receipts) == {"s/1": (True, "2026-01-09T10:20:00.456+00:00")}


@pytest.mark.parametrize("groups", [None, "null", "[]", "{}"])
def test_without_groups_there_are_none(groups: str | None) -> None:
    with answering(taking()) as vendor:
        sent(vendor, [row(ab_groups=groups, event_properties=None, user_properties=None)])
    (event,) = json.loads(vendor.asked[0].body)["events"]
    assert (event["user_properties"], event["event_properties"]) == ({"A/B Groups": []}, {})


@pytest.mark.parametrize(
    "text", ['{"to":"jane.doe@example.com"}', '{"page":"https://x.io/jane%40example.com/"}', '{"a":{"b":["A+b@C.io"]}}']
)
def test_an_event_with_an_e_mail_address_never_leaves(text: str) -> None:
    with answering(taking()) as vendor:
        receipts, _ = sent(
            vendor, [row("s/1", event_properties=text), row("s/2", user_id="jane@example.com"), row("s/3")]
        )
    assert batches(vendor) == [["s/3"]]
    assert results(receipts)["s/1"] == results(receipts)["s/2"] == (False, "not sent: it holds an e-mail address")


@pytest.mark.parametrize("nobody", ["anonymous", "NULL", "unknown", "00000000-0000-0000-0000-000000000000", "", None])
def test_an_event_that_would_be_dropped_without_a_word_is_refused_here(nobody: str | None) -> None:
    with answering(taking()) as vendor:
        receipts, _ = sent(vendor, [row("s/1", user_id=None, device_id=nobody), row("s/2")])
    assert batches(vendor) == [["s/2"]]
    assert results(receipts)["s/1"] == (False, "not sent: Amplitude drops events of such ids")


def test_nothing_is_asked_where_there_is_nothing_to_send() -> None:
    with answering(taking()) as vendor:
        assert sent(vendor, [])[0] == []
    assert vendor.asked == []


def test_a_batch_is_no_larger_than_amplitude_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES", 600)
    with answering(taking()) as vendor:
        receipts, _ = sent(vendor, [row(f"s/{number}") for number in range(5)])
    assert batches(vendor) == [["s/0", "s/1"], ["s/2", "s/3"], ["s/4"]]
    assert len(receipts) == 5


def test_a_batch_that_is_too_large_is_sent_in_halves_and_a_single_event_is_refused() -> None:
    too_large = refusing(413)
    with answering(taking(too_large, too_large)) as vendor:
        receipts, _ = sent(vendor, [row("s/1"), row("s/2"), row("s/3")])
    assert batches(vendor) == [["s/1", "s/2", "s/3"], ["s/1"], ["s/2", "s/3"]]
    assert results(receipts)["s/1"] == (False, "too large for Amplitude")
    assert [accepted for accepted, _ in results(receipts).values()].count(True) == 2


def test_events_that_are_wrong_are_refused_and_the_others_are_sent_again() -> None:
    wrong = refusing(
        400,
        missing_field=None,
        events_with_missing_fields={"event_type": [0]},
        events_with_invalid_fields={"time": [2]},
        events_with_invalid_id_lengths={},
    )
    with answering(taking(wrong)) as vendor:
        receipts, _ = sent(vendor, [row("s/1"), row("s/2"), row("s/3")])
    assert batches(vendor) == [["s/1", "s/2", "s/3"], ["s/2"]]
    assert results(receipts) == {
        "s/1": (False, "missing fields: event_type"),
        "s/2": (True, "2026-01-09T10:20:00.456+00:00"),
        "s/3": (False, "invalid fields: time"),
    }


def test_the_others_are_sent_where_some_users_are_throttled() -> None:
    throttled = refusing(429, eps_threshold=1000, throttled_users={"u": 1200}, throttled_events=[1])
    with answering(taking(throttled)) as vendor:
        receipts, to = sent(vendor, [row("s/1"), row("s/2"), row("s/3")])
    assert batches(vendor) == [["s/1", "s/2", "s/3"], ["s/1", "s/3"]]
    assert (set(results(receipts)), [one["insert_id"] for one in to.throttled], to.is_daily) == (
        {"s/1", "s/3"}, ["s/2"], False,
    )  # fmt: skip
    with answering(taking()) as vendor, Client(vendor.url, name="amplitude") as client:
        to.http = client
        assert results([receipt for some in to.send_again() for receipt in some])["s/2"][0]
    assert (batches(vendor), to.throttled) == ([["s/2"]], [])


def test_a_quota_of_a_day_is_told_apart() -> None:
    used_up = refusing(429, exceeded_daily_quota_users={"u": 500_000}, throttled_users={"u": 9}, throttled_events=[0])
    with answering(taking(used_up)) as vendor:
        _, to = sent(vendor, [row("s/1")])
    assert (len(to.throttled), to.is_daily, len(vendor.asked)) == (1, True, 1)


@pytest.mark.parametrize("answer", [{"code": 200, "events_ingested": 1}, {"code": 200}, []])
def test_a_batch_of_which_not_all_were_taken_is_no_success(answer: object) -> None:
    with (
        answering(taking(lambda _ids: Answer.json(answer))) as vendor,
        pytest.raises(SourceError, match="of 2 events were taken, without a word of the others"),
    ):
        sent(vendor, [row("s/1"), row("s/2")])


@pytest.mark.parametrize("status", [400, 403, 502])
def test_any_other_refusal_is_an_error_that_does_not_show_the_key(status: int) -> None:
    with (
        answering(lambda _asked: refusing(status)([])) as vendor,
        pytest.raises(SourceError, match=f"{status}") as caught,
    ):
        sent(vendor, [row()])
    assert "k3y" not in str(caught.value)
