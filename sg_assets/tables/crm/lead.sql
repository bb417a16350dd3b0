/*
description: |
  One row per lead in Salesforce that was neither deleted nor merged into another (key: lead_id).

  The one place where deleted leads are left out: those in the recycle bin, and those erased since, which only
  `raw_salesforce.deleted_record` knows; one that was restored after that is back. A lead is a person who is at no
  account yet; a converted one stays and names the contact, account and opportunity that it became.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [lead_id]
columns:
  lead_id: {type: STRING, class: pseudonymous, description: "Salesforce id of the lead."}
  email: {type: STRING, class: personal, description: "E-mail address, in lower case; null where none is known."}
  first_name: {type: STRING, class: personal, description: "First name."}
  last_name: {type: STRING, class: personal, description: "Last name."}
  job_title: {type: STRING, class: personal, description: "Job title."}
  company_name: {type: STRING, description: "Company, as the person wrote it."}
  lead_status: {type: STRING, description: "How far sales is with it: New, Working, Nurture, Converted, …"}
  lead_source: {type: STRING, description: "Where it came from: Inbound, Referral, SDR Created, Event, …"}
  owner_id: {type: STRING, class: pseudonymous, description: "User of Salesforce who owns it."}
  mql_on: {type: DATE, description: "Day on which marketing qualified it; null when it did not."}
  is_converted: {type: BOOL, description: "Whether it became a contact at an account."}
  converted_on: {type: DATE, description: "Day on which it did."}
  converted_account_id: {type: STRING, description: "Account that it became part of."}
  converted_contact_id: {type: STRING, class: pseudonymous, description: "Contact that it became."}
  converted_opportunity_id: {type: STRING, description: "Opportunity that it became; null where it became none."}
  created_at: {type: TIMESTAMP, description: "When it was created."}
*/
select
    lead.id as lead_id,
    lower(nullif(trim(lead.email), '')) as email,
    lead.first_name,
    lead.last_name,
    lead.title as job_title,
    lead.company as company_name,
    lead.status as lead_status,
    lead.lead_source,
    lead.owner_id,
    lead.mql_on,
    coalesce(lead.is_converted, false) as is_converted,
    lead.converted_on,
    lead.converted_account_id,
    lead.converted_contact_id,
    lead.converted_opportunity_id,
    lead.created_at
from raw_salesforce.lead
left join raw_salesforce.deleted_record
    on lead.id = deleted_record.id and deleted_record.object_name = 'Lead'
where
    not coalesce(lead.is_deleted, false)
    and coalesce(lead.system_modstamp > deleted_record.deleted_at, deleted_record.id is null)
