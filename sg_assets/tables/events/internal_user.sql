/*
description: |
  One row per account of sourcegraph.com that belongs to our own people (key: user_id).

  The one place for who is internal there: an account with an address at sourcegraph.com that its owner proved to read,
  because anybody can type any address. Accounts and addresses that were deleted stay, for the events of then.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [user_id]
columns:
  user_id: {type: INT64, class: pseudonymous, description: "Number of the account on sourcegraph.com."}
  internal_since_on: {type: DATE, description: "UTC day on which the first such address was proved."}
*/
select
    user_id,
    date(min(verified_at)) as internal_since_on
from raw_production_db.user_emails
where verified_at is not null and ends_with(lower(trim(email)), '@sourcegraph.com')
group by user_id
