"""How the HTTP channels send: one try at a time, and every failure as the one error that channels raise.

Waiting and trying again is `deliver.py`'s, which can also be stopped while it waits.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sg_assets.alerts.channel import NotDelivered
from sg_assets.http import ComeBackLater, SourceError

TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and between two pieces of an answer: a channel that hangs must not hold the watchdog's end."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address all of which is a secret but its server: whoever has it may write there."""

    origin: str
    path: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Address:
        """The address in its parts; `secrets` are those that an error might repeat."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        path = url.removeprefix(origin) or "/"
        secrets = (url, path, parts.path, parts.query)
        return cls(origin, path, tuple(one for one in secrets if one not in {"", "/"}))


@contextmanager
def reported() -> Generator[None]:
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
