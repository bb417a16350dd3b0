"""The true history of telemetry is what the plans of special cases say."""

from sg_assets.sandbox import truth
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.truth import Telemetry
from sg_assets.sandbox.truth_history import Stretch, telemetry_history
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_every_change_of_a_plan_is_a_stretch_and_a_ping_counts_for_thirty_days(sandbox: Sandbox) -> None:
    company, first, today = sandbox.company, (ANCHOR - 60 * DAY).date(), ANCHOR.date()
    found = telemetry_history(sandbox, first, sandbox.now())

    def days(case: str) -> list[tuple[int, int, Telemetry]]:
        stretches = found[company.case(case).account_id]
        return [((one.first - today).days, (one.last - today).days, one.telemetry) for one in stretches]

    assert days("full") == [(-60, 0, Telemetry.FULL)]
    assert days("air gapped") == [(-60, 0, Telemetry.NONE)]
    assert days("full to critical") == [(-60, -9, Telemetry.FULL), (-8, 0, Telemetry.CRITICAL)]
    assert days("stopped 40 days ago") == [(-60, -12, Telemetry.FULL), (-11, 0, Telemetry.NONE)]
    assert days("paused") == [(-60, 0, Telemetry.FULL)]
    assert [level for *_, level in days("installed recently")] == [Telemetry.NONE, Telemetry.FULL]
    assert [level for *_, level in days("events stopped")][-2:] == [Telemetry.USER_LEVEL, Telemetry.FULL]


def test_the_last_stretch_is_the_status_of_now(sandbox: Sandbox) -> None:
    found = telemetry_history(sandbox, (ANCHOR - 60 * DAY).date(), sandbox.now())
    last = {account: stretches[-1] for account, stretches in found.items()}
    assert {account: one.telemetry for account, one in last.items()} == truth.telemetry_status(sandbox, sandbox.now())
    assert {one.last for one in last.values()} == {ANCHOR.date()}
    whole = Stretch((ANCHOR - 60 * DAY).date(), ANCHOR.date(), Telemetry.CRITICAL)
    assert found[sandbox.company.case("critical").account_id] == [whole]
