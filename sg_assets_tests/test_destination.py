"""What the declarations of a destination make: ledgers, with all that a reader and a warehouse must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sg_assets.columns import Classification, Column
from sg_assets.destination import Destination, DestinationError, Receipt, Send
from sg_assets.http import Client
from sg_assets.promise import DAILY, HOURLY, Frozen
from sg_assets.source import Source
from sg_assets.table import Mode, Table

ID = Column("id", "STRING", "Id.")
EMAIL = Column("email", "STRING", "Mail.", Classification.PERSONAL)
PERSON = Table("crm.person", "People.", "team:x", (ID, EMAIL), ("id",), HOURLY, Path("person.sql"))


def connect(url: str, _settings: Mapping[str, str]) -> Client:
    return Client(url, name="shop")


def shop(**options: object) -> Destination:
    made = Destination(Source("shop", "The shop.", "team:shop", HOURLY, connect))
    wanted = {"key": ("id",), "sent": ("email",)} | options

    @made.sends("crm.person", **wanted)  # pyrefly: ignore[bad-argument-type]
    def person(_send: Send) -> Iterator[Sequence[Receipt]]:
        """One row per person that the shop was told of.

        Never twice.
        """
        yield []

    return made


def ledger(**options: object) -> Table:
    (found,) = shop(**options).ledgers({PERSON.name: PERSON})
    return found


def test_a_ledger_has_the_columns_that_are_sent_and_what_became_of_them() -> None:
    found = ledger()
    assert found.name == "sent_shop.person"
    assert [column.name for column in found.columns] == ["id", "email", "sent_at", "is_accepted", "detail"]
    assert found.column("email").classification is Classification.PERSONAL
    assert (found.key, found.mode) == (("id", "sent_at"), Mode.MERGE)
    assert found.description == "One row per person that the shop was told of.\n\nNever twice."
    assert (found.owner, found.promise, found.source) == ("team:shop", HOURLY, "shop")
    assert [wanted.table for wanted in found.inputs] == ["crm.person"]
    assert Path(__file__).read_text().splitlines()[found.line - 1].lstrip().startswith("@made.sends")


def test_a_ledger_is_neither_raw_nor_built_by_sql() -> None:
    found = ledger()
    assert (found.kind, found.is_raw, found.is_landed, found.sql) == ("destination", False, True, "")


def test_another_promise_and_columns_that_are_only_kept() -> None:
    found = ledger(sent=(), kept=("email",), promise=DAILY)
    assert found.promise == DAILY
    assert [column.name for column in found.columns][:2] == ["id", "email"]


def test_what_is_only_told_is_not_noted() -> None:
    found = ledger(sent=(), told=("email",))
    assert [column.name for column in found.columns][:2] == ["id", "sent_at"]
    assert found.code_version == ledger(sent=()).code_version


def test_what_is_sent_is_the_version_of_its_code() -> None:
    assert ledger().code_version == ledger(kept=()).code_version != ledger(sent=()).code_version


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"sent": ("phone",)}, "sent_shop.person sends phone, which crm.person does not have"),
        ({"told": ("phone",)}, "sent_shop.person sends phone, which crm.person does not have"),
        ({"days": 3}, "compares only 3 days of crm.person, which is not kept by day"),
    ],
)
def test_what_does_not_fit_names_the_file(options: dict[str, object], told: str) -> None:
    with pytest.raises(DestinationError, match=told) as caught:
        ledger(**options)
    assert str(caught.value).startswith(__file__)
    with pytest.raises(DestinationError, match=r"sends crm\.person, which no \.sql file defines"):
        shop().ledgers({})


def test_what_is_frozen_is_never_sent() -> None:
    gone = Destination(Source("shop", "The shop.", "team:shop", Frozen("closed"), connect))
    with pytest.raises(TypeError):
        gone.sends("crm.person", key=("id",))


def test_rows_are_given_in_batches() -> None:
    rows = pa.table({"id": ["a", "b", "c"]})
    send = Send(None, {}, datetime(2026, 1, 1, tzinfo=UTC), rows)
    assert [[row["id"] for row in batch] for batch in send.batches(2)] == [["a", "b"], ["c"]]
    assert list(Send(None, {}, send.now, rows.slice(0, 0)).batches(2)) == []
