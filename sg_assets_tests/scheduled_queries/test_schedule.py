"""The service's schedules as cron lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sg_assets import cron
from sg_assets.scheduled_queries.schedule import ScheduleError, cron_of

RUN = datetime(2026, 11, 21, 10, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "line"),
    [
        ("every 24 hours", "37 10 * * *"),
        ("every 6 hours", "37 4,10,16,22 * * *"),
        ("every 1 hours", "37 * * * *"),
        ("every 15 minutes", "7,22,37,52 * * * *"),
        ("every 30 mins", "7,37 * * * *"),
        ("every 120 minutes", "37 0,2,4,6,8,10,12,14,16,18,20,22 * * *"),
        ("every 12 hours from 06:00 to 18:00", "0 6,18 * * *"),
        ("every 30 minutes from 9:00 to 10:30", "0,30 9,10 * * *"),
        ("every day 09:05", "5 9 * * *"),
        ("every mon,wed 09:00", "0 9 * * 1,3"),
        ("every Monday 9:00", "0 9 * * 1"),
        ("every wed, fri of jan,june 13:15", "15 13 * 1,6 3,5"),
        ("every sun of month 00:00", "0 0 * * 0"),
        ("1 of month 06:00", "0 6 1 * *"),
        ("1st,15th of month 06:00", "0 6 1,15 * *"),
        ("1 of quarter 06:00", "0 6 1 1,4,7,10 *"),
        ("2,3 of jan,jul 23:59", "59 23 2,3 1,7 *"),
    ],
)
def test_a_schedule_is_a_cron_line(schedule: str, line: str) -> None:
    found = cron_of(schedule, RUN)
    assert (found.line, found.remark) == (line, "")
    cron.check(found.line, "UTC")


@pytest.mark.parametrize(
    ("schedule", "line", "remark"),
    [
        ("every 48 hours", "37 10 * * *", "every 24 hours instead"),
        ("every 5 hours", "37 2,6,10,14,18,22 * * *", "every 4 hours instead"),
        ("every 25 minutes", "17,37,57 * * * *", "every 20 minutes instead"),
    ],
)
def test_what_does_not_fit_is_more_often_and_says_so(schedule: str, line: str, remark: str) -> None:
    found = cron_of(schedule, RUN)
    assert found.line == line
    assert remark in found.remark


def test_without_a_known_run_it_counts_from_midnight() -> None:
    found = cron_of("every 12 hours", None)
    assert (found.line, found.remark) == ("0 0,12 * * *", "no run of it is known: counted from midnight UTC")


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("", "no schedule"),
        ("1st,3rd monday of month 15:30", "counts weekdays of a month"),
        ("first sunday of quarter 00:00", "counts weekdays of a month"),
        ("every 50 minutes from 09:00 to 17:00", "other minutes in other hours"),
        ("every 0 hours", "not understood"),
        ("every 5 minutes from 10:00 to 25:00", "25:00 is no time"),
        ("every blursday 09:00", "blursday is not understood"),
        ("whenever", "not understood"),
    ],
)
def test_what_no_cron_line_says_is_refused(schedule: str, why: str) -> None:
    with pytest.raises(ScheduleError, match=why) as refused:
        cron_of(schedule, RUN)
    assert "--cron" in str(refused.value)
