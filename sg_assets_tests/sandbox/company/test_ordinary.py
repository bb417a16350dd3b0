from collections import Counter

from sg_assets.sandbox.company.cases import Hosting, Pings
from sg_assets.sandbox.company.ordinary import ordinary_plan

PLANS = [ordinary_plan(1, position) for position in range(600)]


def test_most_customers_host_themselves_and_some_are_hosted() -> None:
    shares = Counter(plan.instances[0].hosting for plan in PLANS)
    assert 350 < shares[Hosting.SELF_HOSTED] < 450
    assert shares[Hosting.MANAGED] > 60
    assert shares[Hosting.CLOUD] > 60


def test_only_hosted_instances_export_events_and_only_with_full_pings() -> None:
    exporting = [one for plan in PLANS for one in plan.instances if one.events]
    assert exporting
    assert all(one.hosting is not Hosting.SELF_HOSTED and one.pings[0][1] is Pings.FULL for one in exporting)


def test_a_staging_instance_has_a_subscription_of_its_own() -> None:
    pairs = [plan for plan in PLANS if len(plan.instances) == 2]
    assert 60 < len(pairs) < 200
    assert all(plan.instances[1].is_staging and plan.instances[1].subscription == 1 for plan in pairs)


def test_who_is_silent_sends_nothing_and_may_say_so_in_the_licence() -> None:
    silent = [plan for plan in PLANS if plan.instances[0].pings[0][1] is Pings.OFF]
    assert silent
    assert {plan.subscriptions[0].is_air_gapped for plan in silent} == {True, False}
