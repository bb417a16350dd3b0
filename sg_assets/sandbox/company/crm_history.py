"""The history that Salesforce itself keeps of opportunities: a row for each stage that one entered, and when.

Derived from the changes of the opportunities, so that the newest row of each always says the stage that it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sg_assets.sandbox.company.crm_accounts import STAGES, stage_fields
from sg_assets.sandbox.company.crm_record import Change, stamps
from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

HISTORY = "OpportunityHistory"
OPEN_STAGES = tuple(name for name in STAGES if not name.startswith("Closed"))
"""In the order in which a sale goes through them."""


def before_anchor(seed: int, opportunity: Change) -> Iterator[Change]:
    """The way of an opportunity from its creation to the stage that it is in: nothing is skipped, nothing repeated."""
    fields = opportunity.fields
    begin, end = fields["CreatedDate"], fields["LastModifiedDate"]
    if not isinstance(begin, datetime) or not isinstance(end, datetime):
        raise TypeError(opportunity)  # every record has its stamps
    chance = dice(seed, "stages", opportunity.id)
    stage = str(fields["StageName"])
    lost_after = chance.randint(1, len(OPEN_STAGES))
    reached = len(OPEN_STAGES) if stage == "Closed Won" else STAGES[stage] or lost_after
    way = [*OPEN_STAGES[:reached], *([] if stage in OPEN_STAGES else [stage])]
    between = sorted(chance.random() for _ in way[2:])
    shares = [0.0, *between, 1.0][: len(way)]
    if len(way) == 1:
        shares = [0.0]
    for name, share in zip(way, shares, strict=True):
        yield _entered(seed, opportunity.id, {**fields, **stage_fields(name)}, begin + (end - begin) * share)


def since_anchor(seed: int, change: Change, record: Mapping[str, object]) -> Change | None:
    """The row that a change of an opportunity makes, given the record after it; None where no stage is told.

    A stage that is told again makes a row, too, as a new amount or closing day does at Salesforce.
    """
    if change.kind != "Opportunity" or "StageName" not in change.fields:
        return None
    return _entered(seed, change.id, record, change.at)


def _entered(seed: int, opportunity_id: str, fields: Mapping[str, object], at: datetime) -> Change:
    at = at.replace(microsecond=0)
    id_ = salesforce_id("008", seed, "history", opportunity_id, f"{at:%Y%m%d%H%M%S}", fields["StageName"])
    row = {
        "Id": id_,
        "OpportunityId": opportunity_id,
        "StageName": fields["StageName"],
        "Amount": fields["Amount"],
        "CloseDate": fields["CloseDate"],
        "Probability": fields["Probability"],
        "CreatedById": fields["OwnerId"],
        "IsDeleted": fields["IsDeleted"],
        **stamps(at, at),
    }
    row.pop("LastModifiedDate")  # a row of history is never modified
    return Change(at, at, HISTORY, id_, row)
