"""The text of a new file: read back, it says the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sg_assets.columns import Classification, Column
from sg_assets.promise import Frozen, Promise
from sg_assets.scheduled_queries.header import NOT_TOLD, text_of
from sg_assets.scheduled_queries.shape import Given
from sg_assets.sql_header import read_header, split

NONE, PERSONAL = Classification.NONE, Classification.PERSONAL
LONG = "Much to say: of `this`, and of #that, " + "on and on " * 20
PROMISE = Promise("37 10 * * *", warn=timedelta(hours=28), fail=timedelta(hours=38))
COLUMNS = (
    Given("on", "DATE", "A day: \"quoted\", 'so', {braces} */ and more.", NONE),
    Given("email", "STRING", LONG, PERSONAL),
    Given("tags", "ARRAY<STRING>", "Tags.", NONE),
)


def test_what_is_written_is_read_back() -> None:
    sql = "/* a comment */\nSELECT 1 -- */"
    text = text_of(
        description=("What it is: a */ b.", "More."),
        owner="team:a",
        promise=PROMISE,
        key=("email",),
        partition="on",
        columns=COLUMNS,
        sql=sql,
    )
    assert max(map(len, text.splitlines())) <= 120
    header, body = split(text, Path("b.sql"))
    found = read_header(header, Path("b.sql"))
    assert body == sql
    assert found.description == "What it is: a * / b.\n\nMore."
    assert (found.owner, found.promise, found.key, found.partition) == ("team:a", PROMISE, ("email",), "on")
    assert found.columns == (
        Column("on", "DATE", "A day: \"quoted\", 'so', {braces} * / and more."),
        Column("email", "STRING", LONG.strip(), PERSONAL),
        Column("tags", "ARRAY<STRING>", "Tags."),
    )


def test_a_frozen_table_and_what_is_not_told() -> None:
    text = text_of(
        description=("X.",),
        owner="team:a",
        promise=Frozen("closed: for ever"),
        key=(),
        partition=None,
        columns=[Given("x", None, "X.", NONE)],
        sql="select 1 as x",
    )
    assert 'promise: {frozen: "closed: for ever"}' in text
    assert f"key: [{NOT_TOLD}]" in text
    assert f"x: {{type: {NOT_TOLD}" in text
