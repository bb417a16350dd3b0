"""How many people used each instance, day by day: a table that a scheduled query of another team writes.

We do not fetch it and cannot bring it up to date; we say how far it reaches, and who is to be asked when it is late.
"""

from __future__ import annotations

from datetime import timedelta

from sg_assets.columns import Column
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Right, Source, nowhere

server_usage = Source(
    name="server_usage",
    description="Daily use of each instance, as the infrastructure team's scheduled query computes it.",
    owner="team:infrastructure",
    promise=Promise("0 3 * * *", warn=30 * HOUR, fail=36 * HOUR),
    connect=nowhere,
    known_delay=timedelta(hours=3),
    needs=(
        Right("roles/bigquery.dataViewer", "the dataset raw_server_usage", "read the table, and how far it reaches"),
    ),
    excess="Not asked: the table is read by the warehouse's own credential.",
)


@server_usage.watched(
    columns=(
        Column("site_id", "STRING", "Site id of the instance."),
        Column("day_on", "DATE", "UTC day."),
        Column("user_count", "INT64", "People with an account who used the instance on that day."),
    ),
    key=("site_id", "day_on"),
    through="day_on",
)
def server_day() -> None:
    """One row per instance and UTC day; written at night for the day before, by a query of another team."""
