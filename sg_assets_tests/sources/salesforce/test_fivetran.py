"""Salesforce as Fivetran copied it is shown as we would have pulled it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sg_assets.sources.salesforce import salesforce
from sg_assets.sources.salesforce.fields import OBJECTS
from sg_assets.sources.salesforce.fivetran import TABLES, fivetran_name
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.filled_tables import NOW, Row, Theirs, google, of

TOLD = NOW.replace(hour=11)
OURS = {name: raw.table for name, raw in of(salesforce, {"SG_SALESFORCE_DATASET": "theirs"}).items()}
MODES = {"_fivetran_synced": "TIMESTAMP", "_fivetran_deleted": "BOOL"}


def types_of(api_name: str, **other: str) -> dict[str, str]:
    """The columns of an object's table as Fivetran writes it: numbers as FLOAT64, days as such."""
    kinds = {"NUMERIC": "FLOAT64", "INT64": "FLOAT64"}
    own = {fivetran_name(name): kinds.get(c.type, c.type) for name, c in OBJECTS[api_name].items()}
    return own | MODES | other


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    warehouse.ensure(list(OURS.values()), NOW)
    return Theirs(warehouse, tmp_path)


def account(id_: str, **other: object) -> Row:
    """An account as Fivetran has it."""
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    names = {fivetran_name(name): None for name in OBJECTS["Account"]}
    known = {"id": id_, "arr_c": 1200.5, "number_of_employees": 40.0, "is_deleted": False, "created_date": at}
    return names | known | {"_fivetran_synced": at, "_fivetran_deleted": False} | other


@pytest.mark.parametrize(
    ("api_name", "name"),
    [("SystemModstamp", "system_modstamp"), ("Unique_Account_ID__c", "unique_account_id_c"), ("ARR__c", "arr_c"),
     ("Product_Subscription__c", "product_subscription_c"), ("CampaignMember", "campaign_member")],
)  # fmt: skip
def test_names_are_written_as_fivetran_writes_them(api_name: str, name: str) -> None:
    assert fivetran_name(api_name) == name


def test_every_table_of_the_source_is_filled() -> None:
    assert set(TABLES) == {name.partition(".")[2] for name in salesforce.tables} == set(OURS)


def test_what_shows_every_table_is_googles_sql_and_gives_the_declared_types() -> None:
    types = {f"theirs.{fivetran_name(name)}": types_of(name) for name in OBJECTS}
    for table in OURS.values():
        assert table.origin
        known = {part.table: types[part.table] for part in table.origin.parts}
        assert google(table, known, {}) == []


def test_rows_are_brought_to_our_names_and_types(theirs: Theirs) -> None:
    gone = account("2", _fivetran_deleted=True)
    theirs.writes("account", types_of("Account"), [account("1", active_contract_period_end_c=date(2027, 1, 31)), gone])
    outcome = theirs.looks(OURS["account"], told=TOLD)
    assert (outcome.state.data_through, outcome.state.rows) == (TOLD, 2)
    first, second = theirs.rows(OURS["account"])
    assert (first["id"], first["arr_usd"], first["number_of_employees"]) == ("1", Decimal("1200.5"), 40)
    assert (first["active_contract_period_end_on"], first["is_deleted"], first["_extra"]) == (
        date(2027, 1, 31),
        False,
        None,
    )
    assert second["is_deleted"] is True


def test_of_history_only_what_is_true_now_is_shown_and_live_tables_mark_nothing() -> None:
    history = types_of("Account", _fivetran_active="BOOL")
    rows = [account("1", name="Old", _fivetran_active=False), account("1", name="New", _fivetran_active=True)]
    (now,) = google(OURS["account"], {"theirs.account": history}, {"theirs.account": rows})
    assert now["name"] == "New"
    live = {name: kind for name, kind in types_of("Account").items() if name != "_fivetran_deleted"}
    (shown,) = google(OURS["account"], {"theirs.account": live}, {"theirs.account": [account("1", is_deleted=True)]})
    assert shown["is_deleted"] is True


def test_what_is_gone_is_told_of_every_object(theirs: Theirs) -> None:
    for name in OBJECTS:
        rows = [account("2", _fivetran_deleted=True)] if name == "Account" else []
        theirs.writes(fivetran_name(name), types_of(name), rows)
    theirs.looks(OURS["deleted_record"], told=TOLD)
    (row,) = theirs.rows(OURS["deleted_record"])
    assert (row["object_name"], row["id"], row["deleted_at"]) == ("Account", "2", datetime(2026, 11, 20, 9, tzinfo=UTC))


def test_a_field_that_fivetran_does_not_copy_is_named(theirs: Theirs) -> None:
    less = {name: kind for name, kind in types_of("Account").items() if name != "arr_c"}
    theirs.writes("account", less, [])
    with pytest.raises(WarehouseError, match=r"theirs\.account has no column arr_c"):
        theirs.looks(OURS["account"], told=TOLD)


def test_where_fivetran_never_succeeded_nothing_has_landed(theirs: Theirs) -> None:
    theirs.writes("account", types_of("Account"), [account("1")])
    assert theirs.looks(OURS["account"]).reason == "nothing was written yet"
    assert theirs.looks(OURS["account"], told=TOLD).state.has_landed


def test_a_sync_that_brought_nothing_new_moves_only_how_far_it_reaches(theirs: Theirs) -> None:
    theirs.writes("account", types_of("Account"), [account("1")])
    first = theirs.looks(OURS["account"], told=TOLD).state
    later = NOW.replace(hour=18)
    second = theirs.looks(OURS["account"], later, told=later.replace(hour=17)).state
    assert (second.content_version, second.data_through) == (first.content_version, later.replace(hour=17))
