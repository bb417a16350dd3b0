"""Product subscriptions in Salesforce: the custom object that a licence key names, one for what was sold together."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import Sale, sales
from sg_assets.sandbox.company.crm_record import Change, representative, stamps
from sg_assets.sandbox.company.dice import number

PRODUCT_SUBSCRIPTION = "Product_Subscription__c"


def product_subscriptions(company: Company) -> Iterator[Change]:
    """The subscriptions as they are at the anchor."""
    for sold in _sold(company).values():
        if past := [sale for sale in sold if sale.license.created_at <= company.anchor]:
            first, newest = past[0].license.created_at, past[-1].license.created_at
            yield _change(company, past[-1], stamps(first, newest))


def renewals(company: Company) -> Iterator[Change]:
    """What becomes of them after the anchor: one that is renewed says so, and new ones are made."""
    for sold in _sold(company).values():
        for sale in sold:
            if sale.license.created_at > company.anchor:
                yield _change(company, sale, stamps(sold[0].license.created_at, sale.license.created_at))


def _sold(company: Company) -> dict[str, list[Sale]]:
    """The sales of each subscription that a licence key names, the oldest first."""
    found: dict[str, list[Sale]] = {}
    for sale in sorted(sales(company), key=lambda sale: sale.license.created_at):
        if sale.license.salesforce_subscription_id:
            found.setdefault(sale.license.salesforce_subscription_id, []).append(sale)
    return found


def _change(company: Company, sale: Sale, times: dict[str, object]) -> Change:
    """A subscription as its newest licence has it."""
    one, id_ = sale.license, str(sale.license.salesforce_subscription_id)
    fields = {
        "Id": id_,
        "Name": f"PS-{number('name', id_) % 1_000_000:06}",
        "Account__c": sale.customer.account_id,
        "Opportunity__c": sale.opportunity_id,
        "Start_Date__c": one.created_at.date(),
        "End_Date__c": one.expires_at.date(),
        "Seats__c": one.user_count,
        "OwnerId": representative(company, sale.customer.position),
        "IsDeleted": False,
    }
    return Change(one.created_at, one.created_at, PRODUCT_SUBSCRIPTION, id_, fields | times)
