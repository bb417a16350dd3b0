"""A message to every address on purpose, to see whether it arrives: for whoever connects a channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.alerts.channel import Channel, Letter, NotDelivered
from sg_assets.message import Kind, Message, Severity

if TYPE_CHECKING:
    from sg_assets.alerts.routing import Routing


def send(channels: Mapping[str, Channel], routing: Routing, now: datetime) -> dict[str, str]:
    """Try each address; gives what is wrong with it, or nothing where it took the message. Mentions nobody."""
    message = Message(
        f"trial/{now.isoformat(timespec='seconds')}",
        1,
        Kind.OPENED,
        Severity.INFO,
        routing.platform,
        "A trial of the alerts of sg_assets",
        ("Somebody ran `sg-assets alerts test`. Nothing is wrong, and nothing follows.",),
        (),
        now,
    )
    found: dict[str, str] = {}
    for address, channel in channels.items():
        try:
            channel.send(Letter(message, mention=routing.platform))
            found[address] = ""
        except NotDelivered as failure:
            found[address] = str(failure)
        channel.close()
    return found
