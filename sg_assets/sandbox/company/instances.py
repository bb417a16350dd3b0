"""Instances: what runs where, under which licence, and what it sends when."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from sg_assets.sandbox.company.cases import ALWAYS, Hosting, InstancePlan, Pings
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice, uuid
from sg_assets.sandbox.company.names import company_name, domain_of
from sg_assets.sandbox.company.people import people_of
from sg_assets.sandbox.company.subscriptions import Subscription

DAY = timedelta(days=1)
STAFF_ADMIN = "managed-instances@sourcegraph.com"
DEPLOY_TYPES = (
    "kubernetes",
    "kubernetes",
    "docker-compose",
    "docker-compose",
    "helm",
    "docker-container",
    "pure-docker",
)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One instance. `position` numbers all instances of a company; `customer` is None where nobody bought it.

    `pings` and `events` say from which instant on it pings how, and exports events or not; the oldest first. From
    `use_falls_at` on only a quarter of its people come.
    """

    position: int
    site_id: str
    customer: Customer | None
    hosting: Hosting
    is_staging: bool
    subscription: Subscription | None
    accounts: int
    visitors: int  # anonymous people who come by, at most 8
    deploy_type: str
    installer_email: str
    remote_ip: str
    utc_offset: int  # hours: when its people work
    releases_behind: int
    is_developer_build: bool
    pings: tuple[tuple[datetime, Pings], ...]
    events: tuple[tuple[datetime, bool], ...]
    use_falls_at: datetime | None = None

    def pings_at(self, at: datetime) -> Pings:
        """What it sends with its update checks at an instant."""
        place = bisect_right(self.pings, at, key=lambda change: change[0])
        return self.pings[place - 1][1] if place else Pings.OFF

    def exports_events(self, at: datetime) -> bool:
        """Whether its events are exported at an instant."""
        place = bisect_right(self.events, at, key=lambda change: change[0])
        return bool(place) and self.events[place - 1][1]

    def license_key(self, at: datetime) -> str:
        """The licence key that it runs with at an instant; empty where it has none."""
        return self.subscription.installed_license(at).key if self.subscription else ""


def instances_of(
    seed: int, anchor: datetime, customer: Customer, subscriptions: tuple[Subscription, ...], first_position: int
) -> tuple[Instance, ...]:
    """The instances of a customer, in the order of its plan."""
    return tuple(
        _instance(seed, anchor, customer, subscriptions, first_position + place, plan)
        for place, plan in enumerate(customer.plan.instances)
    )


def _instance(  # noqa: PLR0913, PLR0917 (what an instance is made from)
    seed: int,
    anchor: datetime,
    customer: Customer,
    subscriptions: tuple[Subscription, ...],
    position: int,
    plan: InstancePlan,
) -> Instance:
    chance = dice(seed, "instance", position, customer.position)
    subscription = None if plan.subscription is None else subscriptions[plan.subscription]
    begin = (subscription or subscriptions[0]).licenses[0].created_at + DAY
    share = 0.15 if plan.is_staging else 0.7 + 0.25 * chance.random()
    is_ours = plan.hosting is not Hosting.SELF_HOSTED
    person = chance.choice(customer.people)
    installer = person.free_mail if plan.has_free_mail_installer else STAFF_ADMIN if is_ours else person.email
    return Instance(
        position=position,
        site_id=uuid(seed, "site", customer.position, position),
        customer=customer,
        hosting=plan.hosting,
        is_staging=plan.is_staging,
        subscription=subscription,
        accounts=max(3, int(customer.seats * share)),
        visitors=4 if plan.events and chance.random() < 0.3 else 0,
        deploy_type="kubernetes" if is_ours else chance.choice(DEPLOY_TYPES),
        installer_email=installer,
        remote_ip=_address(chance.randrange(762)),
        utc_offset=chance.choice((-8, -8, -5, -5, 0, 1, 1, 5, 9)),
        releases_behind=_releases_behind(plan, chance),
        is_developer_build=plan.is_developer_build,
        pings=tuple((_instant(anchor, begin, day), pings) for day, pings in plan.pings),
        events=tuple((_instant(anchor, begin, day), exports) for day, exports in plan.events),
        use_falls_at=None if plan.use_falls is None else anchor + plan.use_falls * DAY,
    )


def _releases_behind(plan: InstancePlan, chance: random.Random) -> int:
    usual = 0 if plan.hosting is Hosting.CLOUD else chance.choice((0, 0, 0, 1, 1, 2, 3, 6))
    return usual if plan.releases_behind is None else plan.releases_behind


def community_instance(seed: int, anchor: datetime, position: int, number: int) -> Instance:
    """An instance that nobody bought: no licence, installed by somebody at a company that is not in Salesforce."""
    chance = dice(seed, "community", number)
    domain = domain_of(company_name(seed, 400_000 + number))
    person = people_of(seed, f"community {number}", domain, 1)[0]
    is_long_gone = number % 6 == 3
    since = anchor - DAY * (chance.randint(70, 700) + (1500 if is_long_gone else 0))
    stopped = ((since + 90 * DAY, Pings.OFF),) if is_long_gone else ()
    return Instance(
        position=position,
        site_id=uuid(seed, "community", number),
        customer=None,
        hosting=Hosting.SELF_HOSTED,
        is_staging=False,
        subscription=None,
        accounts=chance.randint(1, 10),
        visitors=0,
        deploy_type=chance.choice(("docker-container", "docker-compose")),
        installer_email=person.free_mail if number % 3 == 0 else person.email,
        remote_ip=_address(chance.randrange(762)),
        utc_offset=chance.choice((-8, 0, 1, 5, 9)),
        releases_behind=chance.choice((0, 2, 5, 9)),
        is_developer_build=False,
        pings=((since, Pings.CRITICAL if number % 4 == 1 else Pings.FULL), *stopped),
        events=(),
    )


def _instant(anchor: datetime, begin: datetime, day: float) -> datetime:
    return begin if day <= ALWAYS else max(begin, anchor + day * DAY)


def _address(number: int) -> str:
    """An address of the three networks that are reserved for documentation."""
    network, host = divmod(number, 254)
    return f"{('192.0.2', '198.51.100', '203.0.113')[network]}.{host + 1}"
