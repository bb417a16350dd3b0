"""Salesforce as Fivetran copies it: each object a table, each field a column, under names that Fivetran makes of them.

Fivetran writes names in lower case with underscores, and the ending `__c` of custom ones as `_c`. It copies no formula
fields: a column that is missing is refused, rather than shown empty. A table in soft-delete mode marks rows that are
gone; in history mode only the rows count that are true now; in live mode rows that are gone are not there.
The names are those that Fivetran's own models read: https://github.com/fivetran/dbt_salesforce_source. Some connections
write the API's names as they are; those take a dataset of views.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sg_assets.columns import Column
from sg_assets.filling import Filler, Filling
from sg_assets.sources.salesforce.fields import OBJECTS
from sg_assets.sources.salesforce.session import salesforce
from sg_assets.table import Part, Reach

VARIABLE = "SG_SALESFORCE_DATASET"
MODES = {"_fivetran_deleted": "false", "_fivetran_active": "true"}
"""Columns that only some modes have, and what they say in the others."""


def fivetran_name(api_name: str) -> str:
    """What Fivetran calls an object or field of Salesforce: `SystemModstamp` is `system_modstamp`, `ARR__c` `arr_c`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", api_name).lower().replace("__", "_")


def _object(api_name: str, fields: Mapping[str, Column]) -> Part:
    """An object's table; what Fivetran found gone is deleted, whether Salesforce still said so or not."""
    names = {column.name: fivetran_name(name) for name, column in fields.items()}
    gone = {"is_deleted": "coalesce(t.is_deleted, false) or coalesce(t._fivetran_deleted, false)"}
    return Part(
        fivetran_name(api_name),
        fields={ours: theirs for ours, theirs in names.items() if ours not in gone},
        computed={ours: value for ours, value in gone.items() if ours in names},
        lacking=MODES,
        tail="where t._fivetran_active",
    )


def _deleted(api_name: str) -> Part:
    """The rows of an object's table that are gone; when that was seen is when Fivetran last wrote them."""
    return Part(
        fivetran_name(api_name),
        fields={"id": "id", "deleted_at": "_fivetran_synced"},
        computed={"object_name": f"'{api_name}'"},
        lacking=MODES,
        tail="where t._fivetran_active and t._fivetran_deleted",
    )


TABLES = {
    **{fivetran_name(name).removesuffix("_c"): (_object(name, fields),) for name, fields in OBJECTS.items()},
    "deleted_record": tuple(_deleted(name) for name in OBJECTS if name != "User"),  # users are never deleted
}
"""What each of our tables is of Fivetran's."""
salesforce.fillings |= {name: Filling(Filler.FIVETRAN, VARIABLE, parts, Reach.TOLD) for name, parts in TABLES.items()}
