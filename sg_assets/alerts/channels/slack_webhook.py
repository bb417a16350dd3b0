"""Slack through an incoming webhook: needs no app of ours, but can only post, never edit or look.

Each message of an incident is a post of its own (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
"""

from __future__ import annotations

from io import BytesIO

from sg_assets.alerts.channel import Letter, Receipt
from sg_assets.alerts.channels import slack_blocks
from sg_assets.alerts.sending import TIMEOUT, Address, reported
from sg_assets.http import Client
from sg_assets.http.exchange import Request


class SlackWebhook:
    """A webhook's address, which is a secret and says which Slack channel it posts to.

    Refusals are a status with a word as plain text (`no_service`, `channel_is_archived`); 429 says when to come back.
    """

    is_silent_on_growth = False

    def __init__(self, url: str) -> None:
        """Prepare the connection."""
        address = Address.of(url)
        self._path = address.path
        self._http = Client(address.origin, name="slack webhook", secrets=address.secrets, timeout=TIMEOUT, patience=0)

    def send(self, letter: Letter) -> Receipt:
        """Post it.

        Raises:
            NotDelivered: see `Channel.send`.
        """
        body = {"text": slack_blocks.fallback(letter), "blocks": slack_blocks.blocks(letter)}
        with reported():
            self._http.send(Request("POST", self._path, body=body), into=BytesIO())  # answers `ok`, which is no JSON
        return {}

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
