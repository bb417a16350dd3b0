"""The client that a source reads its vendor with: what is tried again, how long, and what a failure says.

Nothing here knows a vendor.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from sg_assets.http.answers import (
    Broken,
    ComeBackLater,
    Fail,
    Later,
    Reply,
    Retry,
    Rule,
    Ruling,
    SourceError,
    cleaned,
    general_rule,
    redacted,
    shown,
)
from sg_assets.http.exchange import Exchange, Request
from sg_assets.http.pace import pace
from sg_assets.http.quota import Quota, ReadQuota

if TYPE_CHECKING:
    from sg_assets.source import RateLimit

Authorize = Callable[[bool], Mapping[str, str]]
"""Gives the headers that carry the credential; called with True when the vendor refused the last ones."""

MAX_WAIT = 60.0
"""Seconds that one request may wait for a vendor's limit or recovery; a longer wait gives the run's slot back."""
FIRST_BACK_OFF = 1.0
TRIES = 6


def utc_now() -> datetime:
    """The wall clock: a vendor's limit runs in real time, whatever the clock of the run says."""
    return datetime.now(UTC)


class Client:
    """A session with one vendor, to be closed when the fetch is over.

    Args:
        base_url: where the vendor is; paths of requests are appended to it, a path of its own included.
        name: the source, as errors call it.
        headers: sent with every request.
        authorize: gives the headers with the credential, anew after a 401; None where none is needed.
        rate: what the vendor allows, or several limits of which the first whose path fits a request is kept for it;
            kept across all clients of this process with the same base URL.
        secrets: texts that no error may show, the credential's own headers apart, which are known.
        timeout: seconds to connect, and between two pieces of an answer.
        rule: what this vendor's answers mean, where they mean more than their status says.
        quota: reads what this vendor says of its quota along with an answer; the newest is in `quota`.
        patience: seconds that one request may wait for a vendor's limit or recovery; 0 for a caller that waits itself.
        sleep: how to wait some seconds.
        clock: the wall clock, in UTC.
    """

    def __init__(  # noqa: PLR0913 (each has a default, and all are named)
        self,
        base_url: str,
        *,
        name: str,
        headers: Mapping[str, str] | None = None,
        authorize: Authorize | None = None,
        rate: RateLimit | Sequence[RateLimit] = (),
        secrets: Sequence[str] = (),
        timeout: tuple[float, float] = (10.0, 60.0),
        rule: Rule | None = None,
        quota: ReadQuota | None = None,
        patience: float = MAX_WAIT,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare the session; nothing is sent before the first request."""
        self.base_url = base_url.rstrip("/")
        self.name = name
        self.calls = 0
        self.clock = clock
        self._secrets = [secret for secret in secrets if secret]
        self._authorize = authorize
        self._rates = rate if isinstance(rate, Sequence) else (rate,)
        self._rule = rule
        self._read_quota = quota
        self.quota: Quota | None = None
        self.patience = patience
        self.sleep = sleep
        self._lock = threading.Lock()
        self._exchange = Exchange(self.base_url, {"User-Agent": "sg-assets", **(headers or {})}, timeout)

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._exchange.close()

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 (JSON)
        """Read JSON.

        Raises:
            SourceError: it could not be had, and the message says why; `ComeBackLater` is one with a time.
        """
        return self.send(Request("GET", path, params=params)).value

    def post_json(self, path: str, body: object, *, idempotent: bool = False) -> Any:  # noqa: ANN401 (JSON)
        """Send JSON and read JSON; tried again after an unclear failure only where `idempotent` says it does no harm.

        Raises:
            SourceError: see `get_json`.
        """
        return self.send(Request("POST", path, body=body), idempotent=idempotent).value

    def post_form(self, path: str, form: Mapping[str, str], *, idempotent: bool = False) -> Any:  # noqa: ANN401 (JSON)
        """Send a form and read JSON: how tokens are asked for.

        Raises:
            SourceError: see `get_json`.
        """
        return self.send(Request("POST", path, form=form), idempotent=idempotent).value

    def download(self, path: str, params: Mapping[str, str] | None, into: BinaryIO) -> None:
        """Read bytes into an empty file, from the beginning again when the body was cut.

        Raises:
            SourceError: see `get_json`.
        """
        self.send(Request("GET", path, params=params), into=into)

    def send(self, request: Request, *, idempotent: bool | None = None, into: BinaryIO | None = None) -> Reply:
        """Send a request until it is answered, refused for good, or not worth waiting for.

        Args:
            request: what to ask.
            idempotent: whether it may be sent twice; by default what the method says.
            into: where to put the body of a good answer, which is then not read as JSON.

        Raises:
            SourceError: see `get_json`.
        """
        may_repeat = request.method != "POST" if idempotent is None else idempotent
        take_slot = partial(self._take_slot, request.path)
        waited, has_renewed = 0.0, False
        for tried in range(TRIES + 1):  # one more than the tries: a renewed credential does not cost one
            answer = self._exchange.send(request, self._credential(renew=has_renewed), take_slot, into)
            if self._read_quota and isinstance(answer, Reply):
                self.quota = self._read_quota(answer.headers) or self.quota
            is_refused = isinstance(answer, Reply) and answer.status == HTTPStatus.UNAUTHORIZED
            if is_refused and self._authorize and not has_renewed:
                has_renewed = True
                continue
            ruling = self._ruling(answer, may_repeat=may_repeat)
            if ruling is None and isinstance(answer, Reply):
                return answer
            if not isinstance(ruling, Retry):
                raise self._error(request, answer, ruling)
            wait = self._back_off(tried) if ruling.after is None else ruling.after
            if tried >= TRIES - 1 or waited + wait > self.patience:
                raise self._worn_out(request, answer, ruling, wait)
            self.sleep(wait)
            waited += wait
        raise AssertionError(request)  # the last try ends in a return or a raise

    def _ruling(self, answer: Reply | Broken, *, may_repeat: bool) -> Ruling | None:
        now = self.clock()
        own = self._rule(answer, now) if self._rule and isinstance(answer, Reply) else None
        return own or general_rule(answer, now, may_repeat=may_repeat)

    def _credential(self, *, renew: bool) -> Mapping[str, str]:
        """The headers that carry it, remembered as secrets for as long as the client lives."""
        if self._authorize is None:
            return {}
        with self._lock:
            headers = self._authorize(renew)
            for value in headers.values():
                secret = value.rpartition(" ")[2]
                if secret not in self._secrets:
                    self._secrets.append(secret)
        return headers

    def _take_slot(self, path: str) -> None:
        """Wait for our turn under the vendor's rate, and count the call."""
        rate = next((rate for rate in self._rates if path.endswith(rate.path)), None)
        while rate and (wait := pace(self.base_url, rate).take()):
            if wait > MAX_WAIT:
                reason = f"the vendor allows {rate.calls} calls in {rate.seconds:g} s"
                raise ComeBackLater(self.name, self.clock() + timedelta(seconds=wait), reason)
            self.sleep(wait)
        with self._lock:
            self.calls += 1

    def _back_off(self, tried: int) -> float:
        """1, 2, 4, … seconds, less up to a half by chance, so that clients stopped together do not return together."""
        return float(FIRST_BACK_OFF * 2**tried * random.uniform(0.5, 1))  # noqa: S311 (no cryptography)

    def _error(self, request: Request, answer: Reply | Broken, ruling: Ruling | None) -> SourceError:
        if isinstance(ruling, Later):
            return ComeBackLater(self.name, ruling.at, self._safe(ruling.reason))
        advice = ruling.advice if isinstance(ruling, Fail) else ""
        status = answer.status if isinstance(answer, Reply) else None
        came = cleaned(answer, self._secrets)
        error = SourceError(self.name, self._safe(str(request)), came, self._safe(advice), status)
        error.body = answer.body if isinstance(answer, Reply) else b""
        return error

    def _worn_out(self, request: Request, answer: Reply | Broken, ruling: Retry, wait: float) -> SourceError:
        """No more waiting: a limit names when to come back, anything else is an error."""
        if ruling.is_limit:
            at = self.clock() + timedelta(seconds=wait)
            return ComeBackLater(self.name, at, self._safe(f"{request}: {cleaned(answer, self._secrets)}"))
        told = "Several tries gave no more: the vendor's status page may say why." if self.patience else ""
        return self._error(request, answer, Fail(told))

    def shown(self, text: str) -> str:
        """What an error may show of a vendor's words, such as those of a refusal that is good HTTP."""
        return shown(text, self._secrets)

    def _safe(self, text: str) -> str:
        return redacted(text, self._secrets)
