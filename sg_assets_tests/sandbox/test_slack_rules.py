"""What Slack refuses, by its documentation."""

from typing import Any

import pytest

from sg_assets.sandbox.slack_rules import refused


def text(written: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": written}


def section(written: str) -> dict[str, Any]:
    return {"type": "section", "text": text(written)}


GOOD = [
    {"type": "header", "text": text("h" * 150, "plain_text")},
    section("<@U123> <!subteam^S12|@us> <https://example.com/a?b=c|words> &lt;b&gt; " + "x" * 2000),
    {"type": "divider"},
    {"type": "context", "elements": [text("small")] * 10},
]


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"text": "hello", "blocks": GOOD}, None),
        ({"blocks": GOOD}, None),
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": 7}, "invalid_arguments"),
        ({"text": "x", "blocks": "[]"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section("x")] * 50}, None),
        ({"text": "x", "blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [section("x" * 3000)]}, None),
        ({"text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [section("x" * 3000)] * 4}, None),
        ({"text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [section("a < b")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "header", "text": text("h" * 151, "plain_text")}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "header", "text": text("h")}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "context", "elements": [text("x")] * 11}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "context", "elements": []}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "divider", "block_id": "b" * 256}]}, "invalid_blocks"),
        ({"text": "x", "metadata": {"event_type": "e", "event_payload": {}}}, None),
        ({"text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
    ],
)
def test_a_message_is_good_or_has_slacks_word_against_it(asked: dict[str, Any], word: str | None) -> None:
    assert refused(asked) == word


def test_an_edit_has_less_room_for_text() -> None:
    assert refused({"text": "x" * 4001}) is None
    assert refused({"text": "x" * 4001}, is_update=True) == "msg_too_long"
