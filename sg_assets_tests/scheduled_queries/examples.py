"""Tables, and configurations of scheduled queries that read them, as small as can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sg_assets.columns import Classification, Column
from sg_assets.freshness.graph import Graph
from sg_assets.promise import DAILY, HOURLY, Frozen
from sg_assets.table import Delivery, Table

PERSON = Table(
    name="raw_a.person",
    description="People.",
    owner="team:a",
    columns=(
        Column("id", "INT64", "Id."),
        Column("email", "STRING", "Address.", Classification.PERSONAL),
        Column("team", "STRING", "Team."),
        Column("paid_usd", "NUMERIC", "Paid."),
        Column("tags", "ARRAY<STRING>", "Tags."),
        Column("created_at", "TIMESTAMP", "When."),
    ),
    key=("id",),
    promise=DAILY,
    file=Path("a.py"),
    delivery=Delivery.PULL,
    source="a",
)
EVENT = replace(
    PERSON,
    name="raw_a.event",
    columns=(
        Column("id", "INT64", "Id."),
        Column("at", "TIMESTAMP", "When."),
        Column("person_id", "INT64", "Who.", Classification.PSEUDONYMOUS),
    ),
    promise=HOURLY,
    event_column="at",
    known_delay=timedelta(hours=1),
)
ARCHIVE = replace(PERSON, name="raw_a.archive", promise=Frozen("closed"), delivery=Delivery.FROZEN)
GRAPH = Graph.of([PERSON, EVENT, ARCHIVE])
PROJECT = "p-q"
SERVICE_ACCOUNT = "sa@p-q.iam.gserviceaccount.com"


def config(sql: str, name: str = "c", table: str = "b", **more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """A configuration that writes `out.<table>` anew each day at 10:37; `more` are fields, or params."""
    params = {"query": sql, "destination_table_name_template": table, "write_disposition": "WRITE_TRUNCATE"}
    said = {one: more.pop(one) for one in ("write_disposition", "partitioning_field") if one in more}
    return {
        "name": f"projects/314/locations/us/transferConfigs/{name}",
        "displayName": f"Title of {name}",
        "dataSourceId": "scheduled_query",
        "destinationDatasetId": "out",
        "schedule": "every 24 hours",
        "nextRunTime": "2026-11-22T10:37:00Z",
        "params": {**params, **said},
        "ownerInfo": {"email": SERVICE_ACCOUNT},
        **more,
    }
