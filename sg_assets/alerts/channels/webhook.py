"""Messages as JSON to any address: for systems that we do not know.

The document is a contract: fields may be added, none changes or goes. `id` is the same when a message is sent twice, so
that a receiver can tell.
"""

from __future__ import annotations

from io import BytesIO

from sg_assets.alerts.channel import Letter, Receipt
from sg_assets.alerts.sending import TIMEOUT, Address, reported
from sg_assets.http import Client
from sg_assets.http.exchange import Request
from sg_assets.message import Message


class Webhook:
    """An address that takes messages by POST. The address is a secret: whoever has it can write there.

    Any 2xx means that the message was taken.
    """

    is_silent_on_growth = True

    def __init__(self, url: str) -> None:
        """Prepare the connection."""
        address = Address.of(url)
        self._path = address.path
        self._http = Client(address.origin, name="webhook", secrets=address.secrets, timeout=TIMEOUT, patience=0)

    def send(self, letter: Letter) -> Receipt:
        """POST the document of the message.

        Raises:
            NotDelivered: see `Channel.send`.
        """
        with reported():
            self._http.send(Request("POST", self._path, body=document(letter.message)), into=BytesIO())
        return {}

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def document(message: Message) -> dict[str, object]:
    """A message as JSON: times in RFC 3339, UTC."""
    return {
        "id": message.id,
        "incident": message.incident,
        "number": message.number,
        "kind": str(message.kind),
        "severity": str(message.severity),
        "owner": message.owner,
        "title": message.title,
        "lines": list(message.lines),
        "links": [{"words": words, "url": url} for words, url in message.links],
        "created_at": message.created_at.isoformat(),
        "text": message.text,
    }
