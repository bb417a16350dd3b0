"""The columns of HubSpot's tables, each beside the property that it is read from. Nothing is asked or read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sg_assets.columns import Classification, Column

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS
NPS_FORM = "ee042306-491a-4b06-bd9c-1181774dfda0"
"""The form behind the NPS survey that the product shows."""
DAY = "A day without a zone."

Fields = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of CRM objects: `path` names it in addresses, `modified` is the property by which its changes are found.

    `fields` are its properties; `columns` all columns, those that HubSpot gives beside the properties among them.
    """

    path: str
    modified: str
    fields: Fields

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its table."""
        return (*BESIDE.values(), *self.fields.values())


BESIDE = {
    "id": Column("id", "STRING", "HubSpot's id of the record."),
    "createdAt": Column("created_at", "TIMESTAMP", "When the record was created."),
    "updatedAt": Column("modified_at", "TIMESTAMP", "When a person or HubSpot itself last changed the record."),
    "archived": Column("is_archived", "BOOL", "Whether it is in the recycle bin, where it stays for 90 days."),
    "archivedAt": Column("archived_at", "TIMESTAMP", "When it went there; null while it is not."),
}
OWNED = {"hubspot_owner_id": Column("owner_id", "STRING", "Owner of the record.")}


def merged(what: str) -> Fields:
    """The column with what was merged into a record; what was vanishes from every listing."""
    told = f"Ids of the {what} that were merged into this one, which took their place; null where none was."
    return {"hs_merged_object_ids": Column(f"merged_{what.replace(' ', '_')}_ids", "ARRAY<STRING>", told)}


_PERSON = {
    "email": Column("email", "STRING", "E-mail address, HubSpot's own key of a contact.", PERSONAL),
    "firstname": Column("first_name", "STRING", "First name.", PERSONAL),
    "lastname": Column("last_name", "STRING", "Last name.", PERSONAL),
    "jobtitle": Column("job_title", "STRING", "Job title.", PERSONAL),
    "company": Column("company_name", "STRING", "Company, as the person wrote it."),
    "hs_email_optout": Column("has_opted_out", "BOOL", "Whether the person wants no marketing e-mails."),
    **OWNED,
}
_ORIGIN = {
    "hs_analytics_source": Column("original_source", "STRING", "Where HubSpot first saw the person come from."),
    "hs_analytics_first_url": Column(
        "first_page_url", "STRING", "Page on which it first saw the person.", PSEUDONYMOUS
    ),
    "lead_source": Column("lead_source", "STRING", "Where the lead came from, in Salesforce's words."),
    "first_touchpoint": Column("first_touchpoint", "STRING", "What first brought the person to us."),
    "first_touchpoint_date": Column("first_touchpoint_on", "DATE", f"When that was. {DAY}"),
    "most_recent_touchpoint": Column("latest_touchpoint", "STRING", "What last brought the person to us."),
    "most_recent_touchpoint_date": Column("latest_touchpoint_on", "DATE", f"When that was. {DAY}"),
    "first_marketing_source": Column("first_marketing_source", "STRING", "UTM source of the first touch."),
    "first_marketing_medium": Column("first_marketing_medium", "STRING", "UTM medium of the first touch."),
    "first_marketing_campaign": Column("first_marketing_campaign", "STRING", "UTM campaign of the first touch."),
    "most_recent_marketing_source": Column("latest_marketing_source", "STRING", "UTM source of the latest touch."),
    "most_recent_marketing_medium": Column("latest_marketing_medium", "STRING", "UTM medium of the latest touch."),
    "most_recent_marketing_campaign": Column(
        "latest_marketing_campaign", "STRING", "UTM campaign of the latest touch."
    ),
}
_LIFECYCLE = {
    "lifecyclestage": Column(
        "lifecycle_stage", "STRING", "subscriber, lead, marketingqualifiedlead, opportunity, customer, …"
    ),
    "hs_lead_status": Column("lead_status", "STRING", "How far sales is with the lead."),
    "hs_lifecyclestage_lead_date": Column("became_lead_at", "TIMESTAMP", "When the person became a lead."),
    "hs_lifecyclestage_opportunity_date": Column(
        "became_opportunity_at", "TIMESTAMP", "When the person became part of an opportunity."
    ),
    "hs_lifecyclestage_customer_date": Column("became_customer_at", "TIMESTAMP", "When the person became a customer."),
    "intent_points": Column("intent_points", "INT64", "Points of intent, from responses to campaigns; 15 make an MQL."),
    "is_mql": Column("is_mql", "BOOL", "Whether marketing qualified the person."),
    "mql_date": Column("mql_on", "DATE", f"When it did. {DAY}"),
    "cloud_engagement_grade": Column(
        "cloud_engagement_grade", "STRING", "How engaged on sourcegraph.com, A to D or N/A; A and B make a PQL."
    ),
    "private_install_engagement_grade": Column(
        "private_install_engagement_grade",
        "STRING",
        "How engaged on an own instance, A to D or N/A; A and B make a PQL.",
    ),
    "pql_date": Column("pql_on", "DATE", f"When the product qualified the person. {DAY}"),
    "nps_score": Column("nps_score", "INT64", "Latest answer to the NPS survey, 0 to 10."),
}
_PRODUCT = {
    "user_id": Column("user_id", "STRING", "E-mail address of the person's account on sourcegraph.com.", PERSONAL),
    "database_id": Column("database_id", "INT64", "Number of that account in its database.", PSEUDONYMOUS),
    "anonymous_user_id": Column("anonymous_user_id", "STRING", "Identifier of the person's browser.", PSEUDONYMOUS),
    "first_source_url": Column("first_source_url", "STRING", "Page on which the person first came.", PSEUDONYMOUS),
    "last_source_url": Column("last_source_url", "STRING", "Page on which the person last came.", PSEUDONYMOUS),
    "is_server_admin": Column("is_server_admin", "BOOL", "Whether the address is that of an instance's administrator."),
    "latest_ping": Column("latest_ping_on", "DATE", "UTC day of the latest ping of an instance with this address."),
    "has_agreed_to_tos_and_pp": Column("has_agreed_to_terms", "BOOL", "Whether the person took the terms of service."),
    "vs_cody_installed_emails_enabled": Column(
        "has_cody_emails", "BOOL", "Whether the person gets e-mails about Cody in the editor."
    ),
}
_OTHERS = {
    "zoominfo_employee_count": Column("zoominfo_employee_count", "INT64", "Employees of the company, by ZoomInfo."),
    "zoominfo_industry": Column("zoominfo_industry", "STRING", "Industry of the company, by ZoomInfo."),
    "zoominfo_updated_date": Column("zoominfo_updated_on", "DATE", f"When the workflow last asked ZoomInfo. {DAY}"),
    "salesforceleadid": Column("salesforce_lead_id", "STRING", "Lead in Salesforce that the contact is, or was."),
    "salesforcecontactid": Column("salesforce_contact_id", "STRING", "Contact in Salesforce that the contact is."),
    "salesforceaccountid": Column("salesforce_account_id", "STRING", "Account in Salesforce of the contact."),
}
CONTACT = Kind(
    "contacts", "lastmodifieddate", {**_PERSON, **_ORIGIN, **_LIFECYCLE, **_PRODUCT, **_OTHERS, **merged("contact")}
)

COMPANY = Kind(
    "companies",
    "hs_lastmodifieddate",
    {
        "name": Column("name", "STRING", "Name of the company."),
        "domain": Column("domain", "STRING", "Domain of the company, HubSpot's own key of it."),
        "industry": Column("industry", "STRING", "Industry of the company."),
        "country": Column("country", "STRING", "Country of the company."),
        "numberofemployees": Column("employee_count", "INT64", "Employees of the company."),
        "lifecyclestage": _LIFECYCLE["lifecyclestage"],
        "hs_parent_company_id": Column("parent_company_id", "STRING", "Parent company."),
        "salesforceaccountid": Column("salesforce_account_id", "STRING", "Account in Salesforce that the company is."),
        **OWNED,
        **merged("company"),
    },
)

DEAL = Kind(
    "deals",
    "hs_lastmodifieddate",
    {
        "dealname": Column("name", "STRING", "Name of the deal."),
        "pipeline": Column("pipeline_id", "STRING", "Pipeline that it goes through."),
        "dealstage": Column("stage_id", "STRING", "Stage of that pipeline which it is at."),
        "dealtype": Column("type", "STRING", "newbusiness or existingbusiness."),
        "amount_in_home_currency": Column("amount_usd", "NUMERIC", "Amount, in US dollars whatever its currency."),
        "closedate": Column("close_at", "TIMESTAMP", "When it closed, or is expected to."),
        "hs_is_closed": Column("is_closed", "BOOL", "Whether it was won or lost."),
        "hs_is_closed_won": Column("is_won", "BOOL", "Whether it was won."),
        "hs_deal_stage_probability": Column("probability", "FLOAT64", "Probability that it is won, 0 to 1."),
        "deal_status": Column("status", "STRING", "Status, as sales keeps it by hand."),
        "number_of_engineers": Column("engineer_count", "INT64", "Engineers whom it is about."),
        "end_of_contract": Column("contract_end_on", "DATE", f"End of the contract. {DAY}"),
        "closed_lost_dropdown": Column("closed_lost_category", "STRING", "Why it was lost, from a list."),
        "closed_lost_reason": Column("closed_lost_reason", "STRING", "Why it was lost, in words.", PERSONAL),
        "salesforce_opportunity_id": Column("salesforce_opportunity_id", "STRING", "Opportunity in Salesforce."),
        **OWNED,
        **merged("deal"),
    },
)

OWNER = {
    "id": Column("id", "STRING", "Owner id, as records name it."),
    "email": Column("email", "STRING", "E-mail address.", PERSONAL),
    "firstName": Column("first_name", "STRING", "First name.", PERSONAL),
    "lastName": Column("last_name", "STRING", "Last name.", PERSONAL),
    "type": Column("type", "STRING", "PERSON or QUEUE."),
    "userId": Column("user_id", "INT64", "User of HubSpot; null for one who was deactivated.", PSEUDONYMOUS),
    "userIdIncludingInactive": Column("any_user_id", "INT64", "The same, deactivated or not.", PSEUDONYMOUS),
    "teams": Column("teams", "JSON", "Teams of the owner: id, name, whether it is the primary one."),
    "createdAt": BESIDE["createdAt"],
    "updatedAt": BESIDE["updatedAt"],
    "archived": Column("is_archived", "BOOL", "Whether the owner was deactivated."),
}

STAGE = (
    Column("pipeline_id", "STRING", "Id of the pipeline."),
    Column("pipeline_name", "STRING", "Name of the pipeline."),
    Column("pipeline_position", "INT64", "Place of the pipeline among the others, from 0."),
    Column("stage_id", "STRING", "Id of the stage, as deals name it."),
    Column("stage_name", "STRING", "Name of the stage."),
    Column("stage_position", "INT64", "Place of the stage within its pipeline, from 0."),
    Column("probability", "FLOAT64", "Probability that a deal at this stage is won, 0 to 1."),
    Column("is_closed", "BOOL", "Whether a deal at this stage is won or lost."),
    Column("created_at", "TIMESTAMP", "When the stage was made."),
    Column("modified_at", "TIMESTAMP", "When the stage was last changed."),
    Column("is_archived", "BOOL", "Whether the stage was archived."),
)

ASSOCIATION = (
    Column("from_object", "STRING", "company or deal."),
    Column("from_id", "STRING", "HubSpot's id of that record."),
    Column("to_object", "STRING", "contact or company."),
    Column("to_id", "STRING", "HubSpot's id of that record."),
    Column("category", "STRING", "HUBSPOT_DEFINED, USER_DEFINED or INTEGRATOR_DEFINED: whose type it is."),
    Column("type_id", "INT64", "Number of the type within its category: 2 is a company's contact whose first it is."),
    Column("label", "STRING", "Name of the type, such as Primary or Champion; null for being associated at all."),
)

SUBMITTED_AT = Column("submitted_at", "TIMESTAMP", "When it was submitted.")
ANSWERS = {
    "email": Column("email", "STRING", "E-mail address of who answered; null where nobody was signed in.", PERSONAL),
    "nps_score": Column("nps_score", "INT64", "How likely the person recommends us, 0 to 10."),
    "nps_reason": Column("nps_reason", "STRING", "Why, in the person's words.", PERSONAL),
    "nps_improvement": Column("nps_improvement", "STRING", "What should be better, in the person's words.", PERSONAL),
    "user_is_authenticated": Column("user_is_authenticated", "BOOL", "Whether somebody was signed in."),
    "site_id": Column("site_id", "STRING", "Instance on which it was answered."),
}
SUBMISSION = (
    Column("id", "STRING", "Hash of form, time and answers; HubSpot gives no id to all of them.", PSEUDONYMOUS),
    Column("form_id", "STRING", "Form that was filled in."),
    SUBMITTED_AT,
    Column("page_url", "STRING", "Page on which it was.", PSEUDONYMOUS),
    *ANSWERS.values(),
)
