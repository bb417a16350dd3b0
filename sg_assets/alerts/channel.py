"""What a channel is: something that takes messages, or says why not.

Which message goes where and when is decided in `deliver.py`; a channel knows only how its vendor wants it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sg_assets.message import Message

Receipt = Mapping[str, str]
"""What a channel needs to find a message again that it took. It is stored, so it holds no secret."""


class NotDelivered(Exception):  # noqa: N818 (it is an answer, and is tried again)
    """The channel did not take a message; the text says why and holds no secret.

    `retry_at` is when the vendor said to come back, if it did. `is_this_message`: others may go through all the same.
    """

    def __init__(self, reason: str, *, retry_at: datetime | None = None, is_this_message: bool = False) -> None:
        """Keep all three."""
        super().__init__(reason)
        self.retry_at = retry_at
        self.is_this_message = is_this_message


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is handed to a channel.

    Attributes:
        message: what to tell.
        mention: how the channel's people call the owner: what notifies them, or just the name.
        told: receipts of what the channel took of the same incident before, the oldest first.
        is_worse: the incident is more severe than when it was told last.
        is_again: it was tried before and may have arrived; look, if the vendor lets you, before sending it twice.
    """

    message: Message
    mention: str
    told: Sequence[Receipt] = ()
    is_worse: bool = False
    is_again: bool = False


class Channel(Protocol):
    """A way to tell people.

    `is_silent_on_growth`: news of an incident that was told before disturbs nobody here (a message is edited, or a
    program reads it), so that it need not be held back for a quiet period.
    """

    is_silent_on_growth: bool

    def send(self, letter: Letter) -> Receipt:
        """Tell people.

        Raises:
            NotDelivered: the vendor refused, or could not be reached, or may or may not have taken it.
        """

    def close(self) -> None:
        """Close connections."""
