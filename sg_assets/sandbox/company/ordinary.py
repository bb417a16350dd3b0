"""The customers about whom nothing is special: their plans by chance, in the shares of a company like this one."""

from __future__ import annotations

from sg_assets.sandbox.company.cases import (
    CLOUD,
    CRITICAL,
    EVENTS,
    FULL,
    MANAGED,
    OFF,
    CustomerPlan,
    Hosting,
    InstancePlan,
    SubscriptionPlan,
)
from sg_assets.sandbox.company.dice import dice


def ordinary_plan(seed: int, position: int) -> CustomerPlan:
    """A customer with one instance, or with two: production and staging, each with a subscription of its own."""
    chance = dice(seed, "plan", position)
    hosting = chance.choices((Hosting.SELF_HOSTED, MANAGED, CLOUD), weights=(66, 16, 18))[0]
    is_silent = hosting is Hosting.SELF_HOSTED and chance.random() < 0.08
    is_air_gapped = is_silent and chance.random() < 0.6
    is_reserved = hosting is Hosting.SELF_HOSTED and chance.random() < 0.2
    pings = OFF if is_silent else CRITICAL if is_reserved else FULL
    events = EVENTS if hosting is not Hosting.SELF_HOSTED and chance.random() < 0.75 else ()
    production = InstancePlan(hosting, pings, events)
    first = -chance.randint(30, 1400)
    paid = SubscriptionPlan(first, is_air_gapped=is_air_gapped)
    if chance.random() < 0.75 or is_silent:
        return CustomerPlan((production,), (paid,))
    staging = InstancePlan(hosting, pings, subscription=1, is_staging=True)
    return CustomerPlan((production, staging), (paid, SubscriptionPlan(first + 20)))
