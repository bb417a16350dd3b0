from datetime import UTC, datetime

from sg_assets.message import Kind, Message, Severity

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINKS = (("Table", "http://127.0.0.1:3000/assets/r/a"),)
MESSAGE = Message(
    "r.a/1", 2, Kind.GROWN, Severity.ERROR, "team:x", "r.a is late", ("Since noon.", "Why: «no»"), LINKS, NOON
)


def test_a_message_made_again_has_the_same_id() -> None:
    assert MESSAGE.id == "r.a/1#2"


def test_the_whole_of_it_in_plain_text() -> None:
    assert MESSAGE.text == "r.a is late\nSince noon.\nWhy: «no»\nTable: http://127.0.0.1:3000/assets/r/a"
