"""The CSV of the Bulk API, with what occurs in it."""

from __future__ import annotations

import io
from decimal import Decimal

from sg_assets.columns import Column
from sg_assets.sources.salesforce.bulk_csv import read_csv

FIELDS = {
    "Id": Column("id", "STRING", "Id."),
    "Note": Column("note", "STRING", "Free text."),
    "Amount": Column("amount_usd", "NUMERIC", "Amount."),
    "Seats": Column("seats", "INT64", "Seats."),
    "IsWon": Column("is_won", "BOOL", "Won."),
    "At": Column("at", "TIMESTAMP", "When."),
}
HEAD = b'"Id","Note","Amount","Seats","IsWon","At"\n'


def parsed(body: bytes) -> list[dict[str, object]]:
    return list(read_csv(io.BytesIO(HEAD + body), FIELDS))


def test_the_values_of_csv_are_those_of_the_columns_types() -> None:
    (row,) = parsed(b'"006","x","1.25E7","12.0","false","2022-03-01T10:11:12.000Z"\n')
    assert row == {
        "id": "006", "note": "x", "amount_usd": Decimal(12_500_000), "seats": 12, "is_won": False,
        "at": "2022-03-01T10:11:12.000Z",
    }  # fmt: skip


def test_nothing_is_null_and_words_that_look_like_it_are_words() -> None:
    rows = parsed(b'"1","","","","",""\n"2","N/A","","","",""\n"3","null","","","",""\n"4","NA","","","",""\n')
    assert [row["note"] for row in rows] == [None, "N/A", "null", "NA"]
    assert set(rows[0].values()) == {"1", None}


def test_lines_end_where_quotes_do_and_nul_bytes_are_left_out() -> None:
    rows = parsed(b'"1","two\nlines, and ""quotes""\r\n","","","",""\n"2","a\x00b","","","",""\n')
    assert [row["note"] for row in rows] == ['two\nlines, and "quotes"\r\n', "ab"]


def test_a_text_may_be_longer_than_pythons_limit() -> None:
    (row,) = parsed(b'"1","' + b"x" * 200_000 + b'","","","",""\n')
    assert len(str(row["note"])) == 200_000


def test_what_is_no_number_is_left_for_the_rejected_rows() -> None:
    (row,) = parsed(b'"1","","many","1.5","yes",""\n')
    assert (row["amount_usd"], row["seats"], row["is_won"]) == ("many", Decimal("1.5"), "yes")


def test_no_rows_are_a_head_alone() -> None:
    assert parsed(b"") == []
    assert list(read_csv(io.BytesIO(b""), FIELDS)) == []
