"""HubSpot as Fivetran copied it is shown as we would have pulled it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sg_assets.sources.hubspot import hubspot
from sg_assets.table import Table
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.filled_tables import Row, google, of

OURS = {name: raw.table for name, raw in of(hubspot, {"SG_HUBSPOT_DATASET": "theirs"}).items()}
AT = datetime(2022, 3, 1, 9, tzinfo=UTC)


def types_of(table: Table, **other: str) -> dict[str, str]:
    """The columns of Fivetran's table: ids are numbers there, and so are INT64 properties of HubSpot's numbers."""
    assert table.origin
    (part,) = table.origin.parts
    kinds = {"INT64": "FLOAT64", "NUMERIC": "FLOAT64"}
    own = {theirs: kinds.get(table.column(ours).type, table.column(ours).type) for ours, theirs in part.fields.items()}
    ids = {name: "INT64" for name in ("id", "deal_id", "owner_id", "property_hubspot_owner_id") if name in own}
    return own | ids | {"property_hs_merged_object_ids": "STRING", "_fivetran_synced": "TIMESTAMP"} | other


def shown(table: Table, row: Row, **other: str) -> Row:
    name = f"theirs.{table.name.partition('.')[2]}"
    (found,) = google(table, {name: types_of(table, **other)}, {name: [row]})
    return found


def test_what_fivetran_copies_is_filled_and_the_rest_is_fetched() -> None:
    assert set(OURS) == {"contact", "company", "deal"}


def test_a_contact_has_its_properties_under_our_names() -> None:
    row = {
        "id": 7, "property_email": "ada@acme.example", "property_createdate": AT, "property_lastmodifieddate": AT,
        "property_intent_points": 15.0, "property_hs_merged_object_ids": "1;2", "_fivetran_deleted": True,
    }  # fmt: skip
    found = shown(OURS["contact"], row, _fivetran_deleted="BOOL")
    assert (found["id"], found["email"], found["created_at"], found["modified_at"]) == ("7", "ada@acme.example", AT, AT)
    assert (found["intent_points"], found["merged_contact_ids"], found["is_archived"]) == (15, ["1", "2"], True)
    assert (found["archived_at"], found["_deleted_at"]) == (None, None)


def test_a_deal_names_its_pipeline_and_stage_and_a_company_what_was_never_merged() -> None:
    row = {
        "deal_id": 5,
        "deal_pipeline_id": "default",
        "deal_pipeline_stage_id": "won",
        "owner_id": 3,
        "is_deleted": False,
    }
    deal = shown(OURS["deal"], row, is_deleted="BOOL")
    assert (deal["id"], deal["pipeline_id"], deal["stage_id"], deal["owner_id"]) == ("5", "default", "won", "3")
    assert deal["is_archived"] is False
    assert shown(OURS["company"], {"id": 1})["merged_company_ids"] == []


def test_a_property_that_is_not_copied_is_named() -> None:
    types = {name: kind for name, kind in types_of(OURS["contact"]).items() if name != "property_mql_date"}
    with pytest.raises(WarehouseError, match=r"theirs\.contact has no column property_mql_date"):
        google(OURS["contact"], {"theirs.contact": types}, {})
