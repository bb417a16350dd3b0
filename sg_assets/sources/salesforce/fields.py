"""The columns of Salesforce's objects, each beside the API field that it is read from.

Nothing is guessed from `describe`, so that a field lost to permissions is an error and not a silent NULL.
"""

from __future__ import annotations

from sg_assets.columns import Classification, Column

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS

ID = {"Id": Column("id", "STRING", "Salesforce id, 18 characters.")}
OWNER = {"OwnerId": Column("owner_id", "STRING", "User who owns the record.")}
STAMPS = {
    "CreatedDate": Column("created_at", "TIMESTAMP", "When the record was created."),
    "LastModifiedDate": Column("last_modified_at", "TIMESTAMP", "When a person last changed the record."),
    "SystemModstamp": Column("system_modstamp", "TIMESTAMP", "When a person or an automation last changed the record."),
}
DELETED = {"IsDeleted": Column("is_deleted", "BOOL", "Whether it is in the recycle bin, or was merged into another.")}
MERGED = DELETED | {"MasterRecordId": Column("master_record_id", "STRING", "Record that it was merged into.")}

ACCOUNT = {
    **ID,
    "Name": Column("name", "STRING", "Name of the company."),
    "Unique_Account_ID__c": Column("unique_account_id", "STRING", "Its own number: the end of its username."),
    "Type": Column("type", "STRING", "Customer, Prospect, …"),
    "Industry": Column("industry", "STRING", "Industry of the company."),
    **OWNER,
    "ParentId": Column("parent_id", "STRING", "Parent account."),
    "BillingCountry": Column("billing_country", "STRING", "Country of the billing address."),
    "Website": Column("website", "STRING", "Website of the company."),
    "NumberOfEmployees": Column("number_of_employees", "INT64", "Employees of the company."),
    "Active_Contract_Period_End__c": Column(
        "active_contract_period_end_on", "DATE", "Last day of the contract that runs now; null without one."
    ),
    "ARR__c": Column("arr_usd", "NUMERIC", "Annual recurring revenue, in US dollars."),
    **STAMPS,
    **MERGED,
}
OPPORTUNITY = {
    **ID,
    "AccountId": Column("account_id", "STRING", "Account that it is with."),
    "Name": Column("name", "STRING", "Name of the opportunity."),
    "StageName": Column("stage_name", "STRING", "Stage, by name."),
    "Stage_Number__c": Column("stage_number", "INT64", "Stage, by number; qualified from 2 on."),
    "Amount": Column("amount_usd", "NUMERIC", "Amount, in US dollars."),
    "Probability": Column("probability_percent", "NUMERIC", "Chance that it is won, in percent: 0 to 100."),
    "CloseDate": Column("close_on", "DATE", "Day on which it closed, or is expected to."),
    "IsClosed": Column("is_closed", "BOOL", "Whether it was won or lost."),
    "IsWon": Column("is_won", "BOOL", "Whether it was won."),
    "Type": Column("type", "STRING", "New business, renewal, expansion, …"),
    "LeadSource": Column("lead_source", "STRING", "Where it came from."),
    **OWNER,
    **STAMPS,
    **DELETED,
}
CONTACT = {
    **ID,
    "AccountId": Column("account_id", "STRING", "Account where the person works."),
    "FirstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "LastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "LeadSource": Column("lead_source", "STRING", "Where the contact came from."),
    **OWNER,
    **STAMPS,
    **MERGED,
}
USER = {
    **ID,
    "Username": Column("username", "STRING", "Name to sign in with.", PERSONAL),
    "Name": Column("name", "STRING", "Full name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "IsActive": Column("is_active", "BOOL", "Whether the user can sign in; users are never deleted."),
    **STAMPS,
}
LEAD = {
    **ID,
    "FirstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "LastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "Email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "Company": Column("company", "STRING", "Company, as the person wrote it."),
    "Title": Column("title", "STRING", "Job title.", PERSONAL),
    "Status": Column("status", "STRING", "New, Working, Nurture, Converted, …"),
    "LeadSource": Column("lead_source", "STRING", "Where the lead came from."),
    **OWNER,
    "IsConverted": Column("is_converted", "BOOL", "Whether it became a contact."),
    "ConvertedDate": Column("converted_on", "DATE", "Day on which it became a contact."),
    "ConvertedAccountId": Column("converted_account_id", "STRING", "Account that it became part of."),
    "ConvertedContactId": Column("converted_contact_id", "STRING", "Contact that it became."),
    "ConvertedOpportunityId": Column("converted_opportunity_id", "STRING", "Opportunity that it became, if any."),
    "MQL_Date__c": Column("mql_on", "DATE", "Day on which marketing qualified it."),
    **STAMPS,
    **MERGED,
}

PRODUCT_SUBSCRIPTION = {
    **ID,
    "Name": Column("name", "STRING", "Its number, made by Salesforce."),
    "Account__c": Column("account_id", "STRING", "Account that it was sold to."),
    "Opportunity__c": Column("opportunity_id", "STRING", "Opportunity in which it was sold, or last renewed."),
    "Start_Date__c": Column("start_on", "DATE", "First day of the term that was sold last."),
    "End_Date__c": Column("end_on", "DATE", "Last day of that term."),
    "Seats__c": Column("seats", "INT64", "Seats that were sold."),
    **OWNER,
    **STAMPS,
    **DELETED,
}
OPPORTUNITY_HISTORY = {
    **ID,
    "OpportunityId": Column("opportunity_id", "STRING", "Opportunity whose stage, amount or closing day was told."),
    "StageName": Column("stage_name", "STRING", "Stage from then on, by name."),
    "Amount": Column("amount_usd", "NUMERIC", "Amount from then on, in US dollars."),
    "CloseDate": Column("close_on", "DATE", "Day on which it closed, or was then expected to."),
    "Probability": Column("probability_percent", "NUMERIC", "Chance that it is won, in percent: 0 to 100."),
    "CreatedById": Column("created_by_id", "STRING", "User who made the change.", PSEUDONYMOUS),
    "CreatedDate": STAMPS["CreatedDate"],
    "SystemModstamp": STAMPS["SystemModstamp"],
    **DELETED,
}
CAMPAIGN = {
    **ID,
    "Name": Column("name", "STRING", "Name of the campaign."),
    "ParentId": Column("parent_id", "STRING", "Campaign that it is a part of."),
    "Type": Column("type", "STRING", "Email, Webinar, Conference, Advertisement, …"),
    "Status": Column("status", "STRING", "Planned, In Progress, Completed or Aborted."),
    "IsActive": Column("is_active", "BOOL", "Whether it runs."),
    "StartDate": Column("start_on", "DATE", "First day."),
    "EndDate": Column("end_on", "DATE", "Last day."),
    "BudgetedCost": Column("budget_usd", "NUMERIC", "What it was to cost, in US dollars."),
    "ActualCost": Column("cost_usd", "NUMERIC", "What it has cost, in US dollars; null until that is known."),
    "UTM_Source__c": Column("utm_source", "STRING", "The utm_source of links that lead to it; null without links."),
    "UTM_Medium__c": Column("utm_medium", "STRING", "Their utm_medium."),
    "UTM_Campaign__c": Column("utm_campaign", "STRING", "Their utm_campaign."),
    **OWNER,
    **STAMPS,
    **DELETED,
}
CAMPAIGN_MEMBER = {
    **ID,
    "CampaignId": Column("campaign_id", "STRING", "Campaign."),
    "LeadId": Column("lead_id", "STRING", "Lead who is in it; null for a contact.", PSEUDONYMOUS),
    "ContactId": Column("contact_id", "STRING", "Contact who is in it; null for a lead.", PSEUDONYMOUS),
    "Status": Column("status", "STRING", "Sent, Responded, Attended, …"),
    "HasResponded": Column("has_responded", "BOOL", "Whether that status counts as an answer."),
    "FirstRespondedDate": Column("first_responded_on", "DATE", "Day of the first answer; null without one."),
    **STAMPS,
    **DELETED,
}

OBJECTS = {
    "Account": ACCOUNT,
    "Opportunity": OPPORTUNITY,
    "Contact": CONTACT,
    "User": USER,
    "Lead": LEAD,
    "Product_Subscription__c": PRODUCT_SUBSCRIPTION,
    "OpportunityHistory": OPPORTUNITY_HISTORY,
    "Campaign": CAMPAIGN,
    "CampaignMember": CAMPAIGN_MEMBER,
}
"""What is read of each object, by its API name."""
