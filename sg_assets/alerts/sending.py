"""How the HTTP channels send: one try at a time, and every failure as the one error that channels raise.

Waiting and trying again is `deliver.py`'s, which can also be stopped while it waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sg_assets.alerts.channel import NotDelivered
from sg_assets.http import ComeBackLater, SourceError

TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and between two pieces of an answer: a channel that hangs must not hold the watchdog's end."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn the client's errors, which hold no secret, into the channels' own.

    Raises:
        NotDelivered: the request failed.
    """
    try:
        yield
    except ComeBackLater as limit:
        raise NotDelivered(str(limit), retry_at=limit.at) from None
    except SourceError as error:
        raise NotDelivered(str(error)) from None
