"""What an error of Postgres or of its driver means, in our words; nothing here opens a connection.

The HTTP status that says the same tells what may pass by itself (none, or 5xx) from what will not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

SNAPSHOT_GONE, CANCELLED, WRONG_VALUE = "42704", "57014", "22"
# SQLSTATE, or its first two characters: https://www.postgresql.org/docs/current/errcodes-appendix.html
MEANINGS: dict[str, tuple[HTTPStatus, str]] = {
    "42501": (HTTPStatus.FORBIDDEN, "The role may not read this: grant it select on these columns."),
    "42P01": (HTTPStatus.NOT_FOUND, "The table was renamed or dropped: change the source to what there is now."),
    "42703": (HTTPStatus.NOT_FOUND, "A column was renamed or dropped: change the source to what there is now."),
    "42846": (HTTPStatus.NOT_FOUND, "A column changed its type: change the source to what there is now."),
    "42883": (HTTPStatus.NOT_FOUND, "A column changed its type: change the source to what there is now."),
    WRONG_VALUE: (HTTPStatus.NOT_FOUND, "A value does not fit its column's declared type: change the source."),
    CANCELLED: (HTTPStatus.GATEWAY_TIMEOUT, "The database took longer than it may: a later try may do."),
}
PASSING = (
    "starting up", "shutting down", "too many", "remaining connection slots", "recovery mode", "terminating connection",
)  # fmt: skip
"""What a server says that refuses a connection now, not for good."""

_CODE = re.compile(r"SQLSTATE: (\w{5})")
_BEFORE = re.compile(r"^(.*?ERROR:|\w+: )?\s*(\[libpq\] )?", re.DOTALL)
_BEHIND = re.compile(r"\n\t|\nLINE \d+:|\n*Query was:|\.? SQLSTATE:")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was said, what to do, and the HTTP status that says the same: None where no answer came."""

    came: str
    advice: str
    status: HTTPStatus | None


def meaning(text: str) -> Meaning:
    """The meaning of a driver's message; no value of a row is repeated."""
    code = _CODE.search(text)
    sqlstate = code[1] if code else _guessed(text)
    came = _said(text)
    if sqlstate.startswith(WRONG_VALUE):
        came = came.partition(":")[0]  # what follows is the value
    found = MEANINGS.get(sqlstate) or MEANINGS.get(sqlstate[:2])
    if found:
        return Meaning(came, found[1], found[0])
    if ("FATAL:" in text and not any(passing in text for passing in PASSING)) or "invalid" in text:
        advice = "Check the role, the password and the database in the source's URL variable."
        return Meaning(came, advice, HTTPStatus.UNAUTHORIZED)
    return Meaning(came, "Is the server up, and may this machine reach it? The URL variable says where it is.", None)


def _said(text: str) -> str:
    """What was said first: the driver puts its own words before it, and the server where in the query behind it."""
    first = _BEHIND.split(_BEFORE.sub("", text), maxsplit=1)[0]
    return " ".join(first.split())


def _guessed(text: str) -> str:
    """The code of an error in the middle of an answer, of which the driver gives only the text."""
    if "ERROR:" not in text:
        return ""
    return CANCELLED if "canceling statement" in text else WRONG_VALUE
