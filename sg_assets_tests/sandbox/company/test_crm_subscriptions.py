from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_every_subscription_that_a_licence_names_is_there_with_its_account(company: Company) -> None:
    found = Crm(CrmChanges(company)).at(ANCHOR)["Product_Subscription__c"]
    named = {
        licence.salesforce_subscription_id: one
        for one in company.customers
        if one.plan.is_in_salesforce
        for subscription in company.subscriptions[one.position]
        for licence in subscription.licenses_at(ANCHOR)
        if licence.salesforce_subscription_id
    }
    assert set(found) == set(named)
    assert len(found) > 10
    assert all(found[str(id_)]["Account__c"] == one.account_id for id_, one in named.items())


def test_it_says_what_its_newest_licence_says(company: Company) -> None:
    due = company.case("renewal due")
    subscription = company.subscriptions[due.position][0]
    crm = Crm(CrmChanges(company))
    for at in (ANCHOR, ANCHOR + 4 * DAY):
        newest = subscription.licenses_at(at)[-1]
        row = crm.at(at)["Product_Subscription__c"][str(newest.salesforce_subscription_id)]
        assert (row["Seats__c"], row["End_Date__c"]) == (newest.user_count, newest.expires_at.date())
        assert row["Opportunity__c"] == newest.salesforce_opportunity_id
