"""Salesforce's records as they are at an instant: those of the anchor, and every change that is visible by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.crm_record import Change

HOUR = timedelta(hours=1)
OBJECTS = ("Account", "Opportunity", "Contact", "User", "Lead")

Records = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True, eq=False)
class Crm:
    """The records by object and id. Hours that are over are remembered; they never change."""

    changes: CrmChanges
    _hours: dict[datetime, list[Change]] = field(default_factory=dict)

    def at(self, at: datetime) -> Records:
        """Every record as a query sees it at an instant, deleted ones included."""
        records: Records = {name: {} for name in OBJECTS}
        for change in self.changes.first:
            records[change.kind][change.id] = dict(change.fields)
        for change in self._since_anchor(at):
            if change.visible_at <= at:
                records[change.kind].setdefault(change.id, {}).update(change.fields)
        return records

    def _since_anchor(self, at: datetime) -> list[Change]:
        anchor = self.changes.company.anchor
        found = [change for change in self.changes.scheduled if change.at <= at]
        for place in range(max(0, (hour_of(at) - anchor) // HOUR + 1)):
            hour = anchor + place * HOUR
            if hour not in self._hours:
                self._hours[hour] = list(self.changes.of_hour(hour))
            found += self._hours[hour]
        return sorted(found, key=lambda change: (change.at, change.kind, change.id))
