"""Visits to the company's own websites (about., docs. and info.sourcegraph.com): the truth that web analytics counts.

People who became leads came by a form on the day of their lead, those whom marketing qualified asked for a demo on that
day, and trials were started on the day of their first licence; campaigns are those of Salesforce while they ran.
Everybody else comes by chance. What Google shows of it, and when, is in `web_reports.py`. Days are those of the sites'
own time zone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.campaigns import CAMPAIGNS
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.crm_record import Change, factor_of
from sg_assets.sandbox.company.dice import dice, number, uuid

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONE = ZoneInfo("America/Los_Angeles")
HISTORY = 60 * DAY
"""How long before the anchor counting began."""
VISITS = 240
"""Visits on an ordinary working day, at scale 1."""
SPIKE_EVERY = 13
"""One day in so many has a post that everybody reads."""
ABOUT, DOCS, INFO = "about.sourcegraph.com", "docs.sourcegraph.com", "info.sourcegraph.com"
FORM_SOURCES = ("Inbound", "Feedback Form")
"""Sources of leads who filled in a form on the website."""
LEAD, DEMO, TRIAL = "generate_lead", "request_demo", "start_trial"
SUBSCRIBED, SIGN_UP = "newsletter_subscribe", "click_sign_up"
_PAGES = {
    ABOUT: ("/", "/", "/pricing", "/demo", "/blog/", "/case-studies", "/code-search", "/batch-changes", "/jobs"),
    DOCS: ("/", "/admin/install", "/admin/observability", "/code_search/reference/queries", "/cli", "/api/graphql"),
    INFO: ("/webinar-batch-changes", "/developer-survey", "/big-code-report"),
}
_MANY_PAGES = {ABOUT: "/blog/post-", DOCS: "/code_intelligence/topic-"}
_SPIKE_PAGE = "/blog/release"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a visit came from, as analytics calls it."""

    channel: str
    source: str
    medium: str
    campaign: str


