"""Salesforce ids: 15 characters that tell upper from lower case, and 3 that say which of them were upper case."""

from __future__ import annotations

from sg_assets.sandbox.company.dice import number

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def salesforce_id(prefix: str, *names: object) -> str:
    """The 18-character id that belongs to these names; the prefix says the object, such as 001 for an account."""
    left, text = number("salesforce id", *names), ""
    for _ in range(12):
        left, digit = divmod(left, len(_DIGITS))
        text = _DIGITS[digit] + text
    short = prefix + text
    return short + "".join(_check(short[start : start + 5]) for start in (0, 5, 10))


def _check(part: str) -> str:
    """Five bits, the first character the lowest: whether each is an upper-case letter."""
    return _CHECK[sum(1 << place for place, letter in enumerate(part) if letter.isupper())]
