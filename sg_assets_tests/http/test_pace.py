"""Our own keeping of a vendor's limit: never more calls in any window than it allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.http.pace import Pace, pace
from sg_assets.source import RateLimit


@given(
    calls=st.integers(1, 4), seconds=st.integers(1, 20), pauses=st.lists(st.integers(0, 10), min_size=1, max_size=30)
)
def test_no_window_has_more_calls_than_allowed_and_nobody_waits_longer_than_needed(
    calls: int, seconds: int, pauses: list[int]
) -> None:
    now = 0.0
    taken: list[float] = []
    limited = Pace(RateLimit(calls, seconds), lambda: now)
    for pause in pauses:
        now += pause
        while wait := limited.take():
            in_window = [at for at in taken if at > now - seconds]
            assert len(in_window) == calls
            assert now + wait == in_window[0] + seconds
            now += wait
        taken.append(now)
    assert all(later - earlier >= seconds for earlier, later in zip(taken, taken[calls:], strict=False))


def test_two_tables_of_a_source_share_its_pace() -> None:
    limit = RateLimit(1, 60)
    assert pace("https://one.example", limit) is pace("https://one.example", limit)
    assert pace("https://one.example", limit) is not pace("https://two.example", limit)
