/*
description: |
  One row per account that there is or was on sourcegraph.com (key: user_id).

  The one place where accounts are cleaned. An account that was deleted stays in the database and says so; one whose row
  vanished from there was erased, and counts as deleted from then on.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [user_id]
columns:
  user_id: {type: INT64, class: pseudonymous, description: "Number of the account."}
  user_key: {type: STRING, class: pseudonymous, description: "The same in events: `user:` and the number."}
  created_at: {type: TIMESTAMP, description: "When the account was made."}
  deleted_at: {type: TIMESTAMP, description: "When it was deleted or erased; null while it lives."}
  is_site_admin: {type: BOOL, description: "Whether it may do everything on sourcegraph.com: our own staff."}
  has_agreed_to_terms: {type: BOOL, description: "Whether the terms of service were accepted."}
*/
select
    id as user_id,
    concat('user:', cast(id as string)) as user_key,
    created_at,
    least(coalesce(deleted_at, _deleted_at), coalesce(_deleted_at, deleted_at)) as deleted_at,
    coalesce(site_admin, false) as is_site_admin,
    coalesce(tos_accepted, false) as has_agreed_to_terms
from raw_production_db.users
