from collections import Counter
from datetime import timedelta

from sg_assets.sandbox import truth
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.truth import InstanceLink, Telemetry
from sg_assets_tests.sandbox.world import ANCHOR, DAY

EXPECTED = {
    "air gapped": Telemetry.NONE,
    "pings off": Telemetry.NONE,
    "critical": Telemetry.CRITICAL,
    "full": Telemetry.FULL,
    "user-level": Telemetry.USER_LEVEL,
    "old managed": Telemetry.USER_LEVEL,
    "cloud": Telemetry.USER_LEVEL,
    "managed without events": Telemetry.FULL,
    "events stopped": Telemetry.FULL,
    "production and staging": Telemetry.FULL,
    "staging shares key": Telemetry.FULL,
    "self-hosted and managed": Telemetry.USER_LEVEL,
    "critical to full": Telemetry.FULL,
    "full to critical": Telemetry.CRITICAL,
    "stopped 40 days ago": Telemetry.NONE,
    "stopped 4 years ago": Telemetry.NONE,
    "paused": Telemetry.FULL,
    "installed after the anchor": Telemetry.NONE,
    "revoked": Telemetry.FULL,
    "expired": Telemetry.FULL,
    "trial": Telemetry.FULL,
    "deleted user": Telemetry.FULL,
    "merged account": Telemetry.FULL,
    "free-mail installer": Telemetry.FULL,
    "no licence key": Telemetry.FULL,
}


def test_the_status_of_every_case_is_what_its_plan_says(sandbox: Sandbox) -> None:
    found = truth.telemetry_status(sandbox, sandbox.now())
    assert {case: found[sandbox.company.case(case).account_id] for case in EXPECTED} == EXPECTED
    assert set(found.values()) == set(Telemetry)


def test_the_status_changes_with_time(sandbox: Sandbox) -> None:
    company = sandbox.company

    def status(case: str, day: int) -> Telemetry:
        return truth.telemetry_status(sandbox, ANCHOR + timedelta(days=day))[company.case(case).account_id]

    assert [status("stopped 40 days ago", day) for day in (-20, 0)] == [Telemetry.FULL, Telemetry.NONE]
    assert [status("installed after the anchor", day) for day in (0, 5)] == [Telemetry.NONE, Telemetry.FULL]
    assert [status("critical to full", day) for day in (-12, -8)] == [Telemetry.CRITICAL, Telemetry.FULL]
    assert [status("events stopped", day) for day in (-40, 0)] == [Telemetry.USER_LEVEL, Telemetry.FULL]


def test_accounts_that_are_gone_have_no_status(sandbox: Sandbox) -> None:
    account = sandbox.company.case("deleted account").account_id
    assert truth.telemetry_status(sandbox, ANCHOR - 20 * DAY)[account] is Telemetry.CRITICAL
    assert account not in truth.telemetry_status(sandbox, ANCHOR)
    assert sandbox.company.case("merged account").loser_account_id not in truth.telemetry_status(sandbox, ANCHOR)


def test_instances_are_linked_in_every_way(sandbox: Sandbox) -> None:
    links = truth.instance_links(sandbox, ANCHOR)
    assert set(links) == {one.site_id for one in sandbox.company.instances}
    ways = Counter(link.linked_by for link in links.values())
    assert set(ways) == {
        "licence",
        "salesforce_opportunity",
        "salesforce_subscription",
        "installer_email_domain",
        "none",
    }
    company = sandbox.company
    merged = company.case("merged account")
    assert links[company.instances_of(merged)[0].site_id] == InstanceLink(merged.account_id, "licence")
    trial = company.case("self-service trial")
    assert links[company.instances_of(trial)[0].site_id] == InstanceLink(None, "none")


def test_the_active_licence_is_the_newest(sandbox: Sandbox) -> None:
    company, active = sandbox.company, truth.active_licenses(sandbox, ANCHOR)
    renewed = company.subscriptions[company.case("renewed").position][0]
    assert active[renewed.uuid] == renewed.licenses_at(ANCHOR)[-1].uuid
    not_yet = company.subscriptions[company.case("installed after the anchor").position][0]
    assert not_yet.uuid not in active


def test_keys_and_people_of_an_instance_are_known(sandbox: Sandbox) -> None:
    instance = sandbox.company.instances_of(sandbox.company.case("user-level"))[0]
    assert instance.license_key(ANCHOR) in truth.license_keys(sandbox, instance.site_id)
    known, visitors = truth.active_people(sandbox, instance.site_id, (ANCHOR - DAY).date())
    assert 0 < known <= instance.accounts
    assert 0 <= visitors <= instance.visitors


def test_values_are_written_as_tables_write_them() -> None:
    assert [value.text for value in Telemetry] == [
        "no telemetry", "critical pings", "full pings", "full pings + user-level data",
    ]  # fmt: skip
