"""What Google Analytics makes of the visits: reports that grow and move for days, withhold, sum up and estimate.

A visit is counted some hours after it happened, one of thirty days later; where it came from may be settled only on the
fourth day, and until then it is said to be `(data not available)`. On some days rows of few visitors are withheld; on
busy ones rare pages are one row `(other)`, and reports by page are estimated from half of the visits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.web_traffic import HOUR, Origin, Visit, WebTraffic

UNSETTLED = Origin("(data not available)", "(data not available)", "(data not available)", "(data not available)")
OTHER = "(other)"
SETTLED_AFTER = timedelta(days=4)
THRESHOLDED_EVERY = 6
"""One day in so many has rows of few people withheld."""
FEWEST_USERS = 2
"""Users that a row needs on such a day."""
MOST_PAGES = 20
"""Rows of a report by page on a busy day; the others become one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One event of a visit: a page that was seen, or something that counts."""

    day: date
    visit: Visit
    origin: Origin
    page: str
    event: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of a report (dimension values, metric values) and what Google says of their quality.

    `samples` is how many events were read, and of how many, where it is an estimate.
    """

    rows: Sequence[tuple[tuple[str, ...], tuple[float, ...]]]
    is_thresholded: bool = False
    has_other: bool = False
    samples: tuple[int, int] | None = None


def _users(hits: Iterable[Hit]) -> int:
    return len({hit.visit.visitor for hit in hits})


DIMENSIONS: Mapping[str, Callable[[Hit], str]] = {
    "date": lambda hit: f"{hit.day:%Y%m%d}",
    "hostName": lambda hit: hit.visit.host,
    "pagePath": lambda hit: hit.page,
    "eventName": lambda hit: hit.event,
    "sessionDefaultChannelGroup": lambda hit: hit.origin.channel,
    "sessionSource": lambda hit: hit.origin.source,
    "sessionMedium": lambda hit: hit.origin.medium,
    "sessionCampaignName": lambda hit: hit.origin.campaign,
}
METRICS: Mapping[str, tuple[str, Callable[[list[Hit]], float]]] = {
    "sessions": ("TYPE_INTEGER", lambda hits: len({hit.visit.id for hit in hits})),
    "engagedSessions": ("TYPE_INTEGER", lambda hits: len({hit.visit.id for hit in hits if hit.visit.is_engaged})),
    "totalUsers": ("TYPE_INTEGER", _users),
    "newUsers": ("TYPE_INTEGER", lambda hits: _users(hit for hit in hits if hit.visit.is_new)),
    "screenPageViews": ("TYPE_INTEGER", lambda hits: sum(hit.event == "page_view" for hit in hits)),
    "userEngagementDuration": ("TYPE_SECONDS", lambda hits: sum(hit.seconds for hit in hits)),
    "keyEvents": ("TYPE_FLOAT", lambda hits: sum(hit.event != "page_view" for hit in hits)),
}
"""Metrics by name: their type, and what they are of some hits."""


@dataclass(frozen=True, eq=False)
class WebReports:
    """The reports of one company's websites."""

    traffic: WebTraffic

    def report(self, dimensions: Sequence[str], metrics: Sequence[str], days: Sequence[date], now: datetime) -> Report:
        """A report on some days, as it is at an instant; rows without anything in them are left out.

        Raises:
            KeyError: there is no such dimension or metric.
        """
        hits = [hit for day in days for hit in self.hits(day, now)]
        is_busy = "pagePath" in dimensions and any(map(self.traffic.is_spike, days))
        sample = [hit for hit in hits if number("sample", hit.visit.id) % 2 == 0] if is_busy else hits
        groups: dict[tuple[str, ...], list[Hit]] = {}
        values = [DIMENSIONS[name] for name in dimensions]
        for hit in sample:
            groups.setdefault(tuple([value(hit) for value in values]), []).append(hit)
        is_withheld = any(map(self.is_withheld, days))
        if is_withheld:
            groups = {key: found for key, found in groups.items() if _users(found) >= FEWEST_USERS}
        has_other = is_busy and len(groups) > MOST_PAGES
        if has_other:
            groups = _summed_up(groups)
        times = 2 if is_busy else 1
        counted = [(key, tuple([times * METRICS[name][1](found) for name in metrics])) for key, found in groups.items()]
        rows = [(key, row) for key, row in counted if any(row)]
        return Report(rows, is_withheld, has_other, (len(sample), len(hits)) if is_busy else None)

    def hits(self, day: date, now: datetime) -> list[Hit]:
        """What of a day has been counted by an instant, with the origin that is known by then."""
        return [
            Hit(day, visit, visit.origin if settled <= now else UNSETTLED, *more)
            for visit, counted, settled in _when(self.traffic, day)
            if counted <= now
            for more in _events(visit)
        ]

    def is_withheld(self, day: date) -> bool:
        """Whether rows of few people are withheld on a day."""
        return number(self.traffic.company.seed, "thresholded", day) % THRESHOLDED_EVERY == 0


def _events(visit: Visit) -> list[tuple[str, str, int]]:
    """The pages of a visit, and what counted on the last of them: page, event, seconds."""
    seen = [(page, "page_view", seconds) for page, seconds in visit.pages]
    return seen + [(visit.pages[-1][0], event, 0) for event in visit.key_events]


def _summed_up(groups: Mapping[tuple[str, ...], list[Hit]]) -> dict[tuple[str, ...], list[Hit]]:
    """The largest groups, and all others as one."""
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    rest = [hit for _, found in ranked[MOST_PAGES:] for hit in found]
    return dict(ranked[:MOST_PAGES]) | {(OTHER,) * len(ranked[0][0]): rest}


@lru_cache(maxsize=128)
def _when(traffic: WebTraffic, day: date) -> tuple[tuple[Visit, datetime, datetime], ...]:
    """The visits of a day, when each is counted, and when it is settled where it came from."""
    found = []
    for visit in traffic.visits(day):
        chance = number("counted", visit.id)
        counted = visit.at + (4 + chance % 30) * HOUR + (40 * HOUR if chance % 31 == 0 else 0 * HOUR)
        is_slow = visit.origin.medium == "cpc" and chance // 31 % 3 == 0
        found.append((visit, counted, visit.at + SETTLED_AFTER if is_slow else counted))
    return tuple(found)
