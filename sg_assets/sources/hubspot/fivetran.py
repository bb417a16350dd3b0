"""HubSpot as Fivetran copies it: contacts, companies and deals, each property a column `property_…`.

The names are those that Fivetran's own models read: https://github.com/fivetran/dbt_hubspot_source. A property that is
missing is refused, rather than shown empty. Owners, pipelines, associations and forms are still fetched from HubSpot:
Fivetran's tables of them are of another shape, or hold less.
"""

from __future__ import annotations

from sg_assets.filling import Filler, Filling
from sg_assets.sources.hubspot.fields import COMPANY, CONTACT, DEAL, Kind
from sg_assets.sources.hubspot.session import hubspot
from sg_assets.table import Part, Reach

VARIABLE = "SG_HUBSPOT_DATASET"
NOT_MARKED = {"is_deleted": "false", "_fivetran_deleted": "false"}
"""By which of them a table tells what is gone differs; a live table has neither."""
OF_A_DEAL = {
    "id": "deal_id",
    "pipeline_id": "deal_pipeline_id",
    "stage_id": "deal_pipeline_stage_id",
    "owner_id": "owner_id",
}


def _part(table: str, kind: Kind, **own: str) -> Part:
    """A kind of records; `own` are the columns that are no properties there."""
    named = {column.name: f"property_{name}" for name, column in kind.fields.items()}
    lists = {column.name for column in kind.columns if column.is_array}
    return Part(
        table,
        fields={
            "id": "id",
            "created_at": "property_createdate",
            "modified_at": f"property_{kind.modified}",
            **{ours: theirs for ours, theirs in named.items() if ours not in lists},
            **own,
        },
        computed={
            "is_archived": "coalesce(t.is_deleted, false) or coalesce(t._fivetran_deleted, false)",
            **{name: f"ifnull(split(nullif(t.{named[name]}, ''), ';'), [])" for name in lists},
        },
        lacking=NOT_MARKED,
    )


hubspot.fillings |= {
    part.table: Filling(Filler.FIVETRAN, VARIABLE, (part,), Reach.TOLD)
    for part in (_part("contact", CONTACT), _part("company", COMPANY), _part("deal", DEAL, **OF_A_DEAL))
}
