"""The cast: every special case that the company must contain, as a plan for one customer. Days count from the anchor.

A plan says only what is special; `customers.py`, `subscriptions.py` and `instances.py` turn it into people, licences
and machines. Ordinary customers get theirs by chance in `ordinary.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hosting(StrEnum):
    """Where an instance runs."""

    SELF_HOSTED = "self-hosted"
    MANAGED = "managed"
    CLOUD = "cloud"


class Pings(StrEnum):
    """What an instance sends with its update checks."""

    OFF = "off"
    CRITICAL = "critical"
    FULL = "full"


class Link(StrEnum):
    """How the owner of a subscription is tied to Salesforce."""

    USERNAME = "username"  # CompanyName-UniqueId
    DELETED_USER = "deleted user"  # the user account is gone; the licence names its opportunity
    LOSER = "loser"  # the username carries the id of an account that was merged into this one
    NONE = "none"  # self-service: a username without an id


ALWAYS = -3000.0
"""A day before everything."""


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """One instance: from which day on it pings how, from which day on it exports events, and with whose licence.

    `subscription` is the position among the customer's; None: it has no licence key.
    """

    hosting: Hosting = Hosting.SELF_HOSTED
    pings: tuple[tuple[float, Pings], ...] = ((ALWAYS, Pings.FULL),)
    events: tuple[tuple[float, bool], ...] = ()
    subscription: int | None = 0
    is_staging: bool = False
    has_free_mail_installer: bool = False
    is_developer_build: bool = False
    releases_behind: int | None = None  # None: by chance
    use_falls: float | None = None  # from this day on only a quarter of its people come


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """One subscription: the day of its first licence, None for long ago; a paid one is renewed every 355 days."""

    first: float | None = None
    is_renewed: bool = True
    is_trial: bool = False
    is_air_gapped: bool = False
    revoked: float | None = None  # its newest licence, on this day
    archived: float | None = None
    link: Link = Link.USERNAME
    names_opportunity: bool = True  # whether its licences say in which opportunity they were sold
    salesforce_subscription: int | None = None  # place of another subscription with which it is one in Salesforce


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """A customer: `name` where the name itself is the case, `account` what happened to it in Salesforce."""

    instances: tuple[InstancePlan, ...]
    subscriptions: tuple[SubscriptionPlan, ...] = (SubscriptionPlan(),)
    name: str | None = None
    type: str = "Customer"
    is_in_salesforce: bool = True
    deleted: float | None = None
    has_parent: bool = False


FULL = ((ALWAYS, Pings.FULL),)
CRITICAL = ((ALWAYS, Pings.CRITICAL),)
OFF = ((ALWAYS, Pings.OFF),)
EVENTS = ((ALWAYS, True),)
MANAGED, CLOUD = Hosting.MANAGED, Hosting.CLOUD

CASES: dict[str, CustomerPlan] = {
    "air gapped": CustomerPlan((InstancePlan(pings=OFF),), (SubscriptionPlan(is_air_gapped=True),)),
    "pings off": CustomerPlan((InstancePlan(pings=OFF),)),
    "critical": CustomerPlan((InstancePlan(pings=CRITICAL),)),
    "full": CustomerPlan((InstancePlan(),)),
    "user-level": CustomerPlan((InstancePlan(MANAGED, events=EVENTS),)),
    "old managed": CustomerPlan((InstancePlan(MANAGED, events=EVENTS, releases_behind=6),)),
    "managed without events": CustomerPlan((InstancePlan(MANAGED),)),
    "events stopped": CustomerPlan((InstancePlan(MANAGED, events=((ALWAYS, True), (-45, False))),)),
    "production and staging": CustomerPlan(
        (InstancePlan(), InstancePlan(subscription=1, is_staging=True)),
        (SubscriptionPlan(), SubscriptionPlan(first=-300)),
    ),
    "staging shares key": CustomerPlan((InstancePlan(), InstancePlan(pings=CRITICAL, is_staging=True))),
    "self-hosted and managed": CustomerPlan((InstancePlan(), InstancePlan(MANAGED, events=EVENTS))),
    "critical to full": CustomerPlan((InstancePlan(pings=((ALWAYS, Pings.CRITICAL), (-10, Pings.FULL))),)),
    "full to critical": CustomerPlan((InstancePlan(pings=((ALWAYS, Pings.FULL), (-8, Pings.CRITICAL))),)),
    "stopped 40 days ago": CustomerPlan((InstancePlan(pings=((ALWAYS, Pings.FULL), (-40, Pings.OFF))),)),
    "stopped 4 years ago": CustomerPlan(
        (InstancePlan(pings=((ALWAYS, Pings.FULL), (-1461, Pings.OFF))),),
        (SubscriptionPlan(first=-1700, is_renewed=False),),
        type="Former Customer",
    ),
    "paused": CustomerPlan((InstancePlan(pings=((ALWAYS, Pings.FULL), (-20, Pings.OFF), (-8, Pings.FULL))),)),
    "installed recently": CustomerPlan((InstancePlan(pings=((-10, Pings.FULL),)),), (SubscriptionPlan(first=-12),)),
    "installed after the anchor": CustomerPlan((InstancePlan(pings=((2, Pings.FULL),)),), (SubscriptionPlan(first=1),)),
    "renewed": CustomerPlan((InstancePlan(),), (SubscriptionPlan(first=-730),)),
    "renewal due": CustomerPlan((InstancePlan(use_falls=-20),), (SubscriptionPlan(first=-708),)),
    "revoked": CustomerPlan((InstancePlan(),), (SubscriptionPlan(first=-200, revoked=-12),)),
    "expired": CustomerPlan((InstancePlan(),), (SubscriptionPlan(first=-380, is_renewed=False),)),
    "trial": CustomerPlan((InstancePlan(),), (SubscriptionPlan(first=-9, is_trial=True),), type="Prospect"),
    "trial and paid": CustomerPlan(
        (InstancePlan(),), (SubscriptionPlan(first=-500), SubscriptionPlan(first=-530, is_trial=True))
    ),
    "self-service trial": CustomerPlan(
        (InstancePlan(CLOUD, events=((-6, True),), pings=((-6, Pings.FULL),)),),
        (SubscriptionPlan(first=-6, is_trial=True, link=Link.NONE),),
        is_in_salesforce=False,
    ),
    "archived subscription": CustomerPlan(
        (InstancePlan(subscription=1),), (SubscriptionPlan(first=-600, archived=-30), SubscriptionPlan())
    ),
    "archived after the anchor": CustomerPlan(
        (InstancePlan(subscription=1),),
        (SubscriptionPlan(first=-600, is_renewed=False, archived=1), SubscriptionPlan()),
    ),
    "deleted user": CustomerPlan((InstancePlan(),), (SubscriptionPlan(link=Link.DELETED_USER),)),
    "shared Salesforce subscription": CustomerPlan(
        (InstancePlan(), InstancePlan(subscription=1, is_staging=True)),
        (
            SubscriptionPlan(),
            SubscriptionPlan(link=Link.DELETED_USER, names_opportunity=False, salesforce_subscription=0),
        ),
    ),
    "merged account": CustomerPlan((InstancePlan(),), (SubscriptionPlan(link=Link.LOSER),)),
    "deleted account": CustomerPlan((InstancePlan(pings=CRITICAL),), deleted=-15, type="Former Customer"),
    "subsidiary": CustomerPlan((InstancePlan(),), has_parent=True),
    "dashes in the name": CustomerPlan((InstancePlan(),), name="Kite-and-Key"),
    "free-mail installer": CustomerPlan((InstancePlan(has_free_mail_installer=True),)),
    "no licence key": CustomerPlan((InstancePlan(subscription=None),)),
    "developer build": CustomerPlan((InstancePlan(is_developer_build=True),)),
    "cloud": CustomerPlan((InstancePlan(CLOUD, events=EVENTS),)),
}
"""Every special case by its name; the customer at position n of a company is the n-th case."""
