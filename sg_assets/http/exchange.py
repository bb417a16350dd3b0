"""One request, sent once: what came back, or how it broke.

The only place where the HTTP library is used. Whether to try again is not decided here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import orjson

from sg_assets.http.answers import Broken, Reply

if TYPE_CHECKING:
    import requests

REDIRECTS = 5
BODY_SECONDS = 600.0
"""Seconds in which a body has to be complete; without an end, one that trickles would hold a run for ever."""
CHUNK = 1 << 16


def segment(text: object) -> str:
    """A text from outside, such as an id, as one part of a path: it cannot lead to another one, or to a query."""
    return quote(str(text), safe="")


@dataclass(frozen=True, slots=True)
class Request:
    """A request below a vendor's base URL, without its credential: `body` is sent as JSON, `form` as a form.

    Raises:
        ValueError: the path is none, but an address of its own, which would take the credential elsewhere; or it has
            parts that lead elsewhere on the same host.
    """

    method: str
    path: str
    params: Mapping[str, str] | None = field(default=None, repr=False)
    body: object = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse an address where a path should be, and a path with `..` in it or what cannot be seen."""
        is_leaving = {".", ".."} & set(self.path.partition("?")[0].split("/")) or not self.path.isprintable()
        if not self.path.startswith("/") or self.path.startswith("//") or is_leaving:
            msg = f"{self.path!r} is no path below a base URL"
            raise ValueError(msg)

    def __str__(self) -> str:
        """What an error may show of it: no query, which may hold a secret."""
        return f"{self.method} {urlsplit(self.path).path}"


class Exchange:
    """The connections to one vendor; may be used from several threads."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: tuple[float, float]) -> None:
        """Prepare the connections; `timeout` is the seconds to connect, and between two pieces of an answer."""
        import requests  # noqa: PLC0415 (slow to import, and only needed where something is fetched)

        self._base_url = base_url
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._session.auth = lambda prepared: prepared  # else the library looks for a credential in ~/.netrc
        self._session.trust_env = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost")  # no proxy to ourselves

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(
        self, request: Request, credential: Mapping[str, str], before: Callable[[], None], into: BinaryIO | None
    ) -> Reply | Broken:
        """Send it, following the redirects of a GET that stay with the vendor's own host.

        Args:
            request: what to ask.
            credential: the headers that carry it.
            before: called before each call that goes out.
            into: where to put the body of a good answer.
        """
        import requests  # noqa: PLC0415 (as above)
        import urllib3  # noqa: PLC0415 (comes with it)

        url, params = self._base_url + request.path, request.params
        for _ in range(REDIRECTS):
            before()
            has_arrived = False
            try:
                with self._session.request(
                    request.method,
                    url,
                    params=params,
                    json=request.body,
                    data=request.form,
                    headers=credential,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    has_arrived = True
                    target = urljoin(url, response.headers["Location"]) if response.is_redirect else None
                    if target is None or request.method != "GET" or urlsplit(target)[:2] != urlsplit(url)[:2]:
                        return _read(response, into)
                    url, params = target, None
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
                return _broken(error, url, has_arrived=has_arrived)
        return Broken(f"over {REDIRECTS} redirects", was_sent=True)


def _read(response: requests.Response, into: BinaryIO | None) -> Reply | Broken:
    """Read the body within its time; a good answer's JSON is parsed here, so that a cut one counts as broken."""
    is_file = into is not None and response.ok and not response.is_redirect
    if into is not None:
        into.seek(0)
        into.truncate()
    deadline = time.monotonic() + BODY_SECONDS
    chunks: list[bytes] = []
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        if into is not None and is_file:
            into.write(chunk)
        else:
            chunks.append(chunk)
        if time.monotonic() > deadline:
            return Broken(f"the body was not complete after {BODY_SECONDS:.0f} s", was_sent=True)
    reply = Reply(response.status_code, response.headers, b"".join(chunks))
    if is_file or not reply.is_good or not reply.body:
        return reply
    try:
        return reply.with_value(orjson.loads(reply.body))
    except ValueError:
        kind = response.headers.get("Content-Type", "no type")
        return Broken(f"{reply.status} with {len(reply.body)} bytes ({kind}), no complete JSON", was_sent=True)


def _broken(error: Exception, url: str, *, has_arrived: bool) -> Broken:
    """What the library's exception says, by its name alone: its text repeats the address with the query."""
    import requests  # noqa: PLC0415 (as above)
    import urllib3  # noqa: PLC0415 (comes with it)

    cause: object = error.args[0] if error.args else None
    cause = getattr(cause, "reason", None) or cause
    never_sent = isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError
    )
    names = type(error).__name__ + (f" ({type(cause).__name__})" if isinstance(cause, Exception) else "")
    host = urlsplit(url).netloc.rpartition("@")[2]  # without a password that may be before it
    text = f"the body was cut: {names}" if has_arrived else f"no answer from {host}: {names}"
    return Broken(text, was_sent=not never_sent)
