"""The header of a `.sql` file: what it may say, and how it complains."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Classification, Column
from sg_assets.promise import Frozen, Promise
from sg_assets.sql_header import SqlFileError, read_header, split

FILE = Path("tables/shop/order.sql")
HEADER = """
description: |
  One row per order.
owner: team:analytics
promise: {cron: "20 * * * *", warn: 4h, fail: 8h}
key: [id]
columns:
  id: {type: INT64, description: The order's number.}
  mail: {type: STRING, class: personal, description: "Whose, if known"}
  day_on: {type: DATE, description: Its day.}
"""


def refused(text: str) -> str:
    with pytest.raises(SqlFileError) as caught:
        read_header(text, FILE)
    assert str(caught.value).startswith(f"{FILE}: ")
    return str(caught.value)


def test_says_what_a_table_is() -> None:
    header = read_header(HEADER, FILE)
    assert header.description == "One row per order."
    assert header.owner == "team:analytics"
    assert header.promise == Promise("20 * * * *", warn=timedelta(hours=4), fail=timedelta(hours=8))
    assert header.key == ("id",)
    assert header.columns[1] == Column("mail", "STRING", "Whose, if known", Classification.PERSONAL)
    assert (header.partition, header.open_days, header.not_empty, header.days) == (None, 7, False, {})


def test_says_what_else_it_may_be() -> None:
    more = (
        "partition: day_on\nopen_days: 3\ncluster: [id]\nlookup: [x.y]\noptional: [x.z]\nnot_empty: true\n"
        "max_bytes: 200 GiB\ndays: {events.event: -29..0, x.z: 0..1}\ntags: {team: growth}\n"
    )
    header = read_header(HEADER + more, FILE)
    assert (header.partition, header.open_days, header.cluster, header.not_empty) == ("day_on", 3, ("id",), True)
    assert (set(header.lookup), set(header.optional)) == ({"x.y"}, {"x.z"})
    assert header.days == {"events.event": (-29, 0), "x.z": (0, 1)}
    assert header.tags == {"team": "growth"}
    assert header.max_bytes == 200 * 2**30


def test_a_promise_may_be_that_nothing_changes() -> None:
    text = HEADER.replace('{cron: "20 * * * *", warn: 4h, fail: 8h}', "{frozen: the feed ended in 2022}")
    assert read_header(text, FILE).promise == Frozen("the feed ended in 2022")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("owner: team:analytics", "", "owner is missing"),
        ("  One row per order.", "", "description is missing"),
        ("owner: team:analytics", "owner: analytics", "must be team:<name> or an e-mail address"),
        ("owner:", "keeper:", "unknown header field 'keeper'; the fields are description, owner"),
        ("key: [id]", "key: [number]", "key: 'number' is not among the columns"),
        ("key: [id]", "key: id", "key must be a list"),
        ("key: [id]", "key: [id, id]", "key names something twice"),
        ("key: [id]", "key: [id]\nkey: [mail]", "'key' is written twice"),
        ("key: [id]", "key: [id]\npartition: mail", "must be a column of type DATE; it is STRING"),
        ("key: [id]", "key: [id]\npartition: nowhere", "it is no column"),
        ("key: [id]", "key: [id]\nsnapshot: day\npartition: day_on", "leave out partition"),
        ("key: [id]", "key: [id]\nsnapshot: day", "snapshot: day adds the column day_on"),
        ("key: [id]", "key: [id]\nsnapshot: week", "snapshot can only be: day"),
        (
            "key: [id]",
            "key: [id]\ndays: {x.y: -3}",
            "-3 must be first..last, for instance -29..0",
        ),
        ("key: [id]", "key: [id]\ndays: {x.y: 1..0}", "must be first..last"),
        ("key: [id]", "key: [id]\nopen_days: soon", "open_days must be a number of days"),
        ("key: [id]", "key: [id]\nnot_empty: maybe", "not_empty must be true or false"),
        ("key: [id]", "key: [id]\nmax_bytes: 5 GB", "max_bytes: '5 GB' must be a number and one of MiB, GiB, TiB"),
        ("type: INT64", "type: INTEGER", "column id: type 'INTEGER' is none of"),
        ("type: INT64, ", "", "column id: type is missing"),
        ("class: personal", "class: private", "column mail:"),
        (", description: Its day.", "", "column day_on: description is missing"),
        ("description: Its day.", "description: Its day, in UTC.", "quote a description that has a comma"),
        ("  id: {", "  Id: {", "a name is lower-case letters"),
        ("  day_on: {type", "  on: {type", "quote on, yes and no"),
        ("warn: 4h", "warn: 4", "promise: warn: 4 must be a number and one of m, h, d"),
        ("fail: 8h", "fail: 2h", "needs 0 < warn < fail"),
        ("warn: 4h, ", "", "missing ['warn']"),
        ("20 * * * *", "20 * * *", "promise:"),
        ("warn: 4h", "timezone: Mars, warn: 4h", "promise:"),
        ("columns:", "columns: [", "the header is not YAML"),
    ],
)
def test_complains_and_says_what_to_do(old: str, new: str, complaint: str) -> None:
    assert old in HEADER
    assert complaint in refused(HEADER.replace(old, new))


def test_must_be_a_mapping() -> None:
    assert "must be a YAML mapping" in refused("just a text")


def test_is_the_comment_with_which_a_file_begins() -> None:
    assert split("/*\nowner: x\n*/\nselect 1;\n", FILE) == ("\nowner: x\n", "select 1")
    with pytest.raises(SqlFileError, match="must begin with its header"):
        split("select 1 /* owner: x */", FILE)
