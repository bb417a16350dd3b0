/*
description: |
  One row per contact in Salesforce, a person at an account, that was not deleted, erased or merged (key: contact_id).

  The one place where deleted contacts are left out.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [contact_id]
columns:
  contact_id: {type: STRING, class: pseudonymous, description: "Salesforce id of the contact."}
  account_id: {type: STRING, description: "Account where the person works: `crm.account`; null where none is known."}
  first_name: {type: STRING, class: personal, description: "First name."}
  last_name: {type: STRING, class: personal, description: "Last name."}
  email: {type: STRING, class: personal, description: "E-mail address, in lower case."}
  job_title: {type: STRING, class: personal, description: "Job title."}
  lead_source: {type: STRING, description: "Where the contact came from: Inbound, Event, …"}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owns the contact: `crm.user`."}
  created_at: {type: TIMESTAMP, description: "When the contact was created."}
*/
select
    contact.id as contact_id,
    contact.account_id,
    contact.first_name,
    contact.last_name,
    lower(nullif(trim(contact.email), '')) as email,
    contact.title as job_title,
    contact.lead_source,
    contact.owner_id,
    contact.created_at
from raw_salesforce.contact
left join raw_salesforce.deleted_record
    on
        deleted_record.object_name = 'Contact'
        and contact.id = deleted_record.id
        and contact.system_modstamp <= deleted_record.deleted_at  -- else it was restored since
where not coalesce(contact.is_deleted, false) and deleted_record.id is null
