from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import accounts, opportunities


def test_the_people_of_a_customer_are_its_contacts(company: Company) -> None:
    contacts = {change.id: change.fields for change in crm_people.contacts(company)}
    for one in company.customers:
        for person in one.people:
            id_ = crm_people.contact_id(company, person)
            assert (id_ in contacts) == one.plan.is_in_salesforce
            if id_ in contacts:
                assert (contacts[id_]["Email"], contacts[id_]["AccountId"]) == (person.email, one.account_id)


def test_merged_and_deleted_people_occur(company: Company) -> None:
    for changes in (crm_people.contacts(company), crm_people.leads(company)):
        fields = [change.fields for change in changes]
        assert {one["MasterRecordId"] is None for one in fields if one["IsDeleted"]} == {True, False}


def test_a_converted_lead_names_what_it_became(company: Company) -> None:
    contacts = {change.id for change in crm_people.contacts(company)}
    known_accounts = {change.id for change in accounts(company)}
    sold = {change.id for change in opportunities(company)}
    converted = [change.fields for change in crm_people.leads(company) if change.fields["IsConverted"]]
    assert len(converted) >= 10
    for lead in converted:
        assert lead["Status"] == "Converted"
        assert lead["ConvertedContactId"] in contacts
        assert lead["ConvertedAccountId"] in known_accounts
        assert lead["ConvertedOpportunityId"] in sold | {None}
        assert lead["MQL_Date__c"] <= lead["ConvertedDate"]  # pyrefly: ignore[unsupported-operation]


def test_nobody_is_a_lead_twice_and_users_are_never_deleted(company: Company) -> None:
    ids = [change.id for change in crm_people.leads(company)]
    assert len(set(ids)) == len(ids)
    users = [change.fields for change in crm_people.users(company)]
    assert all("IsDeleted" not in user for user in users)
    assert {user["IsActive"] for user in users} == {True, False}
