from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.offline_customers import ASKED_EVERY, offline_customers
from sg_assets_tests.sandbox.world import ANCHOR, DAY, NOW


def test_they_are_the_customers_that_never_ping(company: Company) -> None:
    found = {one.customer.case: one for one in offline_customers(company, NOW)}
    assert found["air gapped"].is_air_gapped
    assert not found["pings off"].is_air_gapped
    assert {"critical", "paused", "stopped 40 days ago", "stopped 4 years ago"} & found.keys() == set()


def test_they_are_asked_again_every_quarter(company: Company) -> None:
    for one in offline_customers(company, NOW):
        assert one.since <= one.asked_on <= NOW.date()
        assert NOW.date() - one.asked_on <= ASKED_EVERY
    then = {one.customer.position: one.asked_on for one in offline_customers(company, ANCHOR)}
    later = {one.customer.position: one.asked_on for one in offline_customers(company, ANCHOR + 100 * DAY)}
    assert all(later[place] > asked for place, asked in then.items())