_EVERYWHERE = (
    (38, Origin("Organic Search", "google", "organic", "(organic)")),
    (26, Origin("Direct", "(direct)", "(none)", "(direct)")),
    (8, Origin("Referral", "news.ycombinator.com", "referral", "(referral)")),
    (6, Origin("Referral", "github.com", "referral", "(referral)")),
    (2, Origin("Paid Search", "google", "cpc", "(not set)")),
    (2, Origin("Unassigned", "(not set)", "(not set)", "(not set)")),
)
_CHANNELS = {"email": "Email", "cpc": "Paid Search", "referral": "Referral"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One session: pages in their order with the seconds that each had somebody's attention, and what counted."""

    id: str
    visitor: str
    is_new: bool
    at: datetime
    host: str
    origin: Origin
    pages: tuple[tuple[str, int], ...]
    key_events: tuple[str, ...] = ()

    @property
    def is_engaged(self) -> bool:
        """Whether it lasted over ten seconds, had a second page, or counted."""
        return len(self.pages) > 1 or bool(self.key_events) or sum(seconds for _, seconds in self.pages) > 10


@dataclass(frozen=True, eq=False)
class WebTraffic:
    """The visits of one company's websites, day by day."""

    company: Company

    @property
    def first_day(self) -> date:
        """The day on which counting began."""
        return (self.company.anchor - HISTORY).astimezone(ZONE).date()

    def visits(self, day: date) -> tuple[Visit, ...]:
        """All visits of a day, those yet to come included; none before counting began."""
        return _visits(self, day) if day >= self.first_day else ()

    def visitors(self, days: Iterable[date]) -> int:
        """How many different visitors there were on some days together."""
        return len({visit.visitor for day in days for visit in self.visits(day)})

    def leads(self, day: date) -> list[str]:
        """The ids in Salesforce of the leads who filled in a form on a day, and so became leads."""
        return [change.id for change in self._forms(day)]

    def demos(self, day: date) -> list[str]:
        """The ids in Salesforce of the leads whom marketing qualified on a day, because they asked for a demo."""
        return self._qualified.get(day, [])

    def is_spike(self, day: date) -> bool:
        """Whether a post of that day is read by everybody."""
        return number(self.company.seed, "web spike", day) % SPIKE_EVERY == 0

    def happened(self, day: date) -> Iterator[Visit]:
        """Make up the visits of a day, in no order."""
        seed, chance = self.company.seed, dice(self.company.seed, "web", day)
        origins = _origins((day - self.company.anchor.date()) // DAY)
        busy = (0.4 if day.weekday() >= 5 else 1.0) * (3 if self.is_spike(day) else 1) * chance.uniform(0.85, 1.15)
        for place in range(round(VISITS * factor_of(self.company) * busy)):
            comes_again = chance.random() < 0.35
            name = (*day.isocalendar()[:2], chance.randrange(400)) if comes_again else (day, place)
            host = chance.choices((ABOUT, DOCS, INFO), weights=(55, 38, 7))[0]
            counted = tuple(event for event, share in ((SUBSCRIBED, 0.01), (SIGN_UP, 0.03)) if chance.random() < share)
            yield Visit(
                id=f"{day} {place}",
                visitor=uuid(seed, "web visitor", *name),
                is_new=not comes_again,
                at=_moment(chance, day),
                host=host if chance.random() > 0.005 else "(not set)",
                origin=_one_of(chance, origins),
                pages=self._pages(chance, day, host),
                key_events=counted,
            )
        for change in self._forms(day):
            yield self._counted(change.at, LEAD, change.id, "/contact/request-info", origins)
        for lead in self.demos(day):
            yield self._counted(_moment(chance, day), DEMO, lead, "/demo", origins)
        for trial, at in self._trials:
            if at.astimezone(ZONE).date() == day:
                yield self._counted(at, TRIAL, trial, "/get-started", origins)

    def _pages(self, chance: random.Random, day: date, host: str) -> tuple[tuple[str, int], ...]:
        found = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
            page = chance.choice(_PAGES[host])
            if host in _MANY_PAGES and chance.random() < 0.3:
                page = f"{_MANY_PAGES[host]}{int(40 * chance.random() ** 2):02}"
            if host == ABOUT and self.is_spike(day) and chance.random() < 0.6:
                page = _SPIKE_PAGE
            found.append((page, chance.randrange(90)))
        return tuple(found)

    def _counted(
        self, at: datetime, event: str, name: str, page: str, origins: tuple[tuple[int, Origin], ...]
    ) -> Visit:
        chance = dice(self.company.seed, "web form", name)
        pages = ((chance.choice(_PAGES[ABOUT]), chance.randrange(90)), (page, chance.randrange(20, 200)))
        visitor = uuid(self.company.seed, "web visitor", name)
        origin = _one_of(chance, origins)
        return Visit(f"{event} {name}", visitor, chance.random() < 0.5, at, ABOUT, origin, pages, (event,))

    def _forms(self, day: date) -> list[Change]:
        """The leads of a day who filled in a form."""
        found = self._leads_before.get(day, [])
        begin = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
        end = datetime.combine(day + DAY, datetime.min.time(), ZONE).astimezone(UTC)
        for hour in range(max(0, (begin - self.company.anchor) // HOUR), max(0, (end - self.company.anchor) // HOUR)):
            found = [*found, *_new_leads(self._changes, self.company.anchor + hour * HOUR)]
        return found

    @cached_property
    def _changes(self) -> CrmChanges:
        return CrmChanges(self.company)

    @cached_property
    def _leads(self) -> list[Change]:
        """The leads from before the anchor."""
        return list(crm_people.leads(self.company))

    @cached_property
    def _qualified(self) -> dict[date, list[str]]:
        """The leads whom marketing qualified, by the day on which it did."""
        found: dict[date, list[str]] = {}
        for change in self._leads:
            if isinstance(day := change.fields["MQL_Date__c"], date):
                found.setdefault(day, []).append(change.id)
        return found

    @cached_property
    def _leads_before(self) -> dict[date, list[Change]]:
        """The leads from before the anchor who filled in a form, by day."""
        found: dict[date, list[Change]] = {}
        for change in self._leads:
            if change.fields["LeadSource"] in FORM_SOURCES:
                found.setdefault(change.at.astimezone(ZONE).date(), []).append(change)
        return found

    @cached_property
    def _trials(self) -> list[tuple[str, datetime]]:
        """Every trial, by the uuid of its subscription, and when it began."""
        every = (one for many in self.company.subscriptions.values() for one in many)
        return [(one.uuid, one.licenses[0].created_at) for one in every if one.plan.is_trial]


@lru_cache(maxsize=128)
def _visits(traffic: WebTraffic, day: date) -> tuple[Visit, ...]:
    return tuple(sorted(traffic.happened(day), key=lambda visit: (visit.at, visit.id)))


@lru_cache(maxsize=256)
def _new_leads(changes: CrmChanges, hour: datetime) -> tuple[Change, ...]:
    """The leads of an hour after the anchor who filled in a form."""
    made = (change for change in changes.of_hour(hour) if change.kind == "Lead" and "CreatedDate" in change.fields)
    return tuple(change for change in made if change.fields["LeadSource"] in FORM_SOURCES)


def _origins(day: int) -> tuple[tuple[int, Origin], ...]:
    """Where visitors come from on a day, counted from the anchor: links of campaigns lead here while these run."""
    linked = (one for one in CAMPAIGNS if one.utm_source and one.is_running(day))
    links = ((6, _origin(one.utm_source, one.utm_medium, one.utm_campaign)) for one in linked)
    return (*_EVERYWHERE, *links)


def _origin(source: str, medium: str, campaign: str) -> Origin:
    return Origin(_CHANNELS[medium], source, medium, campaign)


def _one_of(chance: random.Random, origins: tuple[tuple[int, Origin], ...]) -> Origin:
    return chance.choices([origin for _, origin in origins], weights=[weight for weight, _ in origins])[0]


def _moment(chance: random.Random, day: date) -> datetime:
    """Some time of a day on the wall clock of the sites' zone, mostly in daylight."""
    hour = min(23, max(0, round(chance.gauss(12, 4.5))))
    local = datetime(day.year, day.month, day.day, hour, chance.randrange(60), chance.randrange(60), tzinfo=ZONE)
    return local.astimezone(UTC)
