/*
description: |
  One row per licence ever generated on sourcegraph.com (key: license_id).

  A renewal or an expansion is a new licence of the same subscription; a licence is never deleted. The *active* licence
  of a subscription is its newest, even when it expired or was revoked, so ask `is_valid` whether it may be used.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [license_id]
columns:
  license_id: {type: STRING, description: "GraphQL id of the licence."}
  subscription_id: {type: STRING, description: "Subscription that it belongs to: `licensing.subscription`."}
  license_key_sha256:
    type: STRING
    class: pseudonymous
    description: "SHA-256 of the licence key: the same in pings and events of the instances that use it."
  product_name: {type: STRING, description: "Name of the product, such as Sourcegraph Enterprise."}
  plan:
    type: STRING
    description: "Plan in the tags, such as enterprise-1 or team-0; null on licences older than plans."
  seats: {type: INT64, description: "Users that the licence allows."}
  is_trial: {type: BOOL, description: "Whether it is a trial."}
  is_internal: {type: BOOL, description: "Whether it is for Sourcegraph's own sites or developers."}
  is_true_up:
    type: BOOL
    description: "Whether more users than the licence has seats are let in and settled afterwards."
  tags: {type: ARRAY<STRING>, description: "All tags of the licence, as given."}
  created_at: {type: TIMESTAMP, description: "When it was generated."}
  expires_at: {type: TIMESTAMP, description: "When it expires, or expired."}
  revoked_at: {type: TIMESTAMP, description: "When it was revoked; null while it was not."}
  revoke_reason: {type: STRING, description: "Why it was revoked."}
  is_active: {type: BOOL, description: "Whether it is the newest of its subscription, even when expired or revoked."}
  is_valid: {type: BOOL, description: "Whether it may be used today: neither revoked nor expired before today (UTC)."}
  salesforce_subscription_id: {type: STRING, description: "Salesforce id of the subscription that it was sold under."}
  salesforce_opportunity_id: {type: STRING, description: "Salesforce id of the opportunity that it was sold in."}
*/
select
    id as license_id,
    subscription_id,
    license_key_sha256,
    product_name,
    (
        select min(regexp_extract(trim(tag), r'^plan:(.+)$'))
        from unnest(tags) as tag
    ) as plan,
    user_count as seats,
    exists(
        select 1
        from unnest(tags) as tag
        where trim(tag) = 'trial'
    ) as is_trial,
    exists(
        select 1
        from unnest(tags) as tag
        where trim(tag) in ('internal', 'dev')
    ) as is_internal,
    exists(
        select 1
        from unnest(tags) as tag
        where trim(tag) = 'true-up'
    ) as is_true_up,
    tags,
    created_at,
    expires_at,
    revoked_at,
    revoke_reason,
    is_active,
    revoked_at is null and expires_at >= timestamp(current_date()) as is_valid,
    license_salesforce_subscription_id as salesforce_subscription_id,
    license_salesforce_opportunity_id as salesforce_opportunity_id
from raw_site_admin.license
