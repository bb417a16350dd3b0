"""Handing scheduled queries to the service account, and looking afterwards that nothing else was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.scheduled_queries.audit import Audited, owner_of
from sg_assets.sources.scheduled_queries.transfers import details, hand_over

OF_THE_SERVICE = frozenset({"error", "nextRunTime", "ownerInfo", "state", "updateTime", "userId"})
"""What BigQuery itself says of a configuration: it changes without anybody changing it, or with the account."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one: the owner that BigQuery tells now, and what went wrong, empty where nothing did."""

    audited: Audited
    owner: str | None
    problem: str = ""


def mend(http: Client, one: Audited, account: str) -> Mended:
    """Have one scheduled query run as the service account: read, modify, write, read again.

    What the read back shows otherwise than before, the account apart, is told as a problem.

    Args:
        http: the source's client.
        one: as it was audited; it is read again first.
        account: e-mail address of the service account.
    """
    try:
        before = details(http, one.name)
        if before is None:
            return Mended(one, None, "it was deleted meanwhile")
        hand_over(http, before, account)
        after = details(http, one.name) or {}
    except SourceError as error:
        return Mended(one, one.owner, str(error))
    owner = owner_of(after)
    if (owner or "").lower() != account.lower():
        return Mended(one, owner, f"BigQuery took the change, and says that it runs as {owner or 'nobody knows whom'}")
    others = _different(before, after)
    problem = f"other fields are not what they were: {', '.join(others)}" if others else ""
    return Mended(one, owner, problem)


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields, but for those of the service, that are not the same."""
    return sorted(name for name in {*before, *after} - OF_THE_SERVICE if before.get(name) != after.get(name))
