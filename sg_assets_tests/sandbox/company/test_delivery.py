from datetime import UTC, datetime

from sg_assets.sandbox.company.delivery import AGAIN, LATE, arrivals, hours_that_may_arrive_in
from sg_assets_tests.sandbox.world import HOUR

SENT = datetime(2026, 11, 18, 12, 40, tzinfo=UTC)


def test_most_arrive_at_once_some_twice_some_a_day_later() -> None:
    found = [tuple(arrivals(1, f"message {place}", SENT)) for place in range(4000)]
    assert 3700 < found.count((SENT,)) < 4000
    assert (SENT, SENT) in found
    assert (SENT, SENT + AGAIN) in found
    assert (SENT + LATE,) in found
    assert all(found)  # nothing is lost


def test_held_up_messages_arrive_on_another_day() -> None:
    assert min(LATE, AGAIN) > 24 * HOUR


def test_an_hour_knows_from_which_hours_messages_can_come() -> None:
    hour = SENT.replace(minute=0)
    assert set(hours_that_may_arrive_in(hour)) == {hour, hour - AGAIN, hour - LATE}
    assert set(hours_that_may_arrive_in(hour, HOUR)) == {
        one - spill for one in (hour, hour - AGAIN, hour - LATE) for spill in (0 * HOUR, HOUR)
    }
