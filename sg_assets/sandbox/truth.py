"""What is true of the made-up company at an instant: for tests that compare our tables with it.

Nothing here looks at what the stand-ins serve; it comes from the plans by which everything was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from sg_assets.sandbox.company.activity import anonymous, registered
from sg_assets.sandbox.company.cases import Link, Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets.sandbox.company.subscriptions import Subscription
from sg_assets.sandbox.sandbox import Sandbox

WINDOW = timedelta(days=30)
"""How long an instance counts after its last ping, or its last event. No plan comes near it within five days."""


class Telemetry(IntEnum):
    """The four values of telemetry status, the least first."""

    NONE = 0
    CRITICAL = 1
    FULL = 2
    USER_LEVEL = 3

    @property
    def text(self) -> str:
        """The value as tables write it."""
        return ("no telemetry", "critical pings", "full pings", "full pings + user-level data")[self]


@dataclass(frozen=True, slots=True)
class InstanceLink:
    """To which account in Salesforce an instance belongs, None for nobody's, and the surest thing that says so."""

    account_id: str | None
    linked_by: str


def instance_telemetry(sandbox: Sandbox, at: datetime) -> Mapping[str, Telemetry]:
    """The telemetry of every instance that pinged within the window, by site id."""
    times = PingTimes(sandbox.company)
    found = {}
    for instance in sandbox.company.instances:
        last = times.last_before(instance, at, WINDOW)
        if last is not None:
            found[instance.site_id] = _telemetry(instance, last, at)
    return found


def telemetry_status(sandbox: Sandbox, at: datetime) -> Mapping[str, Telemetry]:
    """The telemetry of every company that is an account in Salesforce then, by account id: that of its best instance.

    Companies that only might buy, and have no instance, are left out.
    """
    instances, links = instance_telemetry(sandbox, at), instance_links(sandbox, at)
    found = {
        one.account_id: Telemetry.NONE
        for one in sandbox.company.customers
        if has_account(sandbox.company, one.position, at)
    }
    for site_id, telemetry in instances.items():
        account = links[site_id].account_id
        if account is not None:
            found[account] = max(found[account], telemetry)
    return found


def has_account(company: Company, position: int, at: datetime) -> bool:
    """Whether the customer at a position is in Salesforce then, not deleted."""
    plan = company.customers[position].plan
    return plan.is_in_salesforce and (plan.deleted is None or company.anchor + timedelta(days=plan.deleted) > at)


def instance_links(sandbox: Sandbox, at: datetime) -> Mapping[str, InstanceLink]:
    """Whose every instance is, by site id."""
    return {instance.site_id: _link(sandbox.company, instance, at) for instance in sandbox.company.instances}


def active_licenses(sandbox: Sandbox, at: datetime) -> Mapping[str, str | None]:
    """The active licence of every subscription that existed then, archived ones included, by the uuids of both."""
    found = {}
    for subscription in subscriptions(sandbox.company):
        if subscription.created_at <= at:
            license_ = subscription.active_license(at)
            found[subscription.uuid] = license_.uuid if license_ else None
    return found


def subscriptions(company: Company) -> list[Subscription]:
    """All subscriptions of everybody."""
    return [one for many in company.subscriptions.values() for one in many]


def license_keys(sandbox: Sandbox, site_id: str) -> frozenset[str]:
    """Every licence key that an instance may ever send."""
    instance = instance_of(sandbox, site_id)
    return frozenset(one.key for one in instance.subscription.licenses) if instance.subscription else frozenset()


def instance_of(sandbox: Sandbox, site_id: str) -> Instance:
    """The instance with a site id.

    Raises:
        KeyError: there is none.
    """
    for instance in sandbox.company.instances:
        if instance.site_id == site_id:
            return instance
    raise KeyError(site_id)


def active_people(sandbox: Sandbox, site_id: str, day: date) -> tuple[int, int]:
    """How many people with an account, and how many without, were active on an instance on a UTC day.

    On an instance whose clock is ahead, the events of the last minutes of a day bear the next day.
    """
    people = PingRows(sandbox.company).population(instance_of(sandbox, site_id)).hours(day)[-1]
    return registered(people), anonymous(people)


def _telemetry(instance: Instance, last: datetime, at: datetime) -> Telemetry:
    if instance.pings_at(last) is Pings.CRITICAL:
        return Telemetry.CRITICAL
    hours = int(WINDOW / timedelta(hours=1))
    exports = any(instance.exports_events(at - timedelta(hours=age)) for age in range(hours))
    return Telemetry.USER_LEVEL if exports else Telemetry.FULL


def _link(company: Company, instance: Instance, at: datetime) -> InstanceLink:
    nobody = InstanceLink(None, "none")
    if instance.customer is None or not has_account(company, instance.customer.position, at):
        return nobody
    account = instance.customer.account_id
    if instance.subscription is None:
        return InstanceLink(account, "installer_email_domain")
    match instance.subscription.plan.link:
        case Link.NONE:
            return nobody
        case Link.DELETED_USER:
            has_opportunity = instance.subscription.installed_license(at).salesforce_opportunity_id is not None
            return InstanceLink(account, "salesforce_opportunity" if has_opportunity else "salesforce_subscription")
        case _:
            return InstanceLink(account, "licence")
