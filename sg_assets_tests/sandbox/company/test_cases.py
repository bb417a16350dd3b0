from itertools import pairwise

from sg_assets.sandbox.company.cases import CASES, Hosting, Link, Pings


def test_every_case_that_tables_have_to_bear_is_there() -> None:
    wanted = {
        "air gapped", "pings off", "critical", "full", "user-level", "production and staging", "stopped 40 days ago",
        "stopped 4 years ago", "renewed", "revoked", "trial", "dashes in the name", "free-mail installer",
        "archived subscription", "deleted user", "deleted account", "merged account", "self-service trial",
        "critical to full", "full to critical", "events stopped", "old managed", "no licence key", "developer build",
    }  # fmt: skip
    assert wanted - CASES.keys() == set()


def test_plans_are_whole() -> None:
    for name, plan in CASES.items():
        assert 1 <= len(plan.instances) <= 2, name
        for instance in plan.instances:
            assert instance.subscription is None or instance.subscription < len(plan.subscriptions), name
            assert all(a[0] < b[0] for a, b in pairwise(instance.pings)), name
            assert not instance.events or instance.hosting is not Hosting.SELF_HOSTED, name


def test_no_change_of_telemetry_is_near_the_window_of_30_days() -> None:
    days = [day for plan in CASES.values() for one in plan.instances for day, _ in (*one.pings, *one.events)]
    assert [day for day in days if -35 < day < -25] == []


def test_all_ways_to_salesforce_and_all_telemetry_occur() -> None:
    assert {one.link for plan in CASES.values() for one in plan.subscriptions} == set(Link)
    assert {ping for plan in CASES.values() for one in plan.instances for _, ping in one.pings} == set(Pings)
