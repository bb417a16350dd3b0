from collections import Counter

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import (
    MASS_UPDATE,
    REPRESENTATIVES,
    factor_of,
    made,
    representative,
    stamps,
    user_id,
)
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_stamps_are_in_order_and_have_whole_seconds(company: Company) -> None:
    for place in range(200):
        fields = made(company, "Account", f"id {place}", 300, {}).fields
        created, modified, system = (fields[name] for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"))
        assert created <= modified <= system <= ANCHOR  # pyrefly: ignore[unsupported-operation]
        assert modified.microsecond == 0  # pyrefly: ignore[missing-attribute]


def test_a_mass_update_touched_many_in_the_same_second(company: Company) -> None:
    found = Counter(made(company, "Lead", f"id {place}", 300, {}).fields["SystemModstamp"] for place in range(200))
    assert found[ANCHOR + MASS_UPDATE] > 40


def test_the_day_of_the_last_change_can_be_given(company: Company) -> None:
    assert made(company, "Account", "x", 300, {}, last=-5).fields["LastModifiedDate"] == ANCHOR - 5 * DAY


def test_an_automation_moves_only_the_systems_stamp() -> None:
    found = stamps(ANCHOR - DAY, ANCHOR - DAY, ANCHOR)
    assert (found["LastModifiedDate"], found["SystemModstamp"]) == (ANCHOR - DAY, ANCHOR)


def test_owners_are_users_who_have_not_left(company: Company) -> None:
    active = {user_id(company, place) for place in range(REPRESENTATIVES - 2)}
    assert {representative(company, place) for place in range(300)} == active


def test_full_scale_is_as_large_as_scale_1(company: Company) -> None:
    assert (factor_of(company), factor_of(Company(1, ANCHOR, "full"))) == (0.3, 1.0)
