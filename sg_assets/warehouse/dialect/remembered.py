"""What the texts of builds become, remembered between processes, as Python does with modules: in `__pycache__`.

Translating a query takes longer than building a small table from it. Only texts of tables and their checks are
remembered, not what people ask. A text is remembered without its dates, for a daily build's are other ones each day:
they are literals, on which no rule of the translation looks. Whoever removes the files, or cannot write them, only
waits longer.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from sg_assets.warehouse.dialect.refusals import DialectError
from sg_assets.warehouse.dialect.text import Place, places
from sg_assets.warehouse.dialect.translate import to_duckdb

HERE = Path(__file__).parent
MEMORY = HERE / "__pycache__"
MOST_DATES = 50
"""A text with more dates names each of many days that are far apart: it will hardly come again."""
_DATED = re.compile(r"\b(date|timestamp) '([0-9]{4}-[0-9]{2}-[0-9]{2}[^']*)'")
_FIRST_MARK = date(9000, 1, 1)


def translated(sql: str) -> str:
    """What `to_duckdb` makes of a text: remembered, or translated now.

    Raises:
        DialectError: as `to_duckdb`.
    """
    values: dict[str, str] = {}

    def mark(found: re.Match[str]) -> str:
        kind, value = found.groups()
        day = (_FIRST_MARK + len(values) * timedelta(days=1)).isoformat()
        values[day] = value
        return f"{kind} '{day}'" if kind == "date" else f"{kind} '{day} 00:00:00+00'"

    undated = _DATED.sub(mark, sql)
    if len(values) > MOST_DATES or any(day in sql for day in values):
        return to_duckdb(sql)
    try:
        text = _remembered("duckdb", undated, lambda: to_duckdb(undated))
    except DialectError:
        return to_duckdb(sql)  # which says what is wrong of the text as it is
    for day, value in values.items():
        text = re.sub(rf"'{day}( 00:00:00\+00)?'", f"'{value}'", text)
    return to_duckdb(sql) if any(day in text for day in values) else text


def places_of(sql: str) -> tuple[Place, ...]:
    """What `places` says of a text: remembered, or read now.

    Raises:
        DialectError: as `places`.
    """
    found = _remembered("places", sql, lambda: json.dumps([astuple(place) for place in places(sql)]))
    return tuple(Place(*place) for place in json.loads(found))


def _remembered(kind: str, text: str, make: Callable[[], str]) -> str:
    file = MEMORY / _code() / f"{sha256(text.encode()).hexdigest()}.{kind}"
    with suppress(OSError):
        return file.read_bytes().decode()  # as it was written: a query may have carriage returns in its words
    made = make()
    with suppress(OSError):
        if not file.parent.exists():
            _forget_other_code()
            file.parent.mkdir(parents=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:
            new.write(made.encode())
        Path(new.name).replace(file)  # another process may be doing the same
    return made


def _forget_other_code() -> None:
    for folder in MEMORY.glob("translated-*"):
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _code() -> str:
    """The name of the folder of what this code makes of texts: another code may make another thing."""
    content = sha256(version("sqlglot").encode())
    for file in sorted(HERE.iterdir()):
        if file.is_file():
            content.update(file.read_bytes())
    return f"translated-{content.hexdigest()[:16]}"
