"""Messages as text on a stream: the terminal of `make up`, the log of a deployment. It is never down."""

from __future__ import annotations

from typing import TextIO

from sg_assets.alerts.channel import Letter, Receipt
from sg_assets.message import Severity

MARKS = {Severity.ERROR: "!!", Severity.WARNING: "! ", Severity.INFO: "  "}


class Log:
    """The stream that messages are written to, each whole at once."""

    is_silent_on_growth = True

    def __init__(self, stream: TextIO) -> None:
        """Write to an open stream."""
        self._stream = stream

    def send(self, letter: Letter) -> Receipt:
        """Write it; never refuses."""
        message = letter.message
        first, *others = message.text.splitlines()
        head = f"{MARKS[message.severity]} {message.created_at:%Y-%m-%d %H:%M} UTC  {first}  [{message.owner}]"
        self._stream.write("\n".join([head, *(f"   {line}" for line in others)]) + "\n")
        self._stream.flush()
        return {}

    def close(self) -> None:
        """Nothing to close: the stream is not ours."""
