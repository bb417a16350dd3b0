from datetime import timedelta

import pytest

from sg_assets.license_key import decode_license_key
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.subscriptions import Subscription
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def first(company: Company, case: str) -> Subscription:
    return company.subscriptions[company.case(case).position][0]


def test_a_licence_says_in_its_key_what_the_server_knows_of_it(company: Company) -> None:
    for subscriptions in company.subscriptions.values():
        for license_ in (one for subscription in subscriptions for one in subscription.licenses):
            claims = decode_license_key(license_.key)
            assert claims is not None
            assert (claims.version, claims.tags, claims.user_count) == (
                license_.version,
                license_.tags,
                license_.user_count,
            )
            assert claims.expires_at == license_.expires_at
            assert claims.created_at == (license_.created_at if license_.version == 3 else None)
            assert claims.salesforce_subscription_id == license_.salesforce_subscription_id
            assert claims.salesforce_opportunity_id == license_.salesforce_opportunity_id


def test_keys_and_ids_are_their_own(company: Company) -> None:
    licenses = [
        one for many in company.subscriptions.values() for subscription in many for one in subscription.licenses
    ]
    assert len({one.key for one in licenses}) == len({one.uuid for one in licenses}) == len(licenses)


def test_a_key_is_not_shown_by_accident(company: Company) -> None:
    license_ = first(company, "full").licenses[0]
    assert license_.key not in repr(license_)


def test_a_renewal_is_a_new_licence_of_the_same_subscription(company: Company) -> None:
    one = first(company, "renewed")
    before, after = one.active_license(ANCHOR - 21 * DAY), one.active_license(ANCHOR)
    assert before is not None
    assert after is not None
    assert before != after
    assert ANCHOR - 21 * DAY < after.created_at < ANCHOR - 19 * DAY
    assert after.created_at < before.expires_at


def test_an_instance_runs_with_the_new_licence_a_day_later(company: Company) -> None:
    one = first(company, "renewed")
    renewed = one.licenses_at(ANCHOR)[-1]
    assert one.installed_license(renewed.created_at + timedelta(hours=23)) != renewed
    assert one.installed_license(renewed.created_at + timedelta(hours=25)) == renewed


def test_a_renewal_is_due_after_the_anchor(company: Company) -> None:
    one = first(company, "renewal due")
    assert one.active_license(ANCHOR) != one.active_license(ANCHOR + 4 * DAY)


def test_a_revoked_licence_is_still_the_active_one(company: Company) -> None:
    active = first(company, "revoked").active_license(ANCHOR)
    assert active is not None
    assert active.revoked_at is not None
    assert active.revoked_at < ANCHOR < active.expires_at
    assert active.revoke_reason


def test_an_expired_licence_has_no_successor(company: Company) -> None:
    active = first(company, "expired").active_license(ANCHOR)
    assert active is not None
    assert ANCHOR - 20 * DAY < active.expires_at < ANCHOR


def test_a_trial_is_a_subscription_of_its_own_and_says_so(company: Company) -> None:
    paid, trial = company.subscriptions[company.case("trial and paid").position]
    assert "trial" in trial.licenses[0].tags
    assert "trial" not in paid.licenses[0].tags
    assert len(trial.licenses) == 1


@pytest.mark.parametrize(
    ("case", "ends_with"),
    [("full", "unique_id"), ("dashes in the name", "unique_id"), ("merged account", "loser_unique_id")],
)
def test_the_owner_is_called_as_the_company_with_its_number(company: Company, case: str, ends_with: str) -> None:
    customer, user = company.case(case), first(company, case).user
    assert user is not None
    assert user.username == f"{customer.username_stem}-{getattr(customer, ends_with)}"


def test_a_self_service_owner_has_no_number(company: Company) -> None:
    user = first(company, "self-service trial").user
    assert user is not None
    assert not user.username.rpartition("-")[2].isdigit()


def test_an_owner_can_be_deleted_and_the_licence_still_names_its_opportunity(company: Company) -> None:
    one = first(company, "deleted user")
    assert one.user is None
    assert one.installed_license(ANCHOR).salesforce_opportunity_id is not None


def test_two_subscriptions_can_be_one_in_salesforce(company: Company) -> None:
    paid, other = company.subscriptions[company.case("shared Salesforce subscription").position]
    newest = [one.installed_license(ANCHOR) for one in (paid, other)]
    assert newest[0].salesforce_subscription_id == newest[1].salesforce_subscription_id is not None
    assert newest[1].salesforce_opportunity_id is None


def test_archiving_has_its_day(company: Company) -> None:
    assert first(company, "archived subscription").is_archived(ANCHOR)
    after = first(company, "archived after the anchor")
    assert not after.is_archived(ANCHOR)
    assert after.is_archived(ANCHOR + 2 * DAY)


def test_names_are_those_of_the_server(company: Company) -> None:
    one = first(company, "full")
    assert one.name == f"L-{one.uuid[:10].upper()}"
