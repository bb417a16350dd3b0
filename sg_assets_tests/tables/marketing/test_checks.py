"""What must hold of marketing, asked of rows where it does and of rows where it does not."""

from collections.abc import Mapping, Sequence
from datetime import date

from sg_assets.discovery import graph
from sg_assets.tables.marketing import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

JANUARY = date(2026, 1, 1)
COUNTS = dict.fromkeys(("leads", "mqls", "pqls", "cohort_mqls", "cohort_pqls"), 0)


def found(sql: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
    return asked(sql, [graph()[name] for name in given], given)


def funnel(*leads: Row, **counts: int) -> list[Row]:
    months: list[Row] = [{"month_on": JANUARY, **COUNTS, **counts}]
    return found(checks.EVERY_LEAD_COUNTS, {"marketing.funnel_month": months, "marketing.lead": leads})


def lead(id_: str, mql_on: date | None = None, created_on: date = JANUARY) -> Row:
    return {"hubspot_contact_id": id_, "created_on": created_on, "mql_on": mql_on}


def test_the_funnel_has_every_lead_up_to_its_last_month() -> None:
    both = lead("1", JANUARY), lead("2")
    assert funnel(*both, leads=2, mqls=1, cohort_mqls=1) == []
    assert funnel(*both, lead("3", created_on=date(2026, 2, 1)), leads=2, mqls=1, cohort_mqls=1) == []
    assert len(funnel(*both, leads=1, mqls=1, cohort_mqls=1)) == 1
    assert len(funnel(*both, leads=2, mqls=0, cohort_mqls=1)) == 1
    assert len(funnel(*both, leads=2, mqls=1, cohort_mqls=0)) == 1


def test_an_empty_funnel_lacks_nobody() -> None:
    assert found(checks.EVERY_LEAD_COUNTS, {"marketing.funnel_month": [], "marketing.lead": []}) == []


def test_the_people_of_a_sequence_are_in_one_state_each() -> None:
    def wrong(**counts: int | None) -> bool:
        row: Row = {"system": "Mixmax", "sequence_id": "1", "people": 3, "failed_people": 1, **counts}
        return bool(found(checks.PARTS_ADD_UP, {"marketing.sequence_performance": [row]}))

    assert not wrong(active_people=1, completed_people=1, converted_people=3, people_with_opportunity=3)
    assert not wrong(active_people=None, completed_people=2)
    assert wrong(active_people=1, completed_people=2)
    assert wrong(active_people=1, completed_people=1, converted_people=4)
    assert wrong(active_people=1, completed_people=1, converted_people=1, people_with_opportunity=2)
