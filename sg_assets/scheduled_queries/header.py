"""The text of a new `.sql` file: its header in YAML, as people write it, and the SQL below it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sg_assets.columns import Classification
from sg_assets.promise import HOUR, Frozen, Promise
from sg_assets.scheduled_queries.shape import Given

NOT_TOLD = "NOT_TOLD"
"""Stands for what the SQL does not tell: a file with it is refused when it is loaded, by the column's name."""
NO_NAMES = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
WIDTH = 120


def text_of(  # noqa: PLR0913 (the fields of a header)
    *,
    description: Sequence[str],
    owner: str,
    promise: Promise | Frozen,
    key: Sequence[str],
    partition: str | None,
    columns: Iterable[Given],
    sql: str,
) -> str:
    """The whole file. `description` are paragraphs; a key or type that is not known is `NOT_TOLD`."""
    paragraphs = [textwrap.fill(_safe(one), WIDTH, initial_indent="  ", subsequent_indent="  ") for one in description]
    lines = [
        "/*",
        "description: |",
        "\n\n".join(paragraphs),
        f"owner: {owner}",
        f"promise: {_promise(promise)}",
        f"key: [{', '.join(map(_name, key or (NOT_TOLD,)))}]",
        *([f"partition: {_name(partition)}"] if partition else []),
        "columns:",
        *(_column(column) for column in columns),
        "*/",
        sql,
    ]
    return "\n".join(lines) + "\n"


def _promise(promise: Promise | Frozen) -> str:
    if isinstance(promise, Frozen):
        return f"{{frozen: {_quoted(promise.reason)}}}"
    warn, fail = _hours(promise.warn), _hours(promise.fail)
    return f"{{cron: {_quoted(promise.cron)}, timezone: {promise.timezone}, warn: {warn}, fail: {fail}}}"


def _hours(span: timedelta) -> str:
    return f"{span // HOUR}h"


def _column(column: Given) -> str:
    """One column, on one line where it fits."""
    name = _name(column.name)
    class_ = "" if column.classification is Classification.NONE else f", class: {column.classification}"
    type_ = column.type or NOT_TOLD
    line = f"  {name}: {{type: {type_}{class_}, description: {_quoted(column.description)}}}"
    if len(line) <= WIDTH:
        return line
    words = textwrap.wrap(_safe(column.description), WIDTH - 6, break_long_words=False, break_on_hyphens=False)
    fields = [f"type: {type_}", *([class_.removeprefix(", ")] if class_ else []), "description: >-"]
    return "\n".join([f"  {name}:", *(f"    {one}" for one in fields), *(f"      {one}" for one in words)])


def _name(name: str) -> str:
    """The name of a column, in quotes where YAML would take it for something else."""
    return f'"{name}"' if name in NO_NAMES else name


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML and JSON both read it."""
    return json.dumps(_safe(text), ensure_ascii=False)


def _safe(text: str) -> str:
    """A text in one line that does not end the comment which it stands in."""
    return " ".join(text.split()).replace("*/", "* /")
