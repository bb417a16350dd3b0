"""Salesforce: accounts, opportunities, contacts, users and leads, through the REST query API.

Every object is pulled the same way, by windows of `SystemModstamp`; an object's table differs only in its declared
columns, which name the API field that each is read from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sg_assets.columns import Classification, Column
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Page, Pull, Source, Variable

if TYPE_CHECKING:
    from sg_assets.http import Client

PERSONAL = Classification.PERSONAL


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in by client credentials, and anew when its session ends."""
    raise NotImplementedError


salesforce = Source(
    name="salesforce",
    description="The CRM: who the customers are, what was sold to them, and the people there.",
    owner="team:sales-ops",
    promise=Promise("0 */6 * * *", warn=8 * HOUR, fail=12 * HOUR),
    connect=connect,
    variables=(
        Variable("SG_SALESFORCE_CLIENT_ID", "Consumer key of the connected app."),
        Variable("SG_SALESFORCE_CLIENT_SECRET", "Consumer secret of the connected app.", is_secret=True),
    ),
    known_delay=timedelta(minutes=10),
)

ID = ("Id", Column("id", "STRING", "Salesforce id, 18 characters."))
OWNER_ID = ("OwnerId", Column("owner_id", "STRING", "User who owns the record."))
CREATED_AT = ("CreatedDate", Column("created_at", "TIMESTAMP", "When the record was created."))
LAST_MODIFIED_AT = ("LastModifiedDate", Column("last_modified_at", "TIMESTAMP", "When a person last changed the record."))
SYSTEM_MODSTAMP = (
    "SystemModstamp",
    Column("system_modstamp", "TIMESTAMP", "When a person or an automation last changed it; not moved by formula fields."),
)
IS_DELETED = ("IsDeleted", Column("is_deleted", "BOOL", "Whether it is in the recycle bin, or was merged into another."))
MASTER_RECORD_ID = ("MasterRecordId", Column("master_record_id", "STRING", "Record that it was merged into."))
STAMPS = (CREATED_AT, LAST_MODIFIED_AT, SYSTEM_MODSTAMP)
MERGEABLE = (*STAMPS, IS_DELETED, MASTER_RECORD_ID)

