"""What there is to look at in Looker: dashboards, looks, boards, plans, the explores behind them and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.looker_access import Account, accounts

MODEL, OLD_MODEL = "sourcegraph", "legacy"
EXPLORES: Mapping[tuple[str, str], tuple[str, ...]] = {
    (MODEL, "instances"): ("pings.instance_day", "customers.instance_link", "crm.account"),
    (MODEL, "telemetry"): ("customers.telemetry_status", "crm.account"),
    (MODEL, "active_users"): ("product.active_users_day",),
    (MODEL, "events"): ("`telligentsourcegraph.events.event`",),
    (MODEL, "accounts"): ("crm.account", "crm.opportunity"),
    (MODEL, "licences"): ("licensing.subscription", "licensing.license", "crm.account"),
    (MODEL, "nps"): ("product.nps_response",),
    (MODEL, "arr"): ("sales.arr_month",),
    (MODEL, "leads"): ("marketing.lead", "marketing.campaign_touch"),
    (MODEL, "web"): ("marketing.web_traffic_day",),
    (OLD_MODEL, "server_usage"): ("`telligentsourcegraph.sourcegraph_analytics.server_daily_usage`",),
    (OLD_MODEL, "funnel"): (),  # a derived table of Looker's own: it names no table
}
"""The explores by model and name: the tables that each reads, as LookML writes them, its own first."""

DASHBOARDS: Mapping[int, tuple[str, str]] = {
    128: ("NPS", "nps"), 170: ("Customer environments", "accounts"), 179: ("Customer health", "instances"),
    217: ("Product-qualified leads", "leads"), 257: ("Growth of instances", "instances"), 362: ("Web traffic", "web"),
    367: ("Sign-ups", "web"), 368: ("Visitors to the documentation", "web"), 389: ("Technical health", "instances"),
    454: ("Saturation of features", "active_users"),
}  # fmt: skip
LOOKS: Mapping[int, tuple[str, str]] = {
    729: ("Activation", "events"), 1033: ("DAU/MAU", "active_users"), 1034: ("DAU/WAU", "active_users"),
    1332: ("Adoption of a customer", "licences"), 1333: ("Average adoption", "licences"),
    1366: ("Telemetry status of customers", "telemetry"), 1513: ("Activation, new", "events"),
    1517: ("DAU/WAU, new", "active_users"), 1521: ("DAU/MAU, new", "active_users"),
    1527: ("Telemetry status of customers, new", "telemetry"),
}  # fmt: skip
"""What people rely on, by the ids that they know: title and explore."""
LOOKML_DASHBOARDS = (f"{MODEL}::overview", f"{MODEL}::pings_health")
BOARDS: Mapping[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "2": ("Sales", (179, 217), (1332, 1366)),
    "5": ("Product and Engineering", (128, 454, 257), (1033, 1034)),
    "8": ("Customer Engineering", (170, 179, 389), (1366,)),
}
MORE_DASHBOARDS, MORE_LOOKS, PLANS = 70, 40, 12
FIRST_NEW_LOOK, NEW_LOOKS = 3000, 60
_WORDS = ("Renewals", "Copy of usage", "Test", "Trials", "Board deck", "Do not use", "Weekly numbers", "Seats")


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a dashboard: a query on explores, a look, or text, which has neither."""

    id: str
    explores: tuple[tuple[str, str], ...] = ()
    look_id: str | None = None

    @property
    def is_merged(self) -> bool:
        """Whether it merges the results of several queries."""
        return len(self.explores) > 1


@dataclass(frozen=True, slots=True)
class Content:
    """A dashboard or a look. `explore` is that of a look; a dashboard's are those of its `tiles`.

    It was put into the bin at `binned_at`, and is gone for good at `purged_at`.
    """

    id: str
    title: str
    owner: Account
    created_at: datetime
    updated_at: datetime
    views_every: timedelta | None
    stops_at: datetime | None = None
    explore: tuple[str, str] | None = None
    tiles: tuple[Tile, ...] = ()
    binned_at: datetime | None = None
    purged_at: datetime | None = None

    @property
    def query_id(self) -> str:
        """The id of a look's query: another query is another id."""
        return str(900_000 + int(self.id))

    def is_there(self, at: datetime) -> bool:
        """Whether it exists, in the bin or not."""
        return self.created_at <= at and (self.purged_at is None or self.purged_at > at)

    def is_binned(self, at: datetime) -> bool:
        """Whether it is in the bin."""
        return self.binned_at is not None and self.binned_at <= at

    def viewed_at(self, at: datetime) -> datetime | None:
        """When somebody last looked at it; None where nobody ever did."""
        if self.views_every is None:
            return None
        ends = [time for time in (at, self.stops_at, self.binned_at) if time is not None]
        views = (min(ends) - self.created_at) // self.views_every
        return self.created_at + views * self.views_every if views > 0 else None

    def view_count(self, at: datetime) -> int:
        """How often somebody looked at it."""
        viewed = self.viewed_at(at)
        return (viewed - self.created_at) // self.views_every if viewed and self.views_every else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A delivery by schedule of a dashboard or a look to somebody."""

    id: str
    owner: Account
    is_enabled: bool
    crontab: str
    dashboard_id: str | None
    look_id: str | None
    created_at: datetime


