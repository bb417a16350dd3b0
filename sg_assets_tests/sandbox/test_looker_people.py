from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.looker_access import GROUPS, ROLES, accounts
from sg_assets.sandbox.looker_people import groups, groups_of_role, roles, service_user, stamp, user
from sg_assets_tests.sandbox.world import ANCHOR


def test_people_sign_in_in_one_way_or_another(company: Company) -> None:
    found = [user(one, ANCHOR) for one in accounts(company)]
    assert all((one["credentials_saml"] is None) != (one["credentials_email"] is None) for one in found)
    assert all(isinstance(one["id"], str) for one in found)
    assert {one["is_disabled"] for one in found} == {True, False}


def test_the_account_of_a_program_has_no_address_but_a_key() -> None:
    found = service_user(["1"])
    assert (found["email"], found["credentials_saml"]) == (None, None)
    assert found["credentials_api3"]


def test_groups_and_roles() -> None:
    assert [one["name"] for one in groups({"1": 7})][:2] == ["All Users", "Engineering"]
    assert [one["user_count"] for one in groups({"1": 7})][:2] == [7, 0]
    assert {one["name"] for one in roles()} == set(ROLES.values())
    assert [one["permission_set"]["all_access"] for one in roles()] == [True, False, False, False]  # pyrefly: ignore[bad-index]
    assert [GROUPS[id_] for id_ in groups_of_role("View")] == ["Finance"]
    assert groups_of_role("Admin") == []


def test_times_have_milliseconds_and_a_zone() -> None:
    assert stamp(ANCHOR) == "2026-11-21T00:00:00.000+00:00"
    assert stamp(None) is None
