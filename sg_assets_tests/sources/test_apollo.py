"""Apollo's archive: the objects that were exported, all of them and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.apollo_archive import MASKED, account_records, contact_records, sequence_records
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources import apollo as module
from sg_assets.sources.apollo import apollo
from sg_assets.sources.salesforce import salesforce
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NOW = datetime(2026, 11, 21, tzinfo=UTC)
RECORDS = {"contact": contact_records, "account": account_records, "sequence": sequence_records}
HEADER = (
    "id,name,active,archived,num_steps,unique_delivered,unique_bounced,unique_opened,unique_replied,"
    "unique_unsubscribed,created_at"
)
LINE = '5f1,"Head of ""Platform"",\nEMEA",true,false,3,10,1,4,,0,2019-11-02T15:10:22.123Z'


@pytest.mark.parametrize("table", RECORDS)
def test_every_record_comes_and_fits(world: World, table: str) -> None:
    rows = world.rows(apollo, table)
    assert [row["id"] for row in rows] == [record["id"] for record in RECORDS[table](world.sandbox.company)]
    fitted = Shape(apollo.tables[f"raw_apollo.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 4


def test_an_object_is_one_call(world: World) -> None:
    fetch = apollo.tables["raw_apollo.contact"].fetch
    assert fetch
    with world.client(apollo) as client:
        assert list(fetch(Pull(client, world.settings(apollo), world.now)))
        assert client.calls == 1


def test_masked_addresses_are_none_and_the_others_are_those_of_salesforce(world: World) -> None:
    rows = {row["id"]: row for row in world.rows(apollo, "contact")}
    records = {record["id"]: record for record in contact_records(world.sandbox.company)}
    masked = {key for key, record in records.items() if record["email"] == MASKED}
    assert {key for key, row in rows.items() if row["email"] is None} == masked != set()
    known = {row["email"] for table in ("contact", "lead") for row in world.rows(salesforce, table)}
    assert {row["email"] for row in rows.values()} - {None} <= known


@pytest.mark.parametrize("kind", [Kind.CHANGED_OBJECT, Kind.CORRUPT_LINE, Kind.REPEATED_ROW])
def test_an_object_that_is_not_the_exported_one_gives_no_row(world: World, kind: Kind) -> None:
    world.sandbox.faults.switch_on(kind, "apollo", match="*accounts*")
    noted = world.settings(apollo)["SG_APOLLO_ACCOUNT"]
    with pytest.raises(
        SourceError, match=r"^apollo: verify gs://apollo/apollo/accounts/export.csv: rows and"
    ) as caught:
        world.rows(apollo, "account")
    assert noted in str(caught.value)
    assert "SG_APOLLO_ACCOUNT" in str(caught.value)
    assert caught.value.status == 409
    assert world.rows(apollo, "contact")


@pytest.mark.parametrize(
    ("kind", "options"),
    [(Kind.TOO_MANY_REQUESTS, {"count": 2}), (Kind.SERVER_ERROR, {"count": 2}), (Kind.CUT_BODY, {"count": 1})],
)
def test_a_fault_that_passes_costs_nothing(world: World, kind: Kind, options: dict[str, int]) -> None:
    world.sandbox.faults.switch_on(kind, "apollo", count=options["count"])
    assert len(world.rows(apollo, "sequence")) == len(sequence_records(world.sandbox.company))


def test_a_missing_right_is_an_error_at_once(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "apollo")
    with pytest.raises(SourceError, match=r"^apollo: GET /storage/v1/b/apollo/o/.*: 403"):
        world.rows(apollo, "sequence")


def test_the_doctor_looks_at_every_object(world: World) -> None:
    assert apollo.examination
    with world.client(apollo) as client:
        found = list(apollo.examination(client, world.settings(apollo)))
    assert [(one.subject, one.is_permitted) for one in found] == [
        (f"gs://apollo/apollo/{table}s", True) for table in ("contact", "account", "sequence")
    ]


def pull(text: str, noted: str = "") -> list[Page]:
    """The sequences of a file that is served and, unless said otherwise, was noted as it is."""
    body = text.encode()
    rows = max(0, len([line for line in text.splitlines() if line.startswith("5f")]))
    settings: Mapping[str, str] = {
        "SG_GOOGLE_CREDENTIALS": "sandbox",
        "SG_APOLLO_BUCKET": "b",
        "SG_APOLLO_SEQUENCE": noted or f"{rows}:{hashlib.sha256(body).hexdigest()}",
    }
    fetch = apollo.tables["raw_apollo.sequence"].fetch
    assert fetch
    with (
        scripted(Answer(200, body, {"Content-Type": "text/csv"})) as vendor,
        module.connect(vendor.url, settings) as client,
    ):
        return list(fetch(Pull(client, settings, NOW)))


def test_texts_become_what_is_declared() -> None:
    (page,) = pull(f"\ufeff{HEADER},note\r\n{LINE},later\r\n")
    assert page.rows[0] == {
        "id": "5f1",
        "name": 'Head of "Platform",\nEMEA',
        "is_active": True,
        "is_archived": False,
        "step_count": 3,
        "delivered_count": 10,
        "bounced_count": 1,
        "opened_count": 4,
        "replied_count": None,
        "unsubscribed_count": 0,
        "created_at": "2019-11-02T15:10:22.123Z",
        "note": "later",
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5])
def test_an_object_of_any_length_is_complete(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    lines = "".join(LINE.replace("5f1", f"5f{place}") + "\n" for place in range(rows))
    pages = pull(f"{HEADER}\n{lines}")
    assert [row["id"] for page in pages for row in page.rows] == [f"5f{place}" for place in range(rows)]


def test_a_text_that_is_no_number_is_left_for_the_check_of_its_row() -> None:
    (page,) = pull(f"{HEADER}\n{LINE.replace(',3,10', ',three,10')}\n")
    fitted = Shape(apollo.tables["raw_apollo.sequence"].table).fit(page.rows)
    assert fitted.misfits == {0: "step_count: INT64 expected, got str"}


@pytest.mark.parametrize(
    ("text", "noted", "message"),
    [
        (
            f"{HEADER}\n{LINE}\n",
            "yes",
            r"SG_APOLLO_SEQUENCE does not say .* Set SG_APOLLO_SEQUENCE to 1:[0-9a-f]{64} if",
        ),
        (f"{HEADER}\n{LINE}\n", f"2:{'0' * 64}", r"are 1:[0-9a-f]{64}, and not 2:0{64}"),
        (f"{HEADER.replace('archived', 'is_archived')}\n{LINE}\n", "", "no column archived. Export it"),
        ("<html><body>Sign in</body></html>", f"1:{'0' * 64}", "rows and SHA-256 are 0:"),
    ],
)
def test_what_differs_is_said_with_what_to_do(text: str, noted: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        pull(text, noted)
