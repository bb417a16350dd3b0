"""The tables in which what we know ourselves is published, for dashboards: how fresh everything is, was, and is noted.

Only their declaration; what is in them is read in `published.py`. They are tables as all others, kept up to date by the
same schedules, but nobody is woken for them.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sg_assets.columns import Classification, Column
from sg_assets.freshness.problems import OWN
from sg_assets.promise import Promise
from sg_assets.source import EXTRA
from sg_assets.table import Delivery, Mode, Table

OWNER = "team:analytics"
HOURLY = Promise("10 * * * *", warn=timedelta(hours=3), fail=timedelta(hours=6))
HERE = Path(__file__)


def _table(name: str, key: tuple[str, ...], description: str, *columns: Column) -> Table:
    return Table(
        name=f"{OWN}.{name}",
        description=description,
        owner=OWNER,
        columns=(*columns, EXTRA),
        key=key,
        promise=HOURLY,
        file=HERE,
        delivery=Delivery.PULL,
        source=OWN,
        mode=Mode.REPLACE,
    )


NAME = Column("table_name", "STRING", "The table, as `dataset.table`.")
STATE = Column("state", "STRING", "fresh, late_soon, late, never_landed, noted, frozen or not_connected.")
OWNED = Column("owner", "STRING", "Who owns it.")

FRESHNESS = _table(
    "freshness",
    ("table_name",),
    "How fresh every table is: one row per table, as of `evaluated_at`.",
    NAME,
    Column("source", "STRING", "The source that delivers it; NULL for a derived table."),
    OWNED,
    STATE,
    Column("since", "TIMESTAMP", "When that state began; NULL where nothing began."),
    Column("data_through", "TIMESTAMP", "Up to when its data is complete; NULL as long as none has landed."),
    Column("lag_seconds", "FLOAT64", "How long ago that was."),
    Column("counted_lag_seconds", "FLOAT64", "The same without the days that its promise does not count."),
    Column("warn_seconds", "INT64", "The lag from which on it is late soon; NULL for a frozen table."),
    Column("fail_seconds", "INT64", "The lag from which on it is late."),
    Column("roots", "ARRAY<STRING>", "The tables, most upstream, because of which it is not fresh."),
    Column("reason", "STRING", "Why, in a sentence."),
    Column("note_id", "STRING", "The note that covers it, a root of it or a table above it."),
    Column("next_expected", "TIMESTAMP", "Its promise's next tick."),
    Column("evaluated_at", "TIMESTAMP", "When all of this was so."),
)
HISTORY = _table(
    "freshness_history",
    ("id",),
    "Every change of a table's state, at the second at which it took place.",
    Column("id", "INT64", "Numbers the rows of all tables, by table and then by time."),
    NAME,
    Column("state", "STRING", "The state that began: as in sg_ops.freshness, or `removed`."),
    Column("since", "TIMESTAMP", "When it began."),
    Column("until", "TIMESTAMP", "When the next one began; NULL for the last one."),
    Column("recorded_at", "TIMESTAMP", "When the watch found out."),
)
ATTAINMENT = _table(
    "attainment",
    ("kind", "name", "days"),
    "The share of time in which tables, and sources as a whole, were within their promises, over the last days.",
    Column("kind", "STRING", "`table` or `source`; a source is within its promise while all of its tables are."),
    Column("name", "STRING", "The table or the source."),
    Column("days", "INT64", "How many days are looked back on: 7, 30 or 90."),
    Column("kept_seconds", "FLOAT64", "Time within the promise."),
    Column("judged_seconds", "FLOAT64", "Time in which there was one to keep: landed, connected, not noted."),
    Column("share", "FLOAT64", "The one divided by the other, from 0 to 1; NULL where there was nothing to keep."),
)
NOTE = _table(
    "note",
    ("id",),
    "Every note that was ever published, ended and expired ones too.",
    Column("id", "STRING", "The note's id."),
    Column("table_names", "ARRAY<STRING>", "The tables that it excuses."),
    Column("author", "STRING", "Who stands for it.", Classification.PERSONAL),
    Column("reason", "STRING", "Why they may be late."),
    Column("valid_from", "TIMESTAMP", "From when on."),
    Column("valid_until", "TIMESTAMP", "Until when."),
    Column("ended_at", "TIMESTAMP", "When somebody ended it before its time."),
)
API_CALL = _table(
    "api_call",
    ("day_on", "table_name"),
    "How often outside systems were asked for a table on a UTC day, also by fetches that failed. Logins do not count.",
    Column("day_on", "DATE", "UTC day of the runs."),
    NAME,
    Column("source", "STRING", "The source that was asked, or the destination that was told."),
    Column("fetches", "INT64", "How many runs asked anything."),
    Column("calls", "INT64", "Requests that were sent, those that were repeated too; for a database, statements."),
    Column("quota_allowed", "INT64", "Calls that it said to allow in the period; NULL where it tells none by itself."),
    Column("quota_used", "INT64", "Of these, the most that it said were used, whoever used them."),
    Column("quota_period", "STRING", "`day` or `hour`: the period of that quota."),
)
TABLES = (FRESHNESS, HISTORY, ATTAINMENT, NOTE, API_CALL)
