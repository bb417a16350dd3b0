"""Chance that can be asked again: every throw is a function of the names given to it, in any process and any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")


def number(*names: object) -> int:
    """A number from 0 to 2^64 - 1 that belongs to these names."""
    text = "\x1f".join(map(str, names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def fraction(*names: object) -> float:
    """A number from 0 up to, not including, 1."""
    return (number(*names) >> 11) / (1 << 53)


def pick(items: Sequence[Item], *names: object) -> Item:
    """One of some items."""
    return items[number(*names) % len(items)]


def dice(*names: object) -> random.Random:
    """A generator of its own for these names, for when many throws are needed."""
    return random.Random(number(*names))


def uuid(*names: object) -> str:
    """A version 4 UUID."""
    high, low = number(*names, "high"), number(*names, "low")
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[low >> 62]}{digits[17:20]}-{digits[20:]}"


def nonce(*names: object) -> bytes:
    """Eight bytes."""
    return number(*names).to_bytes(8)
