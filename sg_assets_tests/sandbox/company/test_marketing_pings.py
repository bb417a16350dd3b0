from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.instances import STAFF_ADMIN
from sg_assets.sandbox.company.marketing_pings import MarketingPings
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


def test_it_is_the_first_ping_of_the_last_day_that_had_one(company: Company) -> None:
    pings, times = MarketingPings(company), PingTimes(company)
    instance = company.instances_of(company.case("full"))[0]
    others = [one for one in company.instances if one.installer_email == instance.installer_email]
    assert others == [instance]
    at = ANCHOR + 17 * HOUR
    today = [ping for hour in range(17) for ping in times.in_hour(instance, ANCHOR + hour * HOUR)]
    assert pings.latest(instance.installer_email, at) == today[0]
    before = pings.latest(instance.installer_email, today[0] - timedelta(seconds=1))
    assert before is not None
    assert before.date() == (ANCHOR - DAY).date()


def test_who_never_installed_anything_has_none_and_who_did_is_known_since_then(company: Company) -> None:
    pings = MarketingPings(company)
    assert pings.latest("nobody@acme.example", ANCHOR) is None
    later = company.instances_of(company.case("installed after the anchor"))[0].installer_email
    assert pings.latest(later, ANCHOR + DAY) is None
    assert pings.latest(later, ANCHOR + 4 * DAY) is not None
    assert pings.admins[later] > ANCHOR
    assert company.instances_of(company.case("air gapped"))[0].installer_email not in pings.admins
    assert STAFF_ADMIN in pings.admins
