"""Salesforce's records as they are at an instant: those of the anchor, and every change that is visible by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company import crm_history
from sg_assets.sandbox.company.crm_changes import ERASED, CrmChanges
from sg_assets.sandbox.company.crm_record import Change

HOUR = timedelta(hours=1)
OBJECTS = (
    "Account", "Opportunity", "Contact", "User", "Lead", "OpportunityHistory", "Product_Subscription__c", "Campaign",
    "CampaignMember",
)  # fmt: skip

Records = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True, eq=False)
class Crm:
    """The records by object and id. Hours that are over are remembered; they never change."""

    changes: CrmChanges
    _hours: dict[datetime, list[Change]] = field(default_factory=dict)

    def at(self, at: datetime) -> Records:
        """Every record as a query sees it at an instant, deleted ones included, erased ones not."""
        records: Records = {name: {} for name in OBJECTS}
        for change in self.changes.first:
            records[change.kind][change.id] = dict(change.fields)
        for change in self._seen(at):
            if ERASED in change.fields:
                records[change.kind].pop(change.id, None)
            else:
                record = records[change.kind].setdefault(change.id, {})
                record.update(change.fields)
                if entered := crm_history.since_anchor(self.changes.company.seed, change, record):
                    records[entered.kind][entered.id] = dict(entered.fields)
        return records

    def erased(self, at: datetime) -> dict[tuple[str, str], datetime]:
        """The records that are gone for good by an instant, by object and id, and when they were erased."""
        return {(change.kind, change.id): change.at for change in self._seen(at) if ERASED in change.fields}

    def deleted(self, at: datetime) -> dict[tuple[str, str], object]:
        """The records that are in the recycle bin by an instant, by object and id, and when they went there."""
        found: dict[tuple[str, str], object] = {}
        for change in (*self.changes.first, *self._seen(at)):
            if change.fields.get("IsDeleted"):
                found.setdefault((change.kind, change.id), change.fields.get("LastModifiedDate", change.at))
        return found

    def _seen(self, at: datetime) -> list[Change]:
        """The changes since the anchor that a query sees at an instant, in the order of their stamps."""
        anchor = self.changes.company.anchor
        found = [change for change in self.changes.scheduled if change.at <= at]
        for place in range(max(0, (hour_of(at) - anchor) // HOUR + 1)):
            hour = anchor + place * HOUR
            if hour not in self._hours:
                self._hours[hour] = list(self.changes.of_hour(hour))
            found += self._hours[hour]
        seen = (change for change in found if change.visible_at <= at)
        return sorted(seen, key=lambda change: (change.at, change.kind, change.id))