ACCOUNT = (
    ID,
    ("Name", Column("name", "STRING", "Name of the company.")),
    ("Unique_Account_ID__c", Column("unique_account_id", "STRING", "The company's own number, at the end of its username.")),
    ("Type", Column("type", "STRING", "Customer, Prospect, …")),
    ("Industry", Column("industry", "STRING", "Industry of the company.")),
    OWNER_ID,
    ("ParentId", Column("parent_id", "STRING", "Parent account.")),
    ("BillingCountry", Column("billing_country", "STRING", "Country of the billing address.")),
    ("Website", Column("website", "STRING", "Website of the company.")),
    ("NumberOfEmployees", Column("number_of_employees", "INT64", "Employees of the company.")),
    (
        "Active_Contract_Period_End__c",
        Column("active_contract_period_end_on", "DATE", "Last day of the contract that runs now; null without one."),
    ),
    ("ARR__c", Column("arr_usd", "NUMERIC", "Annual recurring revenue, in US dollars.")),
    *MERGEABLE,
)
OPPORTUNITY = (
    ID,
    ("AccountId", Column("account_id", "STRING", "Account that it is with.")),
    ("Name", Column("name", "STRING", "Name of the opportunity.")),
    ("StageName", Column("stage_name", "STRING", "Stage, by name.")),
    ("Stage_Number__c", Column("stage_number", "INT64", "Stage, by number; qualified from 2 on.")),
    ("Amount", Column("amount_usd", "NUMERIC", "Amount, in US dollars.")),
    ("CloseDate", Column("close_on", "DATE", "Day on which it closed, or is expected to.")),
    ("IsClosed", Column("is_closed", "BOOL", "Whether it was won or lost.")),
    ("IsWon", Column("is_won", "BOOL", "Whether it was won.")),
    ("Type", Column("type", "STRING", "New business, renewal, expansion, …")),
    ("LeadSource", Column("lead_source", "STRING", "Where it came from.")),
    OWNER_ID,
    *STAMPS,
    IS_DELETED,
)
CONTACT = (
    ID,
    ("AccountId", Column("account_id", "STRING", "Account where the person works.")),
    ("FirstName", Column("first_name", "STRING", "First name.", PERSONAL)),
    ("LastName", Column("last_name", "STRING", "Last name.", PERSONAL)),
    ("Email", Column("email", "STRING", "E-mail address.", PERSONAL)),
    ("Title", Column("title", "STRING", "Job title.", PERSONAL)),
    ("LeadSource", Column("lead_source", "STRING", "Where the contact came from.")),
    OWNER_ID,
    *MERGEABLE,
)
USER = (
    ID,
    ("Username", Column("username", "STRING", "Name to sign in with.", PERSONAL)),
    ("Name", Column("name", "STRING", "Full name.", PERSONAL)),
    ("Email", Column("email", "STRING", "E-mail address.", PERSONAL)),
    ("Title", Column("title", "STRING", "Job title.")),
    ("IsActive", Column("is_active", "BOOL", "Whether the user can sign in; users are never deleted.")),
    *STAMPS,
)
LEAD = (
    ID,
    ("FirstName", Column("first_name", "STRING", "First name.", PERSONAL)),
    ("LastName", Column("last_name", "STRING", "Last name.", PERSONAL)),
    ("Email", Column("email", "STRING", "E-mail address.", PERSONAL)),
    ("Company", Column("company", "STRING", "Company, as the person wrote it.")),
    ("Title", Column("title", "STRING", "Job title.", PERSONAL)),
    ("Status", Column("status", "STRING", "New, Working, Nurture, Converted, …")),
    ("LeadSource", Column("lead_source", "STRING", "Where the lead came from.")),
    OWNER_ID,
    ("IsConverted", Column("is_converted", "BOOL", "Whether it became a contact.")),
    ("ConvertedDate", Column("converted_on", "DATE", "Day on which it became a contact.")),
    ("ConvertedAccountId", Column("converted_account_id", "STRING", "Account that it became part of.")),
    ("ConvertedContactId", Column("converted_contact_id", "STRING", "Contact that it became.")),
    ("ConvertedOpportunityId", Column("converted_opportunity_id", "STRING", "Opportunity that it became, where one did.")),
    ("MQL_Date__c", Column("mql_on", "DATE", "Day on which marketing qualified it.")),
    *MERGEABLE,
)


@salesforce.pull(columns=tuple(column for _, column in ACCOUNT), key=("id",))
def account(pull: Pull) -> Iterator[Page]:
    """One row per account: a company, usually the ultimate parent. Deleted and merged ones stay and say so."""
    raise NotImplementedError


@salesforce.pull(columns=tuple(column for _, column in OPPORTUNITY), key=("id",))
def opportunity(pull: Pull) -> Iterator[Page]:
    """One row per opportunity: a sale that may come. Deleted ones stay and say so."""
    raise NotImplementedError


@salesforce.pull(columns=tuple(column for _, column in CONTACT), key=("id",))
def contact(pull: Pull) -> Iterator[Page]:
    """One row per contact: a person at an account. Deleted and merged ones stay and say so."""
    raise NotImplementedError


@salesforce.pull(columns=tuple(column for _, column in USER), key=("id",))
def user(pull: Pull) -> Iterator[Page]:
    """One row per user of Salesforce: the company's own people, who own the other records."""
    raise NotImplementedError


@salesforce.pull(columns=tuple(column for _, column in LEAD), key=("id",))
def lead(pull: Pull) -> Iterator[Page]:
    """One row per lead: a person not yet at an account; a converted one names what it became."""
    raise NotImplementedError
