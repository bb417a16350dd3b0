"""What the infrastructure team's scheduled query has written by now: how many people used each instance, day by day.

It runs at two in the night (UTC) for the day before, over the pings of that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.sandbox.company.activity import registered
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.hourly_objects import is_between
from sg_assets.sandbox.stand_in import Writer

if TYPE_CHECKING:
    from sg_assets.sandbox.sandbox import Sandbox

RUNS_AFTER = timedelta(hours=2)
DAY = timedelta(days=1)


def server_day(sandbox: Sandbox) -> Iterator[Mapping[str, object]]:
    """One row per instance that pinged with usage, and UTC day of its history up to the newest that was written."""
    people = PingRows(sandbox.company)
    faults = [fault for fault in sandbox.faults.list() if fault.kind is Kind.STOPPED_FEED]
    first, newest = (sandbox.anchor - sandbox.history).date(), (sandbox.now() - RUNS_AFTER).date() - DAY
    for place in range((newest - first).days + 1):
        day = first + place * DAY
        noon = datetime.combine(day, datetime.min.time(), sandbox.anchor.tzinfo) + DAY / 2
        if any(f.concerns("server_usage", "server_day") and is_between(noon, f) for f in faults):
            continue
        for instance in sandbox.company.instances:
            if instance.pings_at(noon) is Pings.FULL:
                yield _row(instance.site_id, day, registered(people.population(instance).hours(day)[24]))


def _row(site_id: str, day: date, users: int) -> Mapping[str, object]:
    return {"site_id": site_id, "day_on": day, "user_count": users}


writer = Writer("server_usage", {"server_day": server_day})
