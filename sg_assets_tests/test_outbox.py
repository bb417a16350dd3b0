from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sg_assets.message import Kind, Message, Severity
from sg_assets.operations_tables import connect
from sg_assets.outbox import Delivery, Outbox

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINKS = (("Table", "http://127.0.0.1:3000/assets/r/a"),)
FIRST = Message("r.a/1", 1, Kind.OPENED, Severity.ERROR, "team:x", "r.a is late", ("Why: «no»",), LINKS, NOW)
SECOND = replace(FIRST, number=2, kind=Kind.RESOLVED, severity=Severity.INFO, created_at=NOW + MINUTE)
OTHER = replace(FIRST, incident="r.b/1", created_at=NOW - MINUTE)


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    made = connect(store_url)
    yield made
    made.dispose()


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return Outbox(engine)


def test_messages_come_back_as_they_were_in_the_order_in_which_they_were_added(outbox: Outbox, engine: Engine) -> None:
    outbox.add([FIRST, SECOND])
    outbox.add([OTHER])
    assert Outbox(engine).undelivered("log") == [FIRST, SECOND, OTHER]
    assert outbox.undelivered("log", since=NOW) == [FIRST, SECOND]
    assert outbox.messages("r.a/1") == [FIRST, SECOND]


def test_a_message_that_is_added_again_stays_as_it_was(outbox: Outbox) -> None:
    outbox.add([FIRST])
    outbox.add([replace(FIRST, title="another"), SECOND])
    assert outbox.undelivered("log") == [FIRST, SECOND]


def test_what_is_added_within_a_transaction_goes_with_it(outbox: Outbox, engine: Engine) -> None:
    with engine.connect() as connection:
        outbox.add([FIRST], connection)
        connection.rollback()
    assert outbox.undelivered("log") == []
    with engine.begin() as connection:
        outbox.add([FIRST], connection)
    assert outbox.undelivered("log") == [FIRST]


def test_each_channel_takes_a_message_once_and_its_receipts_are_kept(outbox: Outbox) -> None:
    outbox.add([FIRST, SECOND, OTHER])
    for number, message in enumerate([FIRST, SECOND, OTHER]):
        assert outbox.begin(message.id, "slack", NOW) == 1
        outbox.sent(message.id, "slack", {"ts": f"{number}.1"}, NOW + MINUTE)
    assert outbox.undelivered("slack") == []
    assert outbox.undelivered("email") == [FIRST, SECOND, OTHER]
    assert outbox.receipts("r.a/1", "slack") == {"r.a/1#1": {"ts": "0.1"}, "r.a/1#2": {"ts": "1.1"}}
    assert outbox.receipts("r.a/1", "email") == {}


def test_a_try_that_failed_or_ended_with_its_process_is_known_and_made_again(outbox: Outbox) -> None:
    outbox.add([FIRST])
    outbox.begin(FIRST.id, "slack", NOW)
    assert outbox.deliveries([FIRST.id, SECOND.id], "slack") == {FIRST.id: Delivery(1, NOW, None, {}, None, "")}
    outbox.failed(FIRST.id, "slack", "503", NOW + MINUTE)
    assert outbox.deliveries([FIRST.id], "slack")[FIRST.id].reason == "503"
    assert outbox.undelivered("slack") == [FIRST]
    assert outbox.begin(FIRST.id, "slack", NOW + MINUTE) == 2
    outbox.sent(FIRST.id, "slack", {}, NOW + 2 * MINUTE)
    assert outbox.deliveries([FIRST.id], "slack") == {
        FIRST.id: Delivery(2, NOW + MINUTE, NOW + 2 * MINUTE, {}, None, "")
    }


def test_what_was_not_begun_cannot_have_been_sent(outbox: Outbox) -> None:
    outbox.add([FIRST])
    with pytest.raises(KeyError, match="was not begun on slack"):
        outbox.sent(FIRST.id, "slack", {}, NOW)


def test_an_incident_is_open_until_it_is_resolved_and_its_newest_message_says_how_it_is(outbox: Outbox) -> None:
    digest = replace(OTHER, incident="digest:team:x/2026-11-18", kind=Kind.DIGEST)
    grown = replace(OTHER, number=2, kind=Kind.GROWN)
    outbox.add([FIRST, OTHER, grown, digest])
    assert outbox.still_open() == [FIRST, grown]
    outbox.add([SECOND])
    assert outbox.still_open() == [grown]
