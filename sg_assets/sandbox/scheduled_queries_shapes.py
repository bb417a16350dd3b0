"""How the Data Transfer Service shows a scheduled query and its runs, with what was changed of it since it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.scheduled_queries import (
    SERVICE_ACCOUNT,
    QueryRun,
    ScheduledQueries,
    ScheduledQuery,
)
from sg_assets.sandbox.scheduled_queries_changes import Changes

SOURCE = "scheduled_query"
DENIED = 7
"""google.rpc.Code: permission denied."""


@dataclass(frozen=True)
class Shapes:
    """The resources of one sandbox."""

    queries: ScheduledQueries
    changes: Changes

    def told(self, one: ScheduledQuery, now: datetime) -> dict[str, Any]:
        """A configuration with its owner, where the service tells."""
        owner = self._owner(one, now)
        return {**self.resource(one, now), **({"ownerInfo": {"email": owner}} if owner else {})}

    def _owner(self, one: ScheduledQuery, at: datetime) -> str | None:
        return SERVICE_ACCOUNT if self._handed_over_at(one, at) else one.owner(at)

    def _handed_over_at(self, one: ScheduledQuery, at: datetime) -> datetime | None:
        """When it was handed to the service account by a change, if it was by then."""
        return next((c.at for c in self.changes.of(self.queries.resource(one), at) if c.account), None)

    def runs(self, one: ScheduledQuery, now: datetime) -> Iterator[QueryRun]:
        """The runs that are shown, the newest first."""
        return self.queries.runs(one, now, self._handed_over_at(one, now))

    def resource(self, one: ScheduledQuery, now: datetime) -> dict[str, Any]:
        """A configuration as a list shows it."""
        params = {"query": one.query}
        if one.table:
            params |= {"destination_table_name_template": one.table, "write_disposition": one.disposition}
            params["partitioning_field"] = one.partitioning_field
        changes = self.changes.of(self.queries.resource(one), now)
        newest = next(self.runs(one, now), None)
        found: dict[str, Any] = {
            "name": self.queries.resource(one),
            "displayName": one.name,
            "dataSourceId": SOURCE,
            "destinationDatasetId": one.dataset if one.table else "",
            "schedule": one.schedule,
            "scheduleOptions": {"startTime": _time(one.created_at)},
            "params": params,
            "updateTime": _time(
                max(*(c.at for c in changes), *(since for since, _ in one.owners if since <= now), one.owners[0][0])
            ),
            "userId": str(-(number(self.queries.company.seed, self._owner(one, now)) >> 1)),
            "datasetRegion": one.location,
            "emailPreferences": {},
            **({"disabled": True} if one.is_disabled else {}),
        }
        for change in changes:
            found |= change.fields
        found = {name: value for name, value in found.items() if value not in ("", None, False)}
        if one.is_disabled:
            return found
        found["nextRunTime"] = _time(newest.scheduled + one.every if newest else one.created_at)
        found["state"] = _state(newest, now) if newest else "PENDING"
        if newest and found["state"] == "FAILED":
            found["error"] = _denied(one, now)
        return found

    def run(self, one: ScheduledQuery, run: QueryRun, now: datetime) -> dict[str, Any]:
        """One run, as it stands at an instant."""
        state = _state(run, now)
        run_id = f"{number(self.queries.company.seed, 'run', one.place, run.scheduled):016x}"
        found: dict[str, Any] = {
            "name": f"{self.queries.resource(one)}/runs/{run_id}",
            "scheduleTime": _time(run.scheduled),
            "runTime": _time(run.scheduled),
            "params": self.resource(one, now)["params"],
            "dataSourceId": SOURCE,
            "updateTime": _time(min(run.end, now)),
            "state": state,
            "userId": str(-(number(self.queries.company.seed, self._owner(one, run.start)) >> 1)),
            "schedule": one.schedule,
            "errorStatus": _denied(one, run.start) if state == "FAILED" else {},
            "emailPreferences": {},
        }
        if one.table:
            found["destinationDatasetId"] = one.dataset
        if state != "PENDING":
            found["startTime"] = _time(run.start)
        if state in {"SUCCEEDED", "FAILED"}:
            found["endTime"] = _time(run.end)
        return found


def _state(run: QueryRun, now: datetime) -> str:
    if now < run.start:
        return "PENDING"
    return "RUNNING" if now < run.end else "SUCCEEDED" if run.has_succeeded else "FAILED"


def _denied(one: ScheduledQuery, at: datetime) -> dict[str, Any]:
    return {"code": DENIED, "message": f"Access Denied: the user {one.owner(at)} does not exist any more."}


def _time(at: datetime) -> str:
    text = f"{at:%Y-%m-%dT%H:%M:%S}"
    return f"{text}.{at.microsecond:06d}Z" if at.microsecond else f"{text}Z"
