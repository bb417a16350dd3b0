"""What `sg-assets doctor` asks of a source: is it there, may we read it, what is left of a quota.

How each source is examined is declared in its own module, with `Source.examine`; who asks, and what people see of it,
is in `doctor.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sg_assets.http.answers import SourceError


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one scope, object, file or limit of a source.

    `subject` names it as the vendor does: `crm.objects.contacts.read`, `Account`, `API calls today`. `detail` says what
    came and what to do where it is not permitted, else what is worth knowing. `quota_left` is for a finding about a
    quota, in the vendor's own unit. `is_too_much` is for a right that nobody needs, which is a warning and no illness;
    `detail` then says what to give instead.
    """

    subject: str
    is_permitted: bool = True
    detail: str = ""
    quota_left: float | None = None
    is_too_much: bool = False


Examine = Callable[[Any, Mapping[str, str]], Iterator[Finding]]
"""Asks a vendor the least that tells what is permitted, given what its source connects with, and the settings.

One cheapest read for each scope or object; it changes nothing at the vendor and spends no credits.
"""


def look(subject: str, ask: Callable[[], object]) -> Finding:
    """Ask for something; a refusal is a finding, and an answer of any content says that it is permitted.

    Args:
        subject: what is asked for, as the vendor names it.
        ask: sends the request. Where a vendor refuses in an answer that is good HTTP, it raises a `SourceError` with
            the status that the refusal should have had.

    Raises:
        SourceError: no answer came, or one that is an outage or a limit, so that nothing is known of the permission.
    """
    try:
        ask()
    except SourceError as error:
        if error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return Finding(subject, is_permitted=False, detail=str(error))
    return Finding(subject)


def beyond(ask: Callable[[], Iterable[str]], advice: str) -> Iterator[Finding]:
    """What a credential may do that nobody needs, one finding for each; nothing where the vendor does not tell.

    Args:
        ask: asks the vendor, and gives what is too much, in its words, each once.
        advice: what to give instead, as a sentence.
    """
    try:
        found = list(ask())
    except SourceError:
        return  # whether the source can be read was asked before; this is only whether it could do more
    for what in found:
        yield Finding(what, detail=f"may also {what}, which nobody needs. {advice}", is_too_much=True)
