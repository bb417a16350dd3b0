/*
description: |
  One row per user of Salesforce, a colleague who may own accounts and opportunities (key: user_id).

  Salesforce never deletes a user: those who left are here too, and not active.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [user_id]
columns:
  user_id: {type: STRING, class: pseudonymous, description: "Salesforce id of the user, as in `owner_id` elsewhere."}
  full_name: {type: STRING, class: personal, description: "First and last name."}
  email: {type: STRING, class: personal, description: "E-mail address, in lower case."}
  job_title: {type: STRING, class: personal, description: "Job title, such as Account Executive."}
  is_active: {type: BOOL, description: "Whether the user can sign in; false for who left."}
  created_at: {type: TIMESTAMP, description: "When the user was created."}
*/
select
    id as user_id,
    name as full_name,
    lower(nullif(trim(email), '')) as email,
    title as job_title,
    coalesce(is_active, false) as is_active,
    created_at
from raw_salesforce.user
