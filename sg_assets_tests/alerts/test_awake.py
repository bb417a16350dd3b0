from sg_assets.alerts.awake import LONGEST_STEP, Ages, Awake
from sg_assets_tests.alerts.telling import NOON, SECOND


def test_time_counts_and_a_sleep_does_not() -> None:
    seconds = [0.0, 2.0, 4.0, 4.0 + 8 * 3600, 4.0 + 8 * 3600 + 2]
    awake = Awake(lambda: seconds.pop(0))
    assert [awake.tick() for _ in range(4)] == [2, 4, 4 + LONGEST_STEP, 6 + LONGEST_STEP]


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    seconds = [10.0, 12.0, 5.0, 6.0]
    awake = Awake(lambda: seconds.pop(0))
    assert [awake.tick() for _ in range(3)] == [2, 2, 3]


def test_an_age_begins_anew_with_each_value() -> None:
    ages = Ages()
    assert ages.of("watch", NOON, 100) == 0
    assert ages.of("watch", NOON, 130) == 30
    assert ages.of("other", None, 130) == 0
    assert ages.of("watch", NOON + SECOND, 140) == 0
    assert ages.of("watch", NOON + SECOND, 141) == 1
