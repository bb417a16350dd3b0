"""Accounts of sourcegraph.com: who owns a subscription, works here, or did something that the stream tells of."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dotcom_events import STAFF, DotcomEvents
from sg_assets.sandbox.company.dotcom_users import dotcom_users, subscription_owner
from sg_assets.sandbox.company.staff import staff
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


def test_numbers_and_living_names_are_nobody_elses(company: Company) -> None:
    users = dotcom_users(company)
    assert len({user.number for user in users}) == len(users)
    names = Counter(user.username.lower() for user in users if user.deleted_at is None)
    assert set(names.values()) == {1}


def test_every_owner_of_a_subscription_was_there_before_it_under_the_name_that_it_names(company: Company) -> None:
    users = {user.number: user for user in dotcom_users(company)}
    for position, subscriptions in company.subscriptions.items():
        for place, one in enumerate(subscriptions):
            owner = users[subscription_owner(company, position, place)]
            assert owner.created_at < one.created_at
            assert (owner.deleted_at is not None) == (one.user is None)
            if one.user:
                assert (owner.username, owner.email) == (one.user.username, one.user.email)


def test_whoever_the_stream_tells_of_has_an_account_by_then(company: Company) -> None:
    users = {user.number: user for user in dotcom_users(company)}
    for hours in (*range(-60 * 24, 96, 31), 70 * 24):
        for at, text in DotcomEvents(company).happened(ANCHOR + hours * HOUR):
            if number := json.loads(text)["user_id"]:
                assert users[number].is_there(at) or number in STAFF, (number, at)


def test_all_staff_have_accounts_and_three_engineers_are_admins(company: Company) -> None:
    emails = {user.email for user in dotcom_users(company)}
    assert {one.person.email for one in staff(company)} <= emails
    assert {user.number for user in dotcom_users(company) if user.is_site_admin} == set(STAFF)


def test_accounts_are_deleted_and_erased_before_and_after_the_anchor(company: Company) -> None:
    users = dotcom_users(company)
    for gone in ([u.deleted_at for u in users], [u.erased_at for u in users]):
        instants = [at for at in gone if at]
        assert min(instants) < ANCHOR < max(instants)
    erased = next(user for user in users if user.erased_at)
    assert erased.erased_at
    assert erased.is_there(erased.erased_at - timedelta(seconds=1))
    assert not erased.is_there(erased.erased_at)
    assert not erased.is_there(erased.created_at - DAY)
