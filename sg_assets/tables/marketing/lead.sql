/*
description: |
  One row per person whom marketing knows (key: hubspot_contact_id).

  A contact in HubSpot, with what ZoomInfo says of the person and the company, and whether marketing or the product
  qualified the person. The one place where contacts are left out that are archived, erased, or were merged into
  another, and the one place of the two rules:

  * MQL: 15 points of intent or more, from answers to campaigns.
  * PQL: grade A or B, the better one of the use of sourcegraph.com and of an instance of one's own.

  The official list is the sheet Lead analytics; `is_as_in_sheet` says whether it agrees. The days are those on
  which it first happened, and stay where points or grades fall later.
owner: team:marketing
promise: {cron: "0 16 * * *", timezone: America/Los_Angeles, warn: 30h, fail: 40h}
key: [hubspot_contact_id]
lookup: [crm.account, crm.account_domain]
optional: [raw_zoominfo.contact, raw_zoominfo.company, raw_google_sheets.lead_analytics]
columns:
  hubspot_contact_id: {type: STRING, class: pseudonymous, description: "HubSpot's id of the contact."}
  email: {type: STRING, class: personal, description: "E-mail address, in lower case."}
  email_domain: {type: STRING, description: "What follows the @ in it."}
  first_name: {type: STRING, class: personal, description: "First name."}
  last_name: {type: STRING, class: personal, description: "Last name."}
  job_title: {type: STRING, class: personal, description: "Job title; ZoomInfo's where HubSpot has none."}
  management_level: {type: STRING, description: "C-Level, VP, Director, Manager or Non-Manager, by ZoomInfo."}
  company_name: {type: STRING, description: "Company, as the person wrote it, else by ZoomInfo."}
  account_id: {type: STRING, description: "Salesforce account of the company; null where there is none."}
  account_name: {type: STRING, description: "Name of that account."}
  account_known_from:
    type: STRING
    description: "`contact` or `converted lead` in Salesforce, else `domain` of the e-mail address."
  industry: {type: STRING, description: "Main industry of the company, by ZoomInfo."}
  country: {type: STRING, description: "Country of its headquarters, by ZoomInfo."}
  employees: {type: INT64, description: "Employees of the company, by ZoomInfo."}
  company_revenue_usd: {type: NUMERIC, description: "Revenue of the company in a year, in US dollars, by ZoomInfo."}
  is_enriched: {type: BOOL, description: "Whether ZoomInfo knows the person or the company."}
  created_at: {type: TIMESTAMP, description: "When HubSpot first knew the person."}
  created_on: {type: DATE, description: "UTC day of that."}
  original_source: {type: STRING, description: "Where HubSpot first saw the person come from: ORGANIC_SEARCH, …"}
  lead_source: {type: STRING, description: "Where the person came from, in the words of sales: Inbound, Event, …"}
  first_touchpoint: {type: STRING, description: "What first brought the person to us."}
  first_touchpoint_on: {type: DATE, description: "Day of that."}
  first_utm_source: {type: STRING, description: "UTM source of the first touch, in lower case; null without one."}
  first_utm_medium: {type: STRING, description: "UTM medium of the first touch, in lower case."}
  first_utm_campaign: {type: STRING, description: "UTM campaign of the first touch, in lower case."}
  latest_touchpoint: {type: STRING, description: "What last brought the person to us."}
  latest_touchpoint_on: {type: DATE, description: "Day of that."}
  latest_utm_source: {type: STRING, description: "UTM source of the latest touch, in lower case; null without one."}
  latest_utm_medium: {type: STRING, description: "UTM medium of the latest touch, in lower case."}
  latest_utm_campaign: {type: STRING, description: "UTM campaign of the latest touch, in lower case."}
  lifecycle_stage: {type: STRING, description: "HubSpot's own word: subscriber, lead, opportunity, customer, …"}
  owner_name: {type: STRING, class: personal, description: "Colleague who looks after the person, by HubSpot."}
  owner_email: {type: STRING, class: personal, description: "E-mail address of that colleague, in lower case."}
  lead_status: {type: STRING, description: "How far sales is with the person: New, Working, Nurture, …"}
  intent_points: {type: INT64, description: "Points of intent; null for somebody who is no lead."}
  is_mql: {type: BOOL, description: "Whether the points suffice."}
  mql_on: {type: DATE, description: "Day on which marketing qualified the person; null when it never did."}
  cloud_grade: {type: STRING, description: "Use of sourcegraph.com: A, B, C or D; null without an account."}
  private_install_grade: {type: STRING, description: "Use of an own instance: A, B or C; null without one."}
  best_grade: {type: STRING, description: "The better of the two grades."}
  is_pql: {type: BOOL, description: "Whether that grade suffices."}
  pql_on: {type: DATE, description: "Day on which the product qualified the person; null when it never did."}
  qualification: {type: STRING, description: "`PQL`, else `MQL`, else `Lead`; who is both counts as PQL."}
  sheet_qualification: {type: STRING, description: "The same in the sheet Lead analytics; null for who is not in it."}
  is_as_in_sheet: {type: BOOL, description: "Whether the two agree; null for somebody who is not in the sheet."}
  became_opportunity_at: {type: TIMESTAMP, description: "When the person became part of an opportunity, by HubSpot."}
  became_customer_at: {type: TIMESTAMP, description: "When the person became a customer, by HubSpot."}
  is_server_admin: {type: BOOL, description: "Whether an instance was set up with the address."}
  latest_ping_on: {type: DATE, description: "UTC day of the latest ping of such an instance."}
  nps_score: {type: INT64, description: "Latest answer to the NPS survey, 0 to 10."}
  has_opted_out: {type: BOOL, description: "Whether the person wants no marketing e-mails."}
  dotcom_user_id: {type: INT64, class: pseudonymous, description: "Number of the person's account on sourcegraph.com."}
  anonymous_user_id: {type: STRING, class: pseudonymous, description: "Identifier of the person's browser."}
  salesforce_lead_id: {type: STRING, class: pseudonymous, description: "Lead in Salesforce that the person is, or was."}
  salesforce_contact_id: {type: STRING, class: pseudonymous, description: "Contact in Salesforce that the person is."}
*/
with
rule as (
    select
        15 as mql_points,
        'B' as lowest_pql_grade
),

