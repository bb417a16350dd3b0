"""User-level events of sourcegraph.com, one line each: visitors who come by, and people with an account."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

from sg_assets.sandbox.company import releases
from sg_assets.sandbox.company.activity import VISITOR_BITS, Population, bits_of
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.delivery import arrivals, hours_that_may_arrive_in
from sg_assets.sandbox.company.dice import dice, number, pick, uuid
from sg_assets.sandbox.company.template import compact

HOUR = timedelta(hours=1)
ACCOUNTS, SESSIONS = 150, (2, 7)
"""People with an account in each of three parts of the world, and visitors' sessions in an hour, at scale 1."""
OFFSETS = (-8, 1, 8)
STAFF = (1, 2, 3)
"""Accounts of Sourcegraph's own staff, who are admins of the site."""
FIRST_USER = 1000
NAMES = (
    "ViewBlob", "ViewRepository", "SearchResultsFetched", "hover", "ViewHome", "ViewTree", "ViewSearchResults",
    "ViewSearchNotebookPage", "CodeMonitorEmailLinkClicked", "ViewRepositoryDocs", "SavedSearchEmailClicked",
)  # fmt: skip
NOT_ACTIVE = (
    "ViewSignIn",
    "ViewSignUp",
    "SignInSucceeded",
    "SignInAttempted",
    "ExternalAuthSignupSucceeded",
    "PasswordResetRequested",
)
FIRST_PAGES = (
    "https://about.sourcegraph.com/", "https://sourcegraph.com/search", "https://about.sourcegraph.com/blog/",
    "https://sourcegraph.com/search?utm_source=newsletter&utm_medium=email&utm_campaign=autumn",
    "https://about.sourcegraph.com/demo?utm_source=search&utm_medium=cpc&utm_campaign=code-search", "",
)  # fmt: skip
REFERRERS = ("https://www.google.com/", "https://news.ycombinator.com/", "https://about.sourcegraph.com/", None, None)


@dataclass(frozen=True, eq=False)
class DotcomEvents:
    """The stream of sourcegraph.com."""

    company: Company

    @cached_property
    def _factor(self) -> float:
        return 1.0 if self.company.scale == "full" else float(self.company.scale)

    @cached_property
    def _populations(self) -> tuple[Population, ...]:
        accounts = max(5, round(ACCOUNTS * self._factor))
        anchor = self.company.anchor.date()
        return tuple(
            Population(self.company.seed, -1 - place, accounts, 0, offset, anchor)
            for place, offset in enumerate(OFFSETS)
        )

    def lines(self, hour: datetime) -> list[str]:
        """The events that arrive in an hour, given by its beginning."""
        found = []
        for sent in hours_that_may_arrive_in(hour):
            for place, event in enumerate(events_of(self, sent)):
                name = f"dotcom {sent:%Y%m%d%H} {place}"
                found += [event] * sum(hour <= at < hour + HOUR for at in arrivals(self.company.seed, name, sent))
        return found

    def happened(self, hour: datetime) -> Iterator[tuple[datetime, str]]:
        """What happened in an hour: the time of each event and its JSON."""
        seed = self.company.seed
        chance = dice(seed, "dotcom", f"{hour:%Y%m%d%H}")
        for part, population in enumerate(self._populations):
            for person in bits_of(population.active_in(hour.date(), hour.hour) >> VISITOR_BITS):
                user = FIRST_USER + person * len(OFFSETS) + part
                browser = uuid(seed, "dotcom browser", user)
                yield from self._session(chance, hour, user, browser, first_visit(self.company, user, hour.date()))
        for visit in range(round(chance.randint(*SESSIONS) * self._factor)):
            # One visitor of three comes again within the week.
            comes_again = chance.random() < 0.33
            name = (
                (hour.date().isocalendar()[:2], chance.randrange(200)) if comes_again else (f"{hour:%Y%m%d%H}", visit)
            )
            yield from self._session(chance, hour, 0, uuid(seed, "visitor", name), hour.date())
        if chance.random() < 0.1:
            staff = chance.choice(STAFF)
            yield from self._session(chance, hour, staff, uuid(seed, "staff", staff), date(2020, 1, 6))
        if chance.random() < 0.2:
            yield from self._session(chance, hour, 0, "backend", hour.date())

    def _session(
        self, chance: random.Random, hour: datetime, user: int, browser: str, first_seen: date
    ) -> Iterator[tuple[datetime, str]]:
        at = hour + timedelta(seconds=chance.randrange(3000))
        first_page, referrer = pick(FIRST_PAGES, browser, "page"), pick(REFERRERS, browser, "referrer")
        is_backend = browser == "backend"
        for _ in range(chance.choice((1, 1, 2, 3, 4))):
            at += timedelta(milliseconds=chance.randrange(100_000))
            event = {
                "name": chance.choice(NAMES) if chance.random() > 0.05 else chance.choice(NOT_ACTIVE),
                "anonymous_user_id": browser,
                "first_source_url": "" if is_backend else first_page,
                "user_id": user,
                "source": "BACKEND" if is_backend else "WEB",
                "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
                "version": releases.developer_build(self.company.anchor, at),
                "feature_flags": '{"search-ownership": true}' if chance.random() < 0.2 else "{}",
            }
            if not is_backend and user not in STAFF:
                event["cohort_id"] = (first_seen - timedelta(days=first_seen.weekday())).isoformat()
            if referrer and not is_backend:
                event["referrer"] = referrer
            event["public_argument"] = (
                compact({"results": chance.randrange(500)}) if event["name"] == "SearchResultsFetched" else "{}"
            )
            yield at, compact(event)


def first_visit(company: Company, user: int, day: date) -> date:
    """When the person of an account, who is there on a day, came first: before the anchor, but for newcomers."""
    return min(day, company.anchor.date() - timedelta(days=number(company.seed, user) % 400))


@lru_cache(maxsize=128)
def events_of(events: DotcomEvents, hour: datetime) -> tuple[str, ...]:
    """The events of an hour in their order."""
    return tuple(text for _, text in sorted(events.happened(hour)))
