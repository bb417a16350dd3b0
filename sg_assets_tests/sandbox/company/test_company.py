import time

import pytest

from sg_assets.sandbox.company.cases import CASES, Hosting
from sg_assets.sandbox.company.company import Company
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_the_size_is_that_of_the_scale() -> None:
    full_size = Company(1, ANCHOR)
    assert len(full_size.customers) == 150
    assert 180 <= len(full_size.instances) <= 215
    assert {one.hosting for one in full_size.instances} == set(Hosting)
    assert len(Company(1, ANCHOR, 2.0).customers) == 300
    assert len(Company(1, ANCHOR, 0.01).customers) == len(CASES)


def test_full_scale_has_as_many_customers_and_the_real_cadence(company: Company) -> None:
    real = Company(1, ANCHOR, "full")
    assert len(real.customers) == 150
    assert real.pings_at_real_cadence
    assert not company.pings_at_real_cadence


def test_the_same_seed_makes_the_same_company(company: Company) -> None:
    again = Company(1, ANCHOR, company.scale)
    assert again == company
    assert again.customers == company.customers
    assert again.subscriptions == company.subscriptions
    assert [one.site_id for one in again.instances] == [one.site_id for one in company.instances]


def test_another_seed_makes_another_company(company: Company) -> None:
    other = Company(2, ANCHOR, company.scale)
    assert {one.account_id for one in other.customers} & {one.account_id for one in company.customers} == set()


def test_a_larger_company_begins_as_a_smaller_one(company: Company) -> None:
    larger = Company(1, ANCHOR, 1.0)
    assert larger.customers[: len(company.customers)] == company.customers
    assert {one.site_id for one in company.instances} <= {one.site_id for one in larger.instances}


def test_all_ages_count_from_the_anchor(company: Company) -> None:
    later = Company(1, ANCHOR + 100 * DAY, company.scale)
    for before, after in zip(company.subscriptions[5], later.subscriptions[5], strict=True):
        assert after.created_at - before.created_at == 100 * DAY


def test_special_cases_are_found_by_their_name(company: Company) -> None:
    assert company.case("renewed").case == "renewed"
    with pytest.raises(KeyError, match="no special case 'nobody'"):
        company.case("nobody")


def test_the_instance_of_a_subscription_is_found(company: Company) -> None:
    customer = company.case("production and staging")
    found = [company.site_of(one) for one in company.subscriptions[customer.position]]
    assert found == [one.site_id for one in company.instances_of(customer)]


def test_it_is_made_quickly() -> None:
    begin = time.process_time()
    Company(3, ANCHOR)
    assert time.process_time() - begin < 1