merged as (
    select distinct merged_id
    from raw_hubspot.contact
    cross join unnest(contact.merged_contact_ids) as merged_id
    where contact._deleted_at is null
),

living as (
    select
        contact.*,
        lower(nullif(trim(contact.email), '')) as address,
        regexp_extract(lower(trim(contact.email)), r'@([^@]+)$') as email_domain,
        nullif(upper(trim(contact.cloud_engagement_grade)), 'N/A') as cloud_grade,
        nullif(upper(trim(contact.private_install_engagement_grade)), 'N/A') as private_install_grade
    from raw_hubspot.contact
    left join merged on contact.id = merged.merged_id
    where contact._deleted_at is null and not coalesce(contact.is_archived, false) and merged.merged_id is null
),

-- the accounts that may be a person's, the surest first
claim as (
    select
        id,
        salesforce_account_id as account_id,
        1 as surety,
        'contact' as known_from
    from living
    union all
    select
        living.id,
        lead.converted_account_id as account_id,
        2 as surety,
        'converted lead' as known_from
    from living
    inner join crm.lead on living.salesforce_lead_id = lead.lead_id
    union all
    select
        living.id,
        account_domain.account_id,
        3 as surety,
        'domain' as known_from
    from living
    inner join crm.account_domain on living.email_domain = account_domain.domain
),

employer as (
    select
        claim.id,
        claim.account_id,
        account.account_name,
        claim.known_from
    from claim
    inner join crm.account on claim.account_id = account.account_id
    qualify row_number() over (partition by claim.id order by claim.surety) = 1
),

