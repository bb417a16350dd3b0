"""JSON text with holes: what stays the same all day is written once, what moves is filled in for each row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_HOLE = re.compile(r'"@@(\w+)@@"')


def hole(name: str) -> str:
    """A value that is to be filled in later."""
    return f"@@{name}@@"


def compact(value: object) -> str:
    """JSON without blanks, as the writers of the made-up objects write it."""
    return json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Template:
    """One row of JSON: texts, and between them the names of what goes there."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, object]) -> Template:
        """The template of a row in which some values are holes."""
        parts = _HOLE.split(compact(row))
        return cls(tuple(parts[::2]), tuple(parts[1::2]))

    def fill(self, values: Mapping[str, str]) -> str:
        """The row's JSON; the values are JSON already."""
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            parts += (values[name], text)
        return "".join(parts)
