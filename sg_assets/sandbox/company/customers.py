"""Customers: a company that has bought, or tries, the product, with its people and its numbers in Salesforce."""

from __future__ import annotations

from dataclasses import dataclass

from sg_assets.sandbox.company import names
from sg_assets.sandbox.company.cases import CASES, CustomerPlan, Hosting
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.ordinary import ordinary_plan
from sg_assets.sandbox.company.people import Person, people_of
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

_CASE_NAMES = tuple(CASES)


@dataclass(frozen=True, slots=True)
class Customer:
    """One company. `position` is its place in the cast; `unique_id` is Salesforce's Unique Account ID.

    `loser_account_id` and `loser_unique_id` are those of an account that was merged into its own, where there was one.
    """

    position: int
    case: str
    plan: CustomerPlan
    name: str
    domain: str
    account_id: str
    unique_id: str
    loser_account_id: str
    loser_unique_id: str
    seats: int
    people: tuple[Person, ...]

    @property
    def username_stem(self) -> str:
        """The company's name as it stands in usernames: no blanks, dashes kept."""
        return self.name.replace(" ", "")


def customer(seed: int, position: int) -> Customer:
    """The customer at a position: a special case for the first positions, an ordinary one after them."""
    case = _CASE_NAMES[position] if position < len(_CASE_NAMES) else "ordinary"
    plan = CASES[case] if position < len(_CASE_NAMES) else ordinary_plan(seed, position)
    chance = dice(seed, "customer", position)
    name = plan.name or names.company_name(seed, position)
    is_hosted_by_us = any(instance.hosting is not Hosting.SELF_HOSTED for instance in plan.instances)
    # Events of hosted instances are generated one by one, so that those stay small; the others only count their users.
    seats = chance.choice((20, 25, 30, 40, 50, 60)) if is_hosted_by_us else int(25 * 2 ** (chance.random() * 6.5))
    domain = names.domain_of(name)
    return Customer(
        position=position,
        case=case,
        plan=plan,
        name=name,
        domain=domain,
        account_id=salesforce_id("001", seed, "account", position),
        unique_id=unique_id(seed, position),
        loser_account_id=salesforce_id("001", seed, "loser", position),
        loser_unique_id=unique_id(seed, position + 500_000),
        seats=seats,
        people=people_of(seed, f"customer {position}", domain, 3 + chance.randrange(6)),
    )


def unique_id(seed: int, position: int) -> str:
    """Salesforce's Unique Account ID of the account at a position: digits, a different one for every position."""
    return str(1_000_000 + (number(seed, "unique ids") + position * 7_919) % 9_000_000)
