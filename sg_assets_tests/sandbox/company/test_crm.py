from datetime import timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import OBJECTS, Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


@pytest.fixture(scope="module")
def crm(company: Company) -> Crm:
    return Crm(CrmChanges(company))


def test_at_the_anchor_the_records_are_the_first_ones(crm: Crm) -> None:
    records = crm.at(ANCHOR - timedelta(seconds=1))
    assert {change.id for change in crm.changes.first} == {id_ for name in OBJECTS for id_ in records[name]}


def test_what_is_true_of_an_instant_does_not_depend_on_what_was_asked_before(crm: Crm) -> None:
    at = ANCHOR + 30 * HOUR
    before = crm.at(at)
    crm.at(ANCHOR + 9 * DAY)
    assert crm.at(at) == before == Crm(CrmChanges(crm.changes.company)).at(at)


def test_every_record_has_all_fields_of_its_kind_also_a_new_one(crm: Crm) -> None:
    records = crm.at(ANCHOR + 3 * DAY)
    for name in OBJECTS:
        assert len({frozenset(record) for record in records[name].values()}) == 1, name


def test_stamps_never_lie_in_the_future_nor_before_creation(crm: Crm) -> None:
    at = ANCHOR + 3 * DAY + timedelta(minutes=20)
    for records in crm.at(at).values():
        assert all(one["CreatedDate"] <= one["SystemModstamp"] <= at for one in records.values())  # pyrefly: ignore[unsupported-operation]


def test_what_is_seen_late_has_an_older_stamp(crm: Crm) -> None:
    late = next(
        change
        for place in range(200)
        for change in crm.changes.of_hour(ANCHOR + place * HOUR)
        if change.visible_at - change.at > timedelta(minutes=1) and "SystemModstamp" in change.fields
    )
    before, after = (
        crm.at(at)[late.kind].get(late.id, {}) for at in (late.at + timedelta(seconds=30), late.visible_at)
    )
    assert before.get("SystemModstamp") != late.fields["SystemModstamp"]
    assert after["SystemModstamp"] == late.fields["SystemModstamp"]


def test_records_change_as_the_clock_goes_on(crm: Crm) -> None:
    before, after = crm.at(ANCHOR), crm.at(ANCHOR + 2 * DAY)
    for name in ("Account", "Opportunity", "Contact", "Lead"):
        assert before[name] != after[name]
