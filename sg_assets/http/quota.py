"""What vendors say of their quotas along with an answer: how many calls they allow, and how many were used.

Nothing is asked for it. Which header says so is known to the vendor's own module, which makes its reader here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """What a vendor allows in a `period` (`day`, `hour`), and what everybody together who uses the account used."""

    allowed: int
    used: int
    period: str


ReadQuota = Callable[[Mapping[str, str]], Quota | None]
"""Reads the headers of an answer; None where they do not say."""


def remaining(allowed: str, left: str, period: str) -> ReadQuota:
    """A reader of two headers: what is allowed, and what is left of it."""

    def read(headers: Mapping[str, str]) -> Quota | None:
        told = headers.get(allowed, ""), headers.get(left, "")
        if not all(number.isdecimal() for number in told):
            return None
        return Quota(int(told[0]), int(told[0]) - int(told[1]), period)

    return read


def used_of(header: str, pattern: str, period: str) -> ReadQuota:
    """A reader of one header: `pattern` has two groups, what was used and what is allowed."""

    def read(headers: Mapping[str, str]) -> Quota | None:
        match = re.search(pattern, headers.get(header, ""))
        return Quota(int(match[2]), int(match[1]), period) if match else None

    return read