@lru_cache(maxsize=8)
def dashboards(company: Company) -> tuple[Content, ...]:
    """Every dashboard that people made, in the order of their ids."""
    more = {500 + 7 * place: ("", "") for place in range(MORE_DASHBOARDS)}
    return _contents(company, "dashboard", {**DASHBOARDS, **more})


@lru_cache(maxsize=8)
def looks(company: Company) -> tuple[Content, ...]:
    """Every look, in the order of their ids; after the anchor somebody saves one every other day."""
    more = {1600 + 3 * place: ("", "") for place in range(MORE_LOOKS)}
    new = {FIRST_NEW_LOOK + place: ("", "") for place in range(NEW_LOOKS)}
    return _contents(company, "look", {**LOOKS, **more, **new})


def plans(company: Company) -> tuple[Plan, ...]:
    """Every plan."""
    people, seen, kept = accounts(company), dashboards(company), looks(company)
    found = []
    for place in range(PLANS):
        chance = dice(company.seed, "plan", place)
        dashboard = None if place % 3 == 0 else chance.choice(seen).id
        look = chance.choice(kept).id if dashboard is None else None
        created = company.anchor - chance.randint(5, 500) * DAY
        owner, crontab = chance.choice(people[:60]), chance.choice(("0 6 * * 1", "0 7 * * *"))
        found.append(Plan(str(40 + place), owner, place % 5 != 4, crontab, dashboard, look, created))
    return tuple(found)


def tables_read(company: Company, at: datetime) -> Mapping[str, frozenset[str]]:
    """The tables that everything that exists and is not in the bin reads, by `dashboard 217` or `look 1366`.

    They are written without a project and without backticks.
    """
    kept = {one.id: one for one in looks(company) if one.is_there(at)}
    found = {f"look {one.id}": _tables([one.explore]) for one in kept.values() if not one.is_binned(at)}
    for one in dashboards(company):
        if one.is_there(at) and not one.is_binned(at):
            by_look = [kept[tile.look_id].explore for tile in one.tiles if tile.look_id in kept]
            found[f"dashboard {one.id}"] = _tables([*by_look, *(e for tile in one.tiles for e in tile.explores)])
    return found


def _tables(explores: list[tuple[str, str] | None]) -> frozenset[str]:
    written = {table.strip("`") for explore in explores if explore for table in EXPLORES[explore]}
    return frozenset(table.removeprefix("telligentsourcegraph.") for table in written)


def _contents(company: Company, kind: str, named: Mapping[int, tuple[str, str]]) -> tuple[Content, ...]:
    people = [one for one in accounts(company) if one.created_at <= company.anchor]
    return tuple(_content(company, kind, id_, named[id_], people) for id_ in sorted(named))


def _content(company: Company, kind: str, id_: int, named: tuple[str, str], people: list[Account]) -> Content:
    chance = dice(company.seed, kind, id_)
    title, explore = named
    is_known = bool(title)
    created = company.anchor - chance.uniform(20, 1200) * DAY
    if id_ >= FIRST_NEW_LOOK:
        created = company.anchor + (1 + 2 * (id_ - FIRST_NEW_LOOK)) * DAY
    place = number(company.seed, kind, id_)
    own = (MODEL, explore) if is_known else chance.choice(list(EXPLORES))
    is_old = not is_known and created < company.anchor
    binned = company.anchor - chance.randint(1, 18) * DAY if is_old and place % 9 == 0 else None
    every = timedelta(hours=chance.choice((5, 30, 90, 700))) if is_known or place % 7 else None
    changed = created + max(company.anchor - 20 * DAY - created, timedelta(0)) * chance.random()
    return Content(
        id=str(id_),
        title=title or f"{chance.choice(_WORDS)} {id_}",
        owner=chance.choice(people),
        created_at=created.replace(microsecond=0),
        updated_at=changed.replace(microsecond=0),
        views_every=every,
        stops_at=company.anchor - 200 * DAY if is_old and place % 5 == 1 else None,
        explore=own if kind == "look" else None,
        tiles=_tiles(company, id_, own) if kind == "dashboard" else (),
        binned_at=binned,
        purged_at=company.anchor + 2 * DAY if binned and place % 2 else None,
    )


def _tiles(company: Company, dashboard: int, own: tuple[str, str]) -> tuple[Tile, ...]:
    """A tile of the dashboard's own explore, and some others."""
    chance = dice(company.seed, "tiles", dashboard)
    first, others = 10 * dashboard, chance.sample(list(EXPLORES), 2)
    found = [Tile(str(first), (own,))]
    if chance.random() < 0.5:
        found.append(Tile(str(first + 1)))
    if chance.random() < 0.3:
        found.append(Tile(str(first + 2), look_id=str(chance.choice(list(LOOKS)))))
    if chance.random() < 0.2:
        found.append(Tile(str(first + 3), tuple(others)))
    return tuple(found)
