from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.clock import clock_of, wall_clock
from sg_assets.variables import EnvironmentProblem


def test_the_clock_is_the_machines_unless_told_otherwise() -> None:
    assert clock_of({}, is_sandbox=True) is wall_clock
    assert wall_clock().utcoffset() == timedelta(0)


def test_a_clock_can_stand_still_in_the_sandbox_and_is_in_utc() -> None:
    clock = clock_of({"SG_CLOCK": "2026-01-02T03:04:05+01:00"}, is_sandbox=True)
    assert clock() == clock() == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert clock().utcoffset() == timedelta(0)


def test_production_takes_the_time_as_it_is() -> None:
    with pytest.raises(EnvironmentProblem, match="SG_ENV=sandbox"):
        clock_of({"SG_CLOCK": "2026-01-02T03:04:05Z"}, is_sandbox=False)
