from datetime import date, timedelta
from itertools import groupby, pairwise

from sg_assets.sandbox.company.arr import movements
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import contract, sales
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_movements_are_the_differences_of_balances_that_join(company: Company) -> None:
    found = sorted(movements(company, ANCHOR), key=lambda one: (one.customer.position, one.month))
    assert len(found) > 200
    for _, many in groupby(found, lambda one: one.customer.position):
        months = list(many)
        for one, after in pairwise(months):
            assert after.opening == (one.closing if after.month == following(one.month) else 0)
        for one in months:
            assert one.opening + one.new + one.expansion - one.churned == one.closing
            assert min(one.new, one.expansion, one.churned) == 0
            assert (one.users > 0) == (one.closing > 0)


def following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def test_there_is_every_kind_of_movement(company: Company) -> None:
    found = movements(company, ANCHOR)
    for name in ("new", "expansion", "churned"):
        assert any(getattr(one, name) for one in found), name
    left = {one.customer.case for one in found if one.opening and not one.closing}
    assert {"expired", "deleted account"} <= left


def test_the_last_balance_is_what_salesforce_says(company: Company) -> None:
    at = ANCHOR + 40 * DAY
    balances = {
        one.customer.position: one.closing for one in movements(company, at) if one.month == at.date().replace(day=1)
    }
    for customer in company.customers:
        licenses = [sale.license for sale in sales(company) if sale.customer is customer]
        told = contract(licenses, at)["ARR__c"] if customer.plan.deleted is None else None
        assert balances.get(customer.position, 0.0) == (told or 0.0)


def test_months_that_are_over_do_not_change(company: Company) -> None:
    then, later = movements(company, ANCHOR), movements(company, ANCHOR + 60 * DAY)
    over = [one for one in then if one.month < ANCHOR.date().replace(day=1)]
    assert later[: len(over)] == over
