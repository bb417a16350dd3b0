"""What Slack refuses of a message, in its own words, so that a message that passes here passes there.

From docs.slack.dev: reference/methods/chat.postMessage (errors), reference/block-kit/blocks (limits). The limit of all
blocks together is undocumented (github.com/slackapi/bolt-js/issues/2509).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_BLOCKS, MOST_IN_ALL = 50, 13_200
MOST_TEXT, MOST_TEXT_OF_UPDATE = 40_000, 4_000
HEADER, TEXT, ELEMENTS, BLOCK_ID = 150, 3000, 10, 255
KNOWN_BLOCKS = {"header", "section", "context", "divider"}
MENTION = re.compile(r"<(?:@[UW]\w+|!subteam\^S\w+|#C\w+|!here|!channel|https?://[^|>\s]+)(?:\|[^<>]*)?>|[^<>]")

Asked = Mapping[str, Any]


def refused(asked: Asked, *, is_update: bool = False) -> str | None:
    """The error that Slack would answer with; None where the message is good."""
    text, blocks = asked.get("text"), asked.get("blocks")
    if not text and not blocks:
        return "no_text"
    if text is not None and not isinstance(text, str):
        return "invalid_arguments"
    if is_update and len(text or "") > MOST_TEXT_OF_UPDATE:
        return "msg_too_long"
    metadata = asked.get("metadata")
    if metadata is not None and not _is_metadata(metadata):
        return "invalid_metadata_format"
    return None if blocks is None else _refused_blocks(blocks)


def _refused_blocks(blocks: object) -> str | None:
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    if len(blocks) > MOST_BLOCKS or not all(isinstance(block, dict) and _is_block(block) for block in blocks):
        return "invalid_blocks"
    return "msg_blocks_too_long" if sum(_length(block) for block in blocks) > MOST_IN_ALL else None


def _is_block(block: Asked) -> bool:
    if block.get("type") not in KNOWN_BLOCKS or len(block.get("block_id", "")) > BLOCK_ID:
        return False
    if block["type"] == "header":
        return _is_text(block.get("text"), HEADER, kinds={"plain_text"})
    if block["type"] == "section":
        return _is_text(block.get("text"), TEXT)
    if block["type"] == "context":
        elements = block.get("elements")
        is_list = isinstance(elements, list) and 1 <= len(elements) <= ELEMENTS
        return is_list and all(_is_text(element, TEXT) for element in elements or ())
    return True


def _is_text(text: object, most: int, kinds: frozenset[str] | set[str] = frozenset({"plain_text", "mrkdwn"})) -> bool:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return False
    written = text.get("text")
    if not isinstance(written, str) or not 1 <= len(written) <= most:
        return False
    # Slack takes a stray bracket, and swallows what follows: nobody wants that, so here it is refused.
    return text["type"] == "plain_text" or MENTION.sub("", written) == ""


def _length(block: Asked) -> int:
    texts = [block.get("text"), *block.get("elements", ())]
    return sum(len(text["text"]) for text in texts if isinstance(text, dict))


def _is_metadata(metadata: object) -> bool:
    return (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
