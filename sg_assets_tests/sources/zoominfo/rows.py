"""Pulls of ZoomInfo's tables without a warehouse: what they read is a mapping, what they give is kept in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from sg_assets.http import Client
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.zoominfo import zoominfo

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {
    "SG_ZOOMINFO_USERNAME": "analytics",
    "SG_ZOOMINFO_PASSWORD": "s3cret",
    "SG_ZOOMINFO_CREDITS_PER_RUN": "1000",
    "SG_ZOOMINFO_CREDITS_PER_MONTH": "5000",
}
KEYS = {"company": "domain", "contact": "email"}


@dataclass
class Tables:
    """Raw tables by name, and the cursor that the last pull left."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    cursors: dict[str, Mapping[str, object] | None] = field(default_factory=dict)

    def read(self, table: str, columns: Sequence[str]) -> list[Row]:
        return [{name: row[name] for name in columns or row} for row in self.rows.get(table, ())]

    def pull(self, client: Client, table: str, settings: Mapping[str, str], now: datetime = NOW) -> list[Page]:
        """The pages of a pull, whose rows are then in the table."""
        name = f"raw_zoominfo.{table}"
        fetch = zoominfo.tables[name].fetch
        assert fetch
        pages = list(fetch(Pull(client, settings, now, self.cursors.get(table), self.read)))
        self.cursors[table] = pages[-1].cursor
        merged = {row[KEYS[table]]: row for row in self.rows.get(name, ())} if table in KEYS else {}
        merged |= {row[KEYS[table]]: row for page in pages for row in page.rows} if table in KEYS else {}
        self.rows[name] = list(merged.values())
        return pages


def accounts(*domains: str, **fields: object) -> list[Row]:
    """Accounts of Salesforce with these websites, the last one the newest."""
    made = {"is_deleted": False, **fields}
    return [
        {"website": f"https://www.{domain}", "created_at": datetime(2026, 1, 1 + n % 28, tzinfo=UTC), **made}
        for n, domain in enumerate(domains)
    ]


def connected(url: str, settings: Mapping[str, str] = SETTINGS) -> Client:
    return cast("Client", zoominfo.connect(url, settings))


def domains(pages: list[Page]) -> list[object]:
    return [row["domain"] for page in pages for row in page.rows]