graded as (
    select
        living.*,
        coalesce(
            least(living.cloud_grade, living.private_install_grade), living.cloud_grade, living.private_install_grade
        ) as best_grade,
        coalesce(living.mql_on, lead.mql_on) as qualified_by_marketing_on
    from living
    left join crm.lead on living.salesforce_lead_id = lead.lead_id
),

judged as (
    select
        graded.*,
        coalesce(graded.intent_points >= rule.mql_points, false) as has_points,
        coalesce(graded.best_grade <= rule.lowest_pql_grade, false) as has_grade
    from graded
    cross join rule
),

named as (
    select
        *,
        case when has_grade then 'PQL' when has_points then 'MQL' else 'Lead' end as qualification
    from judged
),

listed as (
    select
        lead_id,
        lifecycle_stage
    from raw_google_sheets.lead_analytics
    where _deleted_at is null
)

select
    named.id as hubspot_contact_id,
    named.address as email,
    named.email_domain,
    named.first_name,
    named.last_name,
    coalesce(nullif(trim(named.job_title), ''), person.title) as job_title,
    person.management_levels[safe_offset(0)] as management_level,
    coalesce(nullif(trim(named.company_name), ''), company.name, person.company_name) as company_name,
    employer.account_id,
    employer.account_name,
    employer.known_from as account_known_from,
    coalesce(company.primary_industries[safe_offset(0)], named.zoominfo_industry) as industry,
    company.country,
    coalesce(company.employee_count, named.zoominfo_employee_count) as employees,
    company.revenue_thousands_usd * 1000 as company_revenue_usd,
    person.id is not null or company.id is not null or named.zoominfo_updated_on is not null as is_enriched,
    named.created_at,
    date(named.created_at) as created_on,
    named.original_source,
    named.lead_source,
    named.first_touchpoint,
    named.first_touchpoint_on,
    lower(nullif(trim(named.first_marketing_source), '')) as first_utm_source,
    lower(nullif(trim(named.first_marketing_medium), '')) as first_utm_medium,
    lower(nullif(trim(named.first_marketing_campaign), '')) as first_utm_campaign,
    named.latest_touchpoint,
    named.latest_touchpoint_on,
    lower(nullif(trim(named.latest_marketing_source), '')) as latest_utm_source,
    lower(nullif(trim(named.latest_marketing_medium), '')) as latest_utm_medium,
    lower(nullif(trim(named.latest_marketing_campaign), '')) as latest_utm_campaign,
    named.lifecycle_stage,
    nullif(trim(concat(coalesce(owner.first_name, ''), ' ', coalesce(owner.last_name, ''))), '') as owner_name,
    lower(nullif(trim(owner.email), '')) as owner_email,
    named.lead_status,
    named.intent_points,
    named.has_points as is_mql,
    named.qualified_by_marketing_on as mql_on,
    named.cloud_grade,
    named.private_install_grade,
    named.best_grade,
    named.has_grade as is_pql,
    named.pql_on,
    named.qualification,
    listed.lifecycle_stage as sheet_qualification,
    named.qualification = listed.lifecycle_stage as is_as_in_sheet,
    named.became_opportunity_at,
    named.became_customer_at,
    coalesce(named.is_server_admin, false) as is_server_admin,
    named.latest_ping_on,
    named.nps_score,
    coalesce(named.has_opted_out, false) as has_opted_out,
    named.database_id as dotcom_user_id,
    named.anonymous_user_id,
    named.salesforce_lead_id,
    named.salesforce_contact_id
from named
left join employer on named.id = employer.id
left join raw_hubspot.owner on named.owner_id = owner.id
left join raw_zoominfo.contact as person on named.address = person.email and person.id is not null
left join raw_zoominfo.company as company on named.email_domain = company.domain and company.id is not null
left join listed on named.salesforce_lead_id = listed.lead_id
