from datetime import timedelta
from ipaddress import ip_address, ip_network

from sg_assets.license_key import decode_license_key
from sg_assets.sandbox.company.cases import Hosting, Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.instances import STAFF_ADMIN, Instance
from sg_assets.sandbox.company.names import FREE_MAIL
from sg_assets_tests.sandbox.world import ANCHOR, DAY

DOCUMENTATION = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


def of_case(company: Company, case: str) -> Instance:
    return company.instances_of(company.case(case))[0]


def test_site_ids_and_positions_are_their_own(company: Company) -> None:
    for field in ("site_id", "position"):
        assert len({getattr(one, field) for one in company.instances}) == len(company.instances)


def test_an_instance_sends_the_key_of_a_licence_of_its_customer(company: Company) -> None:
    for instance in company.instances:
        key = instance.license_key(ANCHOR)
        if instance.customer is None or instance.subscription is None:
            assert key == ""
        else:
            keys = {one.key for many in company.subscriptions[instance.customer.position] for one in many.licenses}
            assert key in keys
            assert decode_license_key(key) is not None


def test_telemetry_changes_on_its_day(company: Company) -> None:
    one = of_case(company, "critical to full")
    assert [one.pings_at(ANCHOR + day * DAY) for day in (-11, -9)] == [Pings.CRITICAL, Pings.FULL]
    other = of_case(company, "stopped 40 days ago")
    assert [other.pings_at(ANCHOR + day * DAY) for day in (-41, -39)] == [Pings.FULL, Pings.OFF]


def test_nothing_is_sent_before_the_first_licence(company: Company) -> None:
    one = of_case(company, "installed recently")
    assert one.subscription is not None
    assert one.pings_at(one.subscription.licenses[0].created_at) is Pings.OFF
    assert one.pings_at(ANCHOR - 9 * DAY) is Pings.FULL


def test_exports_of_events_begin_and_end(company: Company) -> None:
    one = of_case(company, "events stopped")
    assert one.exports_events(ANCHOR - 46 * DAY)
    assert not one.exports_events(ANCHOR - 44 * DAY)
    assert not of_case(company, "managed without events").exports_events(ANCHOR)


def test_only_what_we_host_is_installed_by_our_staff(company: Company) -> None:
    for one in company.instances:
        if one.customer is not None and one.customer.case != "free-mail installer":
            assert (one.installer_email == STAFF_ADMIN) == (one.hosting is not Hosting.SELF_HOSTED)


def test_free_mail_installers_occur_with_and_without_a_licence(company: Company) -> None:
    found = {one.subscription is not None for one in company.instances if one.installer_email.endswith("@" + FREE_MAIL)}
    assert found == {True, False}


def test_addresses_are_of_networks_for_documentation(company: Company) -> None:
    assert all(any(ip_address(one.remote_ip) in network for network in DOCUMENTATION) for one in company.instances)


def test_community_instances_belong_to_nobody_and_some_are_long_gone(company: Company) -> None:
    community = [one for one in company.instances if one.customer is None]
    assert len(community) >= 4
    assert any(one.pings_at(ANCHOR - 1000 * DAY) is Pings.OFF for one in community)
    assert any(one.pings_at(ANCHOR - timedelta(hours=1)) is Pings.OFF for one in community)
