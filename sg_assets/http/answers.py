"""What an answer means: try again, come back later, or give up, and what a failure says.

Pure: nothing here sends anything. A vendor's own meanings are in its source module, as a `Rule`.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, quote_plus

SHOWN = 200
"""Characters of a failed answer that an error shows."""
LEAST_BASE64 = 8
"""Characters of base64 that are taken for a part of a secret: fewer may be anything."""


class SourceError(Exception):
    """A source could not be read: says which, what was asked, what came, and what to do. Never holds a secret.

    `body`, where the vendor refused, is all that it said: for the source's own module, never to be shown.
    """

    body: bytes = b""

    def __init__(self, source: str, request: str, came: str, advice: str = "", status: int | None = None) -> None:
        """Put the sentence together; `status` is the HTTP status, None where no answer came."""
        what = f"{source}: {request}: {came}"
        super().__init__(f"{what.removesuffix('.')}. {advice}" if advice else what)
        self.source = source
        self.status = status


class ComeBackLater(SourceError):  # noqa: N818 (it is a request, not an error)
    """The vendor's limit asks for a longer wait than a fetch may take: the step ends, and is due again at `at`."""

    def __init__(self, source: str, at: datetime, reason: str) -> None:
        """Keep when to come back, in UTC, and why."""
        super().__init__(source, f"come back at {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", reason)
        self.at = at
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its body; `value` is its JSON where it was read as such."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    value: Any = None

    @property
    def is_good(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def with_value(self, value: object) -> Reply:
        """The same answer, its JSON read."""
        return replace(self, value=value)


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer, or half of one. `was_sent`: the vendor may have acted on the request."""

    text: str
    was_sent: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again, after so many seconds where the vendor says so. `is_limit`: too many calls, rather than an outage."""

    after: float | None = None
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Fail:
    """Trying again would not help; `advice` says what would."""

    advice: str


@dataclass(frozen=True, slots=True)
class Later:
    """A limit that no fetch waits for, such as a daily quota."""

    at: datetime
    reason: str


Ruling = Retry | Fail | Later
Rule = Callable[[Reply, datetime], Ruling | None]
"""What one vendor means by an answer, given the time; None where its status says it all."""

_ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "The credential was refused: check the source's variables.",
    HTTPStatus.FORBIDDEN: "The credential is not allowed to read this: ask the vendor's administrator for the right.",
    HTTPStatus.NOT_FOUND: "Check the address in the source's URL variable, and that the object exists.",
}


_REDIRECT = "A redirect to another host is not followed, because it would carry the credential there."
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def general_rule(answer: Reply | Broken, now: datetime, *, may_repeat: bool) -> Ruling | None:
    """What an answer means at any vendor (RFC 9110, RFC 6585): None when it is a good one.

    A request that must not be repeated is, only where the vendor cannot have acted on it.
    """
    if isinstance(answer, Broken):
        if may_repeat or not answer.was_sent:
            return Retry()
        return Fail("It may have been carried out: look before repeating it.")
    if answer.is_good:
        return None
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry(retry_after(answer, now), is_limit=True)
    is_transient = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.REQUEST_TIMEOUT
    if is_transient and may_repeat:
        wait = retry_after(answer, now)
        return Retry(wait, is_limit=wait is not None)
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
    return Fail(_REDIRECT if is_redirect else _ADVICE.get(answer.status, ""))


def retry_after(reply: Reply, now: datetime) -> float | None:
    """The seconds that a `Retry-After` asks for, given as seconds or as a date (RFC 9110, 10.2.3); None without one."""
    text = reply.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - now) / timedelta(seconds=1), 0.0)


def cleaned(answer: Reply | Broken, secrets: Sequence[str] = ()) -> str:
    """What to show of an answer: its status and the beginning of its text; nothing of a good body, which is data."""
    if isinstance(answer, Broken):
        return redacted(answer.text, secrets)
    if answer.is_good:
        return f"{answer.status} with {len(answer.body)} bytes"
    text = _MARKUP.sub(" ", redacted(answer.body.decode(errors="replace"), secrets))
    return f"{answer.status} {shown(text, secrets)}".strip()


def shown(text: str, secrets: Sequence[str]) -> str:
    """What to show of a vendor's words: in one line, without secrets, and no more than their beginning.

    They are taken out before the text is cut, which else might leave the first half of one at its end.
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in redacted(text, secrets)).split())
    return redacted(text, secrets)[:SHOWN]


def redacted(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret in it replaced by stars: plain, or as in an address, JSON, HTML, Python or base64.

    A vendor may put what it was sent into JSON, and that into HTML: so each is looked for in two such wrappings. The
    longest are replaced first, because one secret may be the beginning of another.
    """
    forms: set[str] = set()
    for secret in secrets:
        once = {wrap(secret) for wrap in _WRAPPINGS}
        forms |= once | {wrap(one) for one in once for wrap in _WRAPPINGS} | {*_in_base64(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def _in_base64(secret: str) -> Iterator[str]:
    """A text's base64; and what of it does not depend on what stands around the text, for each place it may have."""
    raw = secret.encode()
    yield b64encode(raw).decode()
    for before in range(3):
        encoded = b64encode(bytes(before) + raw + bytes(2)).decode()
        core = encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(core) >= LEAST_BASE64:
            yield core


_WRAPPINGS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    escape,
)
