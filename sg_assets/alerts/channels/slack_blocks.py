"""A message in Slack's own shape: blocks for the eye, and plain text where blocks are not shown.

Pure. Limits are Block Kit's (docs.slack.dev/reference/block-kit): 150 characters in a header, 3,000 in a text, 50
blocks; and, undocumented, about 13,200 characters in all (github.com/slackapi/bolt-js/issues/2509).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from sg_assets.alerts.channel import Letter
from sg_assets.message import Kind, Message, Severity

HEADER, SECTION, FALLBACK = 150, 3000, 3900
MOST_SECTIONS = 3  # with header and links well under the limit of all blocks together
CUT = "…"
SIGNS = {
    Severity.ERROR: ":red_circle:",
    Severity.WARNING: ":large_yellow_circle:",
    Severity.INFO: ":information_source:",
}
GOOD, DIGEST = ":large_green_circle:", ":clipboard:"

Block = dict[str, Any]


def sign(message: Message) -> str:
    """The emoji that says at a glance how it stands."""
    if message.kind is Kind.RESOLVED:
        return GOOD
    return DIGEST if message.kind is Kind.DIGEST else SIGNS[message.severity]


def fallback(letter: Letter) -> str:
    """What notifications and screen readers say; also the whole message where blocks were refused."""
    message = letter.message
    text = escaped("\n".join([message.title, *message.lines]))
    links = [f"{escaped(words)}: {_address(url)}" for words, url in message.links]
    return cut("\n".join([f"{sign(message)} {text}", letter.mention, *links]), FALLBACK)


def blocks(letter: Letter) -> list[Block]:
    """A header, the text, who must act, where to click."""
    message = letter.message
    made: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(f"{sign(message)} {message.title}", HEADER)}}
    ]
    made += [_section(part) for part in parts([escaped(line) for line in message.lines])]
    small = [letter.mention, *(f"<{_address(url)}|{escaped(words)}>" for words, url in message.links)]
    made.append({"type": "context", "elements": [{"type": "mrkdwn", "text": cut("  ·  ".join(small), SECTION)}]})
    return made


def reply(letter: Letter) -> str:
    """What is said in the thread below a message that was edited: one line, because the message itself has it all."""
    return cut(f"{sign(letter.message)} {escaped(letter.message.title)}", FALLBACK)


def parts(lines: Sequence[str]) -> list[str]:
    """Lines put together into texts that each fit into a section; what is beyond the most sections is cut off."""
    made: list[str] = []
    for line in lines:
        short = cut(line, SECTION)
        if made and len(made[-1]) + 1 + len(short) <= SECTION:
            made[-1] += "\n" + short
        else:
            made.append(short or " ")
    if len(made) > MOST_SECTIONS:
        made = made[:MOST_SECTIONS]
        made[-1] = cut(made[-1] + "\n" + CUT * SECTION, SECTION)
    return made


def escaped(text: str) -> str:
    """Text in which nothing is taken for a mention or a link (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most so many characters; a longer text ends in an ellipsis."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _address(url: str) -> str:
    """An address that does not end a link before its time."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~-._")
