from sg_assets.sandbox.company import crm_accounts
from sg_assets.sandbox.company.company import Company
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_every_customer_in_salesforce_is_an_account_with_its_number(company: Company) -> None:
    accounts = {change.id: change.fields for change in crm_accounts.accounts(company)}
    for one in company.customers:
        assert (one.account_id in accounts) == one.plan.is_in_salesforce
        if one.plan.is_in_salesforce:
            fields = accounts[one.account_id]
            assert (fields["Name"], fields["Unique_Account_ID__c"], fields["Type"]) == (
                one.name,
                one.unique_id,
                one.plan.type,
            )
            assert fields["Website"] == f"https://www.{one.domain}"
    numbers = [fields["Unique_Account_ID__c"] for fields in accounts.values()]
    assert len(set(numbers)) == len(numbers)


def test_deleted_merged_and_subsidiary_accounts_occur(company: Company) -> None:
    accounts = {change.id: change.fields for change in crm_accounts.accounts(company)}
    merged = company.case("merged account")
    loser = accounts[merged.loser_account_id]
    assert (loser["IsDeleted"], loser["MasterRecordId"]) == (True, merged.account_id)
    assert loser["Unique_Account_ID__c"] == merged.loser_unique_id
    deleted = accounts[company.case("deleted account").account_id]
    assert (deleted["IsDeleted"], deleted["MasterRecordId"]) == (True, None)
    assert accounts[company.case("subsidiary").account_id]["ParentId"] == company.case("full").account_id


def test_the_contract_is_that_of_the_newest_running_licence(company: Company) -> None:
    accounts = {change.id: change.fields for change in crm_accounts.accounts(company)}
    renewed = company.case("renewed")
    active = company.subscriptions[renewed.position][0].active_license(ANCHOR)
    assert active is not None
    assert accounts[renewed.account_id]["Active_Contract_Period_End__c"] == active.expires_at.date()
    assert accounts[renewed.account_id]["ARR__c"] == active.user_count * crm_accounts.USD_PER_SEAT
    assert accounts[company.case("expired").account_id]["Active_Contract_Period_End__c"] is None
    assert accounts[company.case("trial").account_id]["ARR__c"] is None


def test_the_opportunity_that_a_licence_names_was_won_with_its_customer(company: Company) -> None:
    opportunities = {change.id: change.fields for change in crm_accounts.opportunities(company)}
    for one in company.customers:
        for subscription in company.subscriptions[one.position]:
            for license_ in subscription.licenses_at(ANCHOR):
                if license_.salesforce_opportunity_id is not None:
                    sold = opportunities[license_.salesforce_opportunity_id]
                    assert (sold["AccountId"], sold["IsWon"]) == (one.account_id, True)
                    assert sold["CloseDate"] == license_.created_at.date()


def test_a_renewal_that_is_near_has_an_open_opportunity(company: Company) -> None:
    opportunities = {change.id: change.fields for change in crm_accounts.opportunities(company)}
    due = company.subscriptions[company.case("renewal due").position][0].active_license(ANCHOR + 5 * DAY)
    assert due is not None
    assert due.salesforce_opportunity_id is not None
    assert opportunities[due.salesforce_opportunity_id]["StageName"] == "Negotiation"


def test_stages_say_whether_it_is_closed_and_won() -> None:
    found = {stage: crm_accounts.stage_fields(stage) for stage in crm_accounts.STAGES}
    assert [stage for stage, fields in found.items() if fields["IsClosed"]] == ["Closed Won", "Closed Lost"]
    assert [stage for stage, fields in found.items() if fields["IsWon"]] == ["Closed Won"]


def test_prospects_have_accounts_of_their_own(company: Company) -> None:
    accounts = {change.id: change.fields for change in crm_accounts.accounts(company)}
    for place in range(crm_accounts.prospects(company)):
        fields = accounts[crm_accounts.prospect_id(company, place)]
        assert (fields["Name"], fields["Type"]) == (crm_accounts.prospect_name(company, place), "Prospect")
