"""What the tests of the command line share: running a command, and the shapes of documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Protocol

from click.testing import Result

Shape = Mapping[str, type | UnionType | tuple[type, ...]]
NUMBER = int | float | None
OBJECT = (dict, NoneType)  # or null
PROMISE: Shape = {"cron": str, "timezone": str, "warn_seconds": int, "fail_seconds": int}


class Command(Protocol):
    """Runs `sg-assets` with some arguments, and perhaps other variables."""

    def __call__(self, *arguments: str, **variables: str) -> Result: ...


def is_shaped(found: Mapping[str, object], shape: Shape) -> None:
    """Exactly these fields, each of its type; true and false are no numbers."""
    assert set(found) == set(shape)
    for name, kind in shape.items():
        assert isinstance(found[name], kind), (name, found[name])
        assert isinstance(found[name], bool) == (kind is bool), (name, found[name])


def is_utc(text: object) -> bool:
    return str(text).endswith("Z") and datetime.fromisoformat(str(text)).utcoffset() is not None
