"""Slack with a bot's token: one message per incident, edited as it grows and when it is over.

Needs the scopes `chat:write` and, to look before it posts twice, `channels:history` (`groups:history` for private
channels); without these a message may come twice after a crash. Facts: docs.slack.dev/reference/methods.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sg_assets.alerts.channel import Letter, NotDelivered, Receipt
from sg_assets.alerts.channels import slack_blocks
from sg_assets.alerts.sending import TIMEOUT, reported
from sg_assets.http import Client
from sg_assets.message import Kind

EVENT = "sg_assets_message"
CLOCKS_APART = timedelta(hours=1)
"""How far our clock may be ahead of Slack's when a message is looked for by its time."""
PAGE, MOST_PAGES = 200, 10

ABOUT_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
ABOUT_THIS_MESSAGE = ABOUT_BLOCKS | {"msg_too_long", "no_text", "invalid_arguments", "metadata_too_large"}
CANNOT_EDIT = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})
CANNOT_LOOK = frozenset({"missing_scope", "method_not_supported_for_channel_type", "thread_not_found"})


class SlackBot:
    """One Slack channel, as a bot sees it: `channel` is its id, `C…` (a name changes, and no history is had by it)."""

    is_silent_on_growth = True  # an edit notifies nobody

    def __init__(self, url: str, token: str, channel: str) -> None:
        """Prepare the connection; `url` is Slack's, up to and with `/api`."""
        self._channel = channel
        self._http = Client(
            url,
            name="slack",
            headers={"Content-Type": "application/json; charset=utf-8"},  # without the charset Slack warns
            authorize=lambda _renew: {"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
            patience=0,
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def send(self, letter: Letter) -> Receipt:
        """Post what is new; edit the incident's message when it grows or is over, and say so below it when it matters.

        An edit notifies nobody: what got worse is said below the message and in the channel, the end below it.

        Raises:
            NotDelivered: see `Channel.send`.
        """
        posted = next((receipt for receipt in reversed(letter.told) if "ts" in receipt), None)
        if posted is not None and self._edit(posted, letter):
            if letter.is_worse or letter.message.kind is Kind.RESOLVED:
                self._post_reply(posted, letter)
            return posted
        return self._post(letter)

    def _edit(self, posted: Receipt, letter: Letter) -> bool:
        """Edit the message; says False where it is gone or may not be edited any more. Doing it twice does no harm."""
        try:
            self._call_with_blocks(
                "chat.update", {"channel": posted["channel"], "ts": posted["ts"]}, letter, idempotent=True
            )
        except _RefusedError as refused:
            if refused.word in CANNOT_EDIT:
                return False
            raise
        return True

    def _post(self, letter: Letter) -> Receipt:
        found = self._find(self._channel, letter) if letter.is_again else None
        if found is not None:
            return found
        asked: dict[str, object] = {"channel": self._channel, "unfurl_links": False, "metadata": _metadata(letter)}
        method = "chat.postMessage"
        answer = self._call_with_blocks(method, asked, letter)
        if not {"channel", "ts"} <= set(answer):
            raise _RefusedError(method, "an answer without ts")
        return {"channel": answer["channel"], "ts": answer["ts"]}

    def _post_reply(self, posted: Receipt, letter: Letter) -> None:
        if letter.is_again and self._find(posted["channel"], letter, thread=posted["ts"]) is not None:
            return
        asked: dict[str, object] = {
            "channel": posted["channel"],
            "thread_ts": posted["ts"],
            "reply_broadcast": letter.is_worse,
            "text": slack_blocks.reply(letter),
            "metadata": _metadata(letter),
        }
        self._call("chat.postMessage", asked)

    def _find(self, channel: str, letter: Letter, thread: str | None = None) -> Receipt | None:
        """The message as it was posted before, known by what we noted in its metadata; None where it is not there."""
        method = "conversations.history" if thread is None else "conversations.replies"
        asked = {"channel": channel, "include_all_metadata": "true", "limit": str(PAGE)}
        if thread is None:
            asked["oldest"] = f"{(letter.message.created_at - CLOCKS_APART).timestamp():.6f}"
        else:
            asked["ts"] = thread
        for _ in range(MOST_PAGES):
            try:
                answer = self._read(method, asked)
            except _RefusedError as refused:
                if refused.word in CANNOT_LOOK:
                    return None
                raise
            for one in answer["messages"]:
                if one.get("metadata", {}).get("event_payload", {}).get("id") == letter.message.id:
                    return {"channel": channel, "ts": one["ts"]}
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                break
            asked["cursor"] = cursor
        return None

    def _call_with_blocks(
        self, method: str, asked: dict[str, object], letter: Letter, *, idempotent: bool = False
    ) -> dict[str, Any]:
        """Call with text and blocks; with the text alone where Slack does not like the blocks."""
        asked = asked | {"text": slack_blocks.fallback(letter)}
        try:
            return self._call(method, asked | {"blocks": slack_blocks.blocks(letter)}, idempotent=idempotent)
        except _RefusedError as refused:
            if refused.word not in ABOUT_BLOCKS:
                raise
            return self._call(method, asked, idempotent=idempotent)

    def _call(self, method: str, asked: dict[str, object], *, idempotent: bool = False) -> dict[str, Any]:
        with reported():
            return self._good(method, self._http.post_json(f"/{method}", asked, idempotent=idempotent))

    def _read(self, method: str, asked: dict[str, str]) -> dict[str, Any]:
        with reported():
            return self._good(method, self._http.get_json(f"/{method}", asked))

    def _good(self, method: str, answer: object) -> dict[str, Any]:
        """A good answer.

        Raises:
            _RefusedError: it is not.
        """
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            word = answer.get("error") if isinstance(answer, dict) else None
            raise _RefusedError(method, self._http.shown(str(word or "an answer without ok")))
        return answer


class _RefusedError(NotDelivered):
    """Slack's `ok: false`, which comes with status 200; `word` is its error."""

    def __init__(self, method: str, word: str) -> None:
        super().__init__(f"slack: {method}: {word}", is_this_message=word in ABOUT_THIS_MESSAGE)
        self.word = word


def _metadata(letter: Letter) -> dict[str, object]:
    """What the message is found by again (docs.slack.dev/messaging/message-metadata)."""
    return {"event_type": EVENT, "event_payload": {"id": letter.message.id}}
