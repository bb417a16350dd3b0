"""Looker's lists from a scripted vendor, and no waiting for its rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sg_assets.source import Page, Pull, RateLimit, Read
from sg_assets.sources.looker import connection, looker
from sg_assets_tests.scripted_vendor import Answer, Asked

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {"SG_LOOKER_CLIENT_ID": "id", "SG_LOOKER_CLIENT_SECRET": "s3cret"}
ADMIN = {
    "/login": {"access_token": "4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4", "token_type": "Bearer", "expires_in": 3600},
    "/user": {"id": "1", "role_ids": ["2"]},
    "/roles": [{"id": "2", "name": "Admin", "permission_set": {"all_access": True}}],
}
"""What Looker tells an admin of itself."""


@pytest.fixture(autouse=True)
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Looker could take any number of calls."""
    monkeypatch.setattr(connection, "CALLS", RateLimit(1_000_000, 1.0))


def telling(answers: Mapping[str, object]) -> Callable[[Asked], Answer]:
    """Looker with these answers by path, below the API; lists are paged where that is asked for."""
    known = {**ADMIN, **answers}

    def answer(asked: Asked) -> Answer:
        found = known.get(asked.path.removeprefix("/api/4.0"))
        if found is None:
            return Answer.json({"message": "Not found", "documentation_url": "https://docs.looker.com/"}, 404)
        if isinstance(found, list) and "limit" in asked.query:
            start = int(asked.query.get("offset", "0"))
            found = found[start : start + int(asked.query["limit"])]
        return Answer.json(found)

    return answer


def pull(url: str, table: str, read: Read = lambda _table, _columns: ()) -> list[dict[str, Any]]:
    """The rows of a table, from a vendor."""
    fetch = looker.tables[f"raw_looker.{table}"].fetch
    assert fetch
    with looker.connect(url, SETTINGS) as client:
        client.sleep = lambda _: None  # pyrefly: ignore[missing-attribute]
        return rows_of(list(fetch(Pull(client, SETTINGS, NOW, read=read))))


def rows_of(pages: list[Page]) -> list[dict[str, Any]]:
    """The rows of some pages."""
    return [dict(row) for page in pages for row in page.rows]
