"""Subscriptions and licences of a customer: from the first, years before the anchor, to renewals years after it.

What existed at an instant is a matter of comparing times; nothing here depends on a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sg_assets.license_key import encode_license_key
from sg_assets.sandbox.company.cases import Link, SubscriptionPlan
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice, nonce, number, uuid
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

DAY = timedelta(days=1)
RENEWED_EVERY, TERM, TRIAL_TERM = 355, 365 * DAY, 30 * DAY
LAST_RENEWAL = 1000
"""Renewals are known up to this day after the anchor."""


@dataclass(frozen=True, slots=True)
class License:
    """One licence; `user_count` seats until `expires_at`, unless it was revoked."""

    uuid: str
    key: str = field(repr=False)
    version: int
    tags: tuple[str, ...]
    user_count: int
    created_at: datetime
    expires_at: datetime
    salesforce_subscription_id: str | None
    salesforce_opportunity_id: str | None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None


@dataclass(frozen=True, slots=True)
class AccountUser:
    """The sourcegraph.com user that owns a subscription; `number` is its id in the database."""

    number: int
    username: str
    display_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One product subscription; `user` is None where the account was deleted. Licences come oldest first."""

    uuid: str
    plan: SubscriptionPlan
    user: AccountUser | None
    created_at: datetime
    archived_at: datetime | None
    licenses: tuple[License, ...]

    @property
    def name(self) -> str:
        """The name that the server gives it."""
        return f"L-{self.uuid[:10].upper()}"

    def is_archived(self, at: datetime) -> bool:
        """Whether it was archived by then."""
        return self.archived_at is not None and self.archived_at <= at

    def licenses_at(self, at: datetime) -> tuple[License, ...]:
        """The licences that existed then, oldest first."""
        return tuple(license_ for license_ in self.licenses if license_.created_at <= at)

    def active_license(self, at: datetime) -> License | None:
        """The newest licence that existed then, which counts as the active one even when expired or revoked."""
        existing = self.licenses_at(at)
        return existing[-1] if existing else None

    def installed_license(self, at: datetime) -> License:
        """The licence that an instance then runs with: a new one is installed a day after it was made."""
        installed = self.licenses_at(at - DAY)
        return installed[-1] if installed else self.licenses[0]


def subscriptions_of(seed: int, anchor: datetime, customer: Customer) -> tuple[Subscription, ...]:
    """The subscriptions of a customer, in the order of its plan."""
    return tuple(
        _subscription(seed, anchor, customer, place, plan) for place, plan in enumerate(customer.plan.subscriptions)
    )


def _subscription(seed: int, anchor: datetime, customer: Customer, place: int, plan: SubscriptionPlan) -> Subscription:
    chance = dice(seed, "subscription", customer.position, place)
    first = -chance.randint(400, 1300) if plan.first is None else plan.first
    starts = anchor + first * DAY + timedelta(seconds=chance.randrange(8 * 3600, 18 * 3600))
    days = range(0, LAST_RENEWAL - int(first), RENEWED_EVERY) if plan.is_renewed and not plan.is_trial else range(1)
    licenses = tuple(
        _license(seed, anchor, customer, plan, (place, term), starts + day * DAY) for term, day in enumerate(days)
    )
    return Subscription(
        uuid=uuid(seed, "subscription", customer.position, place),
        plan=plan,
        user=_user(seed, customer, plan, place),
        created_at=starts - timedelta(minutes=chance.randint(2, 90)),
        archived_at=None if plan.archived is None else anchor + plan.archived * DAY + timedelta(hours=15),
        licenses=_revoked(licenses, anchor, plan) if plan.revoked is not None else licenses,
    )


def _license(  # noqa: PLR0913, PLR0917 (what a licence is made from)
    seed: int,
    anchor: datetime,
    customer: Customer,
    plan: SubscriptionPlan,
    place: tuple[int, int],
    created_at: datetime,
) -> License:
    names = (seed, "license", customer.position, *place)
    age = (anchor - created_at) / DAY
    version = 1 if age > 1000 else 2 if age > 450 else 3
    tags = _tags(customer, plan, place[1])
    is_sold = version >= 2 and plan.link is not Link.NONE and not plan.is_trial
    sold_as = place[0] if plan.salesforce_subscription is None else plan.salesforce_subscription
    subscription_id = salesforce_id("a1x", seed, "subscription", customer.position, sold_as) if is_sold else None
    opportunity_id = opportunity_of(seed, customer, place) if is_sold and plan.names_opportunity else None
    user_count = 10 if plan.is_trial else customer.seats + 5 * place[1] * (customer.seats // 20)
    expires_at = created_at + (TRIAL_TERM if plan.is_trial else TERM)
    key = encode_license_key(
        version=version,
        tags=tags,
        user_count=user_count,
        created_at=created_at,
        expires_at=expires_at,
        salesforce_subscription_id=subscription_id,
        salesforce_opportunity_id=opportunity_id,
        nonce=nonce(*names),
    )
    return License(
        uuid=uuid(*names),
        key=key,
        version=version,
        tags=tags,
        user_count=user_count,
        created_at=created_at,
        expires_at=expires_at,
        salesforce_subscription_id=subscription_id,
        salesforce_opportunity_id=opportunity_id,
    )


def opportunity_of(seed: int, customer: Customer, place: tuple[int, int]) -> str:
    """The Salesforce id of the opportunity in which the licence at (subscription, term) was sold."""
    return salesforce_id("006", seed, "sold", customer.position, *place)


def _tags(customer: Customer, plan: SubscriptionPlan, term: int) -> tuple[str, ...]:
    tags = ["plan:enterprise-1" if term or customer.position % 5 else "plan:enterprise-0"]
    if plan.is_trial:
        tags.append("trial")
    elif customer.position % 4 == 0:
        tags.append("true-up")
    if customer.position % 9 == 0:
        tags.append("batch-changes")
    if plan.is_air_gapped:
        tags.append("allow-air-gapped")
    return (*tags, "acls", "monitoring", customer.name.lower().replace(" ", "-"))


def _user(seed: int, customer: Customer, plan: SubscriptionPlan, place: int) -> AccountUser | None:
    if plan.link is Link.DELETED_USER:
        return None
    person = customer.people[0]
    database_id = 1000 + number(seed, "users", customer.position) % 8_000_000
    if plan.link is Link.NONE:
        return AccountUser(
            database_id + place, f"{person.first_name}-{person.last_name}".lower(), person.name, person.email
        )
    unique_id = customer.loser_unique_id if plan.link is Link.LOSER else customer.unique_id
    return AccountUser(database_id, f"{customer.username_stem}-{unique_id}", customer.name, person.email)


def _revoked(licenses: tuple[License, ...], anchor: datetime, plan: SubscriptionPlan) -> tuple[License, ...]:
    """The same licences, that which was the newest on the day of the plan revoked then."""
    at = anchor + (plan.revoked or 0) * DAY + timedelta(hours=11)
    newest = [license_ for license_ in licenses if license_.created_at <= at][-1]
    marked = replace(newest, revoked_at=at, revoke_reason="Key was found in a public repository")
    return tuple(marked if license_ is newest else license_ for license_ in licenses)
