from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.looker_access import ADMIN, EVERYBODY, GROUPS, VIEW, VIEW_BY_GROUP, access, accounts
from sg_assets.sandbox.company.staff import Department
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_everybody_of_the_departments_with_accounts_has_one_and_others_sometimes(company: Company) -> None:
    departments = [one.owner.department for one in accounts(company)]
    assert set(departments) == set(Department)
    assert len({one.id for one in accounts(company)}) == len(departments)


def test_every_violation_of_the_rule_occurs(company: Company) -> None:
    found = access(company, ANCHOR).values()
    assert {(one.is_in_group, one.has_role) for one in found} == {(a, b) for a in (True, False) for b in (True, False)}
    assert {one.follows_the_rule for one in found} == {True, False}
    assert {one.has_more_rights for one in found} == {True, False}
    assert {one.has_left for one in found} == {True, False}


def test_what_was_forgotten_is_put_right_later(company: Company) -> None:
    before, after = access(company, ANCHOR), access(company, ANCHOR + 10 * DAY)
    mended = [id_ for id_ in before if not before[id_].follows_the_rule and after[id_].follows_the_rule]
    assert mended
    assert any(not one.follows_the_rule for one in after.values())


def test_a_role_comes_from_the_account_or_from_its_group(company: Company) -> None:
    one = next(one for one in accounts(company) if one.owner.department is VIEW_BY_GROUP and not one.lacks_group)
    assert VIEW in one.role_ids(ANCHOR)
    assert VIEW not in one.direct_role_ids(ANCHOR)
    assert any(ADMIN in one.direct_role_ids(ANCHOR) for one in accounts(company))
    assert all(one.group_ids(ANCHOR)[0] == EVERYBODY for one in accounts(company))
    assert set(GROUPS.values()) == set(Department)


def test_who_leaves_is_switched_off_and_then_deleted(company: Company) -> None:
    leaver = next(one for one in accounts(company) if one.deleted_at)
    left = leaver.owner.left_at
    assert left
    states = [(leaver.is_there(at), leaver.is_disabled(at)) for at in (left, left + DAY, left + 6 * DAY)]
    assert states == [(True, False), (True, True), (False, True)]


def test_people_sign_in_again_and_again_unless_they_never_do(company: Company) -> None:
    found = {one.id: (one.logged_in_at(ANCHOR), one.logged_in_at(ANCHOR + 30 * DAY)) for one in accounts(company)}
    assert any(first is None for first, _ in found.values())
    assert any(first and later and later - first > timedelta(days=20) for first, later in found.values())
    assert all(first is None or first <= ANCHOR for first, _ in found.values())
