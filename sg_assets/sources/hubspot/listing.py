"""HubSpot's listings: their envelope, and when everything is listed rather than only what changed.

The envelope is `results`, and `paging.next.after` on every page but the last. The link beside `after` is not followed:
it names HubSpot's own host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.source import Pull
from sg_assets.table import Window

Record = dict[str, Any]

LISTED_EVERY = timedelta(days=7) - timedelta(hours=12)
"""How old the last complete listing must be for another one; less than a week, so that it stays on its weekday."""


def is_due(pull: Pull) -> bool:
    """Whether a pull is to list everything: the first one is, and one a week after it."""
    listed_at = (pull.cursor or {}).get("listed_at")
    return listed_at is None or pull.now - time(listed_at) > LISTED_EVERY


def everything(column: str) -> Window:
    """What a complete listing covers: all times in a column."""
    return Window(column, datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def time(text: object) -> datetime:
    """An instant that a cursor keeps."""
    return datetime.fromisoformat(str(text))


def pages(
    http: Client, path: str, asked: Mapping[str, str], after: str | None = None
) -> Iterator[tuple[list[Record], str | None]]:
    """The pages of a listing, each with what the next one is asked by; None with the last.

    Args:
        http: the client.
        path: where the listing is.
        asked: the parameters of every page.
        after: where to begin; None: at the beginning.

    Raises:
        SourceError: an answer points back at itself, which would never end.
    """
    while True:
        answer = http.get_json(path, {**asked, "after": after} if after else asked)
        following = next_of(answer)
        if following is not None and following == after:
            raise SourceError(http.name, f"GET {path}", f"page {after} says that it comes after itself")
        yield answer["results"], following
        if following is None:
            return
        after = following


def next_of(answer: Mapping[str, Any]) -> str | None:
    """What the page after this one is asked by; None where this is the last."""
    following = (answer.get("paging") or {}).get("next") or {}
    after = following.get("after")
    return None if after is None else str(after)
