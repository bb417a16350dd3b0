"""This checkout's side: tables that need not fit together, and who reads what."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import dagster as dg

from sg_assets import discovery, documents
from sg_assets.comparison import checkout, readers
from sg_assets.discovery import Declared
from sg_assets.table_check import finds_nothing

ROOT = Path(__file__).parents[2]


@cache
def everything() -> Declared:
    return discovery.declared()


def test_everything_that_is_declared_is_told_with_its_file_in_the_repository() -> None:
    declared = everything()
    told = checkout.documents(declared, {}, documents.table_in_full, ROOT)
    assert set(told) == set(discovery.graph().tables)
    assert all((ROOT / document["file"]).exists() for document in told.values())
    assert not any(Path(document["file"]).is_absolute() for document in told.values())


def test_a_sending_that_fits_no_table_any_more_is_told_as_it_was() -> None:
    declared = everything()
    ledger = declared.sendings[0].name
    broken = replace(declared, tables=tuple(table for table in declared.tables if table.name != ledger))
    told = checkout.documents(broken, {ledger: {"table": ledger}}, documents.table_in_full, ROOT)
    assert told[ledger] == {"table": ledger}


def test_who_reads_what_in_sql_in_checks_in_sendings_and_in_pulls() -> None:
    check: dg.AssetChecksDefinition = finds_nothing("crm.account", "some", "Some.", "select website from crm.account")
    telling = {"customers.telemetry_status", "raw_zoominfo.company"}
    schema = readers.schema_of(checkout.documents(everything(), {}, documents.table_in_full, ROOT))
    tables = tuple(table for table in everything().tables if table.name in telling)
    declared = replace(everything(), tables=tables, checks=(check,))
    found = list(checkout.readings(declared, schema))

    def of(reader: str, how: str, table: str) -> set[str]:
        return {column for r in found if (r.reader, r.how, r.table) == (reader, how, table) for column in r.columns}

    assert "account_type" in of("customers.telemetry_status", "its SQL", "crm.account")
    assert of("crm.account", "its check some", "crm.account") == {"website"}
    sending = declared.sendings[0]
    assert of(sending.name, "what it sends", sending.reads) == {*sending.columns, *sending.told}
    assert {"website", "created_at"} <= of("raw_zoominfo.company", "its pull", "raw_salesforce.account")
    assert {(r.table, c) for r in found for c in r.columns if c not in schema[r.table]} == set()
