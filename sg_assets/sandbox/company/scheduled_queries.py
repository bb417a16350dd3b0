"""The made-up company's scheduled queries: what they write, on whose account they run, and every run of theirs.

Nearly all run as the service account, as they should; some still run as the person who made them, and one of those as
somebody who has left since, so that it fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import fraction, number, uuid
from sg_assets.sandbox.company.scheduled_sql import SQL
from sg_assets.sandbox.company.staff import Department, Employee, staff

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PROJECT, PROJECT_NUMBER = "made-up-analytics", 314159265358
SERVICE_ACCOUNT = f"scheduled-queries@{PROJECT}.iam.gserviceaccount.com"
LOCATIONS = ("asia-northeast1", "europe-west1", "eu", "us", "us-central1")
KEPT = 10 * DAY
"""How long the service shows runs."""


@dataclass(frozen=True, slots=True)
class ScheduledQuery:
    """One scheduled query. `owners` says from which instant on it runs on whose account, None where nobody tells."""

    place: int
    name: str
    location: str
    dataset: str
    table: str
    query: str
    every: timedelta
    created_at: datetime
    owners: tuple[tuple[datetime, str | None], ...]
    disposition: str = "WRITE_TRUNCATE"
    partitioning_field: str = ""
    is_disabled: bool = False
    deleted_at: datetime | None = None
    fails_from: datetime | None = None

    def exists(self, at: datetime) -> bool:
        """Whether it was made by then, and not deleted."""
        return self.created_at <= at and (self.deleted_at is None or at < self.deleted_at)

    def owner(self, at: datetime) -> str | None:
        """On whose account it runs at an instant."""
        return [owner for since, owner in self.owners if since <= at][-1]

    @property
    def schedule(self) -> str:
        """Its schedule in the service's words."""
        return f"every {self.every // HOUR} hours"


@dataclass(frozen=True, slots=True)
class QueryRun:
    """One run; `end` is when it ends or would."""

    scheduled: datetime
    start: datetime
    end: datetime
    has_succeeded: bool


@dataclass(frozen=True, eq=False)
class ScheduledQueries:
    """All scheduled queries of a company."""

    company: Company
    all: tuple[ScheduledQuery, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make them up."""
        object.__setattr__(self, "all", tuple(_made_up(self.company)))

    def at(self, at: datetime) -> tuple[ScheduledQuery, ...]:
        """Those that exist at an instant."""
        return tuple(one for one in self.all if one.exists(at))

    def resource(self, one: ScheduledQuery) -> str:
        """The name of its transfer configuration."""
        config = uuid(self.company.seed, "scheduled query", one.place)
        return f"projects/{PROJECT_NUMBER}/locations/{one.location}/transferConfigs/{config}"

    def runs(self, one: ScheduledQuery, at: datetime, mended_at: datetime | None = None) -> Iterator[QueryRun]:
        """The runs that were begun by an instant and are still shown, the newest first.

        From `mended_at` on it runs on an account that may run it.
        """
        if one.is_disabled:
            return
        newest, oldest = (at - one.created_at) // one.every, max(at - KEPT, one.created_at)
        for place in range(newest, -1, -1):
            scheduled = one.created_at + place * one.every
            if scheduled < oldest:
                return
            start = scheduled + timedelta(seconds=3 + number(self.company.seed, "waits", one.place, place) % 40)
            takes = timedelta(seconds=round(10 + 200 * fraction(self.company.seed, "runs", one.place, place)))
            is_mended = mended_at is not None and mended_at <= start
            has_failed = one.fails_from is not None and one.fails_from <= start and not is_mended
            yield QueryRun(scheduled, start, start + takes, has_succeeded=not has_failed)


def owners(company: Company, at: datetime) -> Mapping[str, str | None]:
    """The truth: on whose account each scheduled query runs, by its resource name."""
    queries = ScheduledQueries(company)
    return {queries.resource(one): one.owner(at) for one in queries.at(at)}


def run_by_people(company: Company, at: datetime) -> frozenset[str]:
    """The truth: the resource names of scheduled queries that run as a person; those that tell nothing are left out."""
    return frozenset(name for name, owner in owners(company, at).items() if owner not in {SERVICE_ACCOUNT, None})


def _made_up(company: Company) -> Iterator[ScheduledQuery]:
    anchor, long_ago = company.anchor, company.anchor - 400 * DAY
    analysts = [one for one in staff(company) if one.department is Department.ANALYTICS]
    gone = next(one for one in staff(company) if one.left_at and anchor - 90 * DAY < one.left_at < anchor)
    team = "us", "sourcegraph_analytics"
    plans = (
        (*team, "instances scheduled query 1", "instances_1", 4, _service(long_ago)),
        (*team, "instances scheduled query 2", "instances_2", 4, _service(long_ago)),
        ("us", "raw_server_usage", "server_daily_usage", "server_day${run_date}", 24, _service(long_ago)),
        (*team, "amplitude_events_v5", "amplitude_events_v5", 6, _service(long_ago)),
        (*team, "event-usage-to-amplitude-sg-cloud", "", 6, _service(long_ago)),
        (*team, "usage-data-amplitude", "", 6, _person(long_ago, analysts[0])),
        ("us", "dotcom_events", "events_usage", "events_usage", 6, _service(long_ago)),
        ("us", "sg_cloud", "users", "users", 24, _person(long_ago, analysts[1])),
        ("us", "sg_cloud", "survey_responses", "survey_responses", 24, _service(long_ago)),
        ("us", "customer_environment", "latest answers", "latest", 24, _person(long_ago, gone)),
        ("us-central1", "looker_scratch", "dashboard 170 trend", "trend", 24, _person(long_ago, analysts[2])),
        ("europe-west1", "eu_events", "events of the EU", "events", 12, _service(long_ago)),
        ("us", "scratch", "nobody knows whose", 'scratch_{run_time|"%Y%m%d"}', 24, ((long_ago, None),)),
        (*team, "made after the anchor", "made_later", 24, _service(anchor + DAY)),
    )
    for place, (location, dataset, name, table, hours, whose) in enumerate(plans):
        if name == "usage-data-amplitude":
            whose = (*whose, (anchor + 2 * DAY, SERVICE_ACCOUNT))  # noqa: PLW2901 (mended after the anchor)
        yield ScheduledQuery(
            place=place,
            name=name,
            location=location,
            dataset=dataset,
            table=table,
            query=SQL[name],
            every=hours * HOUR,
            created_at=whose[0][0] + place * timedelta(minutes=17),
            owners=((whose[0][0], whose[0][1]), *whose[1:]),
            disposition="WRITE_APPEND" if table.startswith("events") else "WRITE_TRUNCATE",
            partitioning_field={"dashboard 170 trend": "month_on", "server_daily_usage": "day_on"}.get(name, ""),
            is_disabled=name == "instances scheduled query 2",
            deleted_at=anchor + 3 * DAY if name == "dashboard 170 trend" else None,
            fails_from=gone.left_at if name == "latest answers" else None,
        )


def _service(since: datetime) -> tuple[tuple[datetime, str | None], ...]:
    return ((since, SERVICE_ACCOUNT),)


def _person(since: datetime, employee: Employee) -> tuple[tuple[datetime, str | None], ...]:
    return ((since, employee.person.email),)
