"""When a scheduled query runs, in the service's words, as a cron line in UTC.

The words are those of App Engine's `cron.yaml`, in UTC:
https://cloud.google.com/appengine/docs/flexible/scheduling-jobs-with-cron-yaml#formatting_the_schedule
Intervals have no time of day of their own: theirs follows from a run that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_TIME = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
_INTERVAL = re.compile(
    r"every (?P<count>\d+) ?(?P<unit>hour|minute|min)s?(?: synchronized)?"
    r"(?: from (?P<first>[\d:]+) to (?P<last>[\d:]+))?"
)
_DAYS = re.compile(rf"every (?P<days>[a-z,]+?)(?: of (?P<months>[a-z,]+))? {_TIME}")
_DATES = re.compile(rf"(?P<dates>\d+(?:[snrt][tdh])?(?:,\d+(?:[snrt][tdh])?)*) of (?P<months>[a-z,]+) {_TIME}")
_NTH = re.compile(rf"(?:[\w,]*(?:{'|'.join(_ORDINALS)}|\d(?:[snrt][tdh]))[\w,]*) [a-z,]+ of [a-z,]+ .*")
_HOURS, _MINUTES = 24, 60
_CLOCK_PARTS = 2
DAY = timedelta(days=1)


class ScheduleError(ValueError):
    """A schedule that no cron line says; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron line in UTC; `remark` says where it is not exactly what the schedule said."""

    line: str
    remark: str = ""


def cron_of(schedule: str, known_run: datetime | None) -> Cron:
    """The cron line of a schedule.

    Args:
        schedule: the service's words, such as `every 24 hours` or `1,15 of month 06:00`.
        known_run: when it ran, or runs next; None where nobody tells, which is taken for midnight.

    Raises:
        ScheduleError: there is none.
    """
    said = " ".join(re.sub(r"\s*,\s*", ",", schedule.lower()).split())
    if found := _INTERVAL.fullmatch(said):
        if found["first"]:
            return _between(schedule, int(found["count"]), found["unit"], (found["first"], found["last"]))
        return _interval(schedule, int(found["count"]), found["unit"], known_run)
    if found := _DAYS.fullmatch(said):
        days = "*" if found["days"] == "day" else _listed(schedule, found["days"].split(","), _WEEKDAYS, 0)
        return Cron(f"{int(found['minute'])} {int(found['hour'])} * {_months(schedule, found['months'])} {days}")
    if found := _DATES.fullmatch(said):
        dates = ",".join(
            str(number) for number in sorted({int(one.rstrip("stndrh")) for one in found["dates"].split(",")})
        )
        return Cron(f"{int(found['minute'])} {int(found['hour'])} {dates} {_months(schedule, found['months'])} *")
    if not said:
        msg = "it has no schedule, it only runs when somebody asks: say when with --cron"
    elif _NTH.fullmatch(said):
        msg = f"{schedule!r} counts weekdays of a month, which a cron line cannot: choose one with --cron"
    else:
        msg = f"{schedule!r} is not understood: say when with --cron"
    raise ScheduleError(msg)


def _interval(schedule: str, count: int, unit: str, known_run: datetime | None) -> Cron:
    """Every so many hours or minutes. A cron line begins anew each day, or hour: what does not fit in, cannot be."""
    at = (known_run or datetime(2024, 1, 1, tzinfo=UTC)).astimezone(UTC)
    remark = "" if known_run else "no run of it is known: counted from midnight UTC"
    if count < 1:
        msg = f"{schedule!r} is not understood: say when with --cron"
        raise ScheduleError(msg)
    if unit == "hour" or count % _MINUTES == 0:
        hours = count if unit == "hour" else count // _MINUTES
        fitting = max(n for n in range(1, _HOURS + 1) if _HOURS % n == 0 and n <= hours)
        if fitting != hours:
            remark = f"{schedule!r} does not fit into a day: every {fitting} hours instead"
        return Cron(f"{at.minute} {_steps(at.hour, fitting, _HOURS)} * * *", remark)
    fitting = max(n for n in range(1, _MINUTES + 1) if _MINUTES % n == 0 and n <= count)
    if fitting != count:
        remark = f"{schedule!r} does not fit into an hour: every {fitting} minutes instead"
    return Cron(f"{_steps(at.minute, fitting, _MINUTES)} * * * *", remark)


def _steps(phase: int, step: int, whole: int) -> str:
    """The numbers below `whole` that are some steps from the phase; all of them as a star."""
    return "*" if step == 1 else ",".join(map(str, range(phase % step, whole, step)))


def _between(schedule: str, count: int, unit: str, span: tuple[str, str]) -> Cron:
    """Every so often from one time of the day to another, both included."""
    first, last = (_minute_of_day(schedule, text) for text in span)
    step = count * (_MINUTES if unit == "hour" else 1)
    if not step or last < first:
        msg = f"{schedule!r} is not understood: say when with --cron"
        raise ScheduleError(msg)
    ticks = [divmod(minute, _MINUTES) for minute in range(first, last + 1, step)]
    hours, minutes = sorted({hour for hour, _ in ticks}), sorted({minute for _, minute in ticks})
    if len(hours) * len(minutes) != len(ticks):
        msg = f"{schedule!r} is at other minutes in other hours, which a cron line cannot: choose one with --cron"
        raise ScheduleError(msg)
    return Cron(f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *")


def _minute_of_day(schedule: str, text: str) -> int:
    parts = text.split(":")
    if len(parts) != _CLOCK_PARTS or not all(part.isdigit() for part in parts) or int(parts[0]) >= _HOURS:
        msg = f"{schedule!r}: {text} is no time of the day: say when with --cron"
        raise ScheduleError(msg)
    return int(parts[0]) * _MINUTES + int(parts[1])


def _months(schedule: str, said: str | None) -> str:
    if said in {None, "month"}:
        return "*"
    return "1,4,7,10" if said == "quarter" else _listed(schedule, str(said).split(","), _MONTHS, 1)


def _listed(schedule: str, words: Iterable[str], known: Sequence[str], first: int) -> str:
    """The numbers of weekdays or months, which are known by their first three letters."""
    numbers = set()
    for word in words:
        if word[:3] not in known:
            msg = f"{schedule!r}: {word} is not understood: say when with --cron"
            raise ScheduleError(msg)
        numbers.add(known.index(word[:3]) + first)
    return ",".join(map(str, sorted(numbers)))
