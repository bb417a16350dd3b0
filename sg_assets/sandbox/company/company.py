"""The whole company: its customers, their subscriptions and instances, and where to find each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sg_assets.sandbox.company.cases import CASES
from sg_assets.sandbox.company.customers import Customer, customer
from sg_assets.sandbox.company.instances import Instance, community_instance, instances_of
from sg_assets.sandbox.company.subscriptions import Subscription, subscriptions_of

CUSTOMERS = 150
COMMUNITY_INSTANCES = 12

Scale = float | Literal["full"]


@dataclass(frozen=True)
class Company:
    """The made-up company; two of the same seed, anchor and scale are equal, and a larger one begins as a smaller one.

    `scale` multiplies the customers, of whom there are never fewer than special cases; `full` has as many as 1.
    """

    seed: int
    anchor: datetime
    scale: Scale = 1.0
    customers: tuple[Customer, ...] = field(init=False, repr=False, compare=False)
    subscriptions: dict[int, tuple[Subscription, ...]] = field(init=False, repr=False, compare=False)
    instances: tuple[Instance, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make everybody up."""
        factor = 1.0 if self.scale == "full" else float(self.scale)
        customers = tuple(customer(self.seed, place) for place in range(max(len(CASES), round(CUSTOMERS * factor))))
        subscriptions = {one.position: subscriptions_of(self.seed, self.anchor, one) for one in customers}
        instances: list[Instance] = []
        for one in customers:
            # Two instances at most: positions are spaced so that they do not depend on the customers before.
            instances += instances_of(self.seed, self.anchor, one, subscriptions[one.position], 2 * one.position)
        for place in range(max(4, round(COMMUNITY_INSTANCES * factor))):
            instances.append(community_instance(self.seed, self.anchor, 1_000_000 + place, place))
        object.__setattr__(self, "customers", customers)
        object.__setattr__(self, "subscriptions", subscriptions)
        object.__setattr__(self, "instances", tuple(instances))

    @property
    def pings_at_real_cadence(self) -> bool:
        """Whether instances ping at the real cadence throughout, not only from the day before the anchor on."""
        return self.scale == "full"

    def case(self, name: str) -> Customer:
        """The customer who is a special case.

        Raises:
            KeyError: there is no such case.
        """
        if name not in CASES:
            msg = f"no special case {name!r}; there are: {', '.join(CASES)}"
            raise KeyError(msg)
        return self.customers[list(CASES).index(name)]

    def instances_of(self, one: Customer) -> tuple[Instance, ...]:
        """The instances of a customer."""
        return tuple(instance for instance in self.instances if instance.customer is one)

    def site_of(self, subscription: Subscription) -> str | None:
        """The first instance that runs with a subscription's licences."""
        found = (instance.site_id for instance in self.instances if instance.subscription is subscription)
        return next(found, None)
