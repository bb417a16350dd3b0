from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_accounts import STAGES
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR, DAY

Rows = dict[object, list[dict[str, object]]]


def histories(company: Company, at: datetime) -> tuple[Rows, dict[str, dict[str, object]]]:
    """The history of each opportunity, the oldest row first, and the opportunities."""
    records = Crm(CrmChanges(company)).at(at)
    found: Rows = defaultdict(list)
    for row in sorted(records["OpportunityHistory"].values(), key=lambda row: str(row["CreatedDate"])):
        found[row["OpportunityId"]].append(row)
    return found, records["Opportunity"]


@pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=90), 4 * DAY])
def test_the_newest_row_says_the_stage_that_the_opportunity_is_in(company: Company, after: timedelta) -> None:
    found, opportunities = histories(company, ANCHOR + after)
    assert set(found) == set(opportunities)
    for id_, one in opportunities.items():
        last = max(str(row["CreatedDate"]) for row in found[id_])
        newest = {row["StageName"] for row in found[id_] if str(row["CreatedDate"]) == last}
        assert one["StageName"] in newest


def test_before_the_anchor_every_stage_was_entered_in_its_order(company: Company) -> None:
    found, opportunities = histories(company, ANCHOR - timedelta(seconds=1))
    longest = 0
    for id_, rows in found.items():
        stages = [STAGES[str(row["StageName"])] for row in sorted(rows, key=lambda row: STAGES[str(row["StageName"])])]
        assert len(stages) == len(set(stages))
        assert rows[0]["CreatedDate"] == opportunities[str(id_)]["CreatedDate"]
        assert rows[-1]["CreatedDate"] == opportunities[str(id_)]["LastModifiedDate"] or len(rows) == 1
        longest = max(longest, len(rows))
    assert longest == 5


def test_a_row_once_there_never_changes(company: Company) -> None:
    crm = Crm(CrmChanges(company))
    before, after = (crm.at(at)["OpportunityHistory"] for at in (ANCHOR + DAY, ANCHOR + 3 * DAY))
    assert before.items() <= after.items()
    assert len(after) > len(before)
