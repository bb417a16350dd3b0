/*
description: |
  One row per product subscription, archived ones included (key: subscription_id).

  A trial and the contract that follows it are two subscriptions. The user account that owns a subscription is named
  CompanyName-UniqueId, where the id is Salesforce's Unique Account ID; a company's name may hold dashes, so the name is
  split at the last one. Seats, expiry and the like are those of the newest licence.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [subscription_id]
lookup: [raw_production_db.product_subscriptions]
optional: [raw_production_db.product_subscriptions]
columns:
  subscription_id: {type: STRING, description: "GraphQL id of the subscription."}
  subscription_uuid: {type: STRING, description: "UUID of the subscription, as in the address of its page."}
  account_username:
    type: STRING
    class: pseudonymous
    description: "Username of the account that owns it; null when that account was deleted."
  company_name:
    type: STRING
    description: "Username up to its last dash: the company, as typed by whoever made the account."
  unique_account_id:
    type: STRING
    description: "Username after its last dash: Salesforce's Unique Account ID; null without a dash."
  created_at: {type: TIMESTAMP, description: "When the subscription was created."}
  is_archived:
    type: BOOL
    description: "Whether it was archived, or is no longer listed, which is the same to the vendor."
  archived_at:
    type: TIMESTAMP
    description: "When it was archived, as the production database says; null while it was not, or not known."
  license_count: {type: INT64, description: "Licences generated so far: 1 plus renewals and expansions."}
  license_id: {type: STRING, description: "Newest licence, even when expired or revoked; null before the first."}
  product_name: {type: STRING, description: "Product of the newest licence."}
  plan: {type: STRING, description: "Plan of the newest licence, such as enterprise-1."}
  seats: {type: INT64, description: "Users that the newest licence allows."}
  is_trial: {type: BOOL, description: "Whether the newest licence is a trial."}
  is_internal: {type: BOOL, description: "Whether the newest licence is for Sourcegraph's own sites or developers."}
  expires_at: {type: TIMESTAMP, description: "When the newest licence expires, or expired."}
  revoked_at: {type: TIMESTAMP, description: "When the newest licence was revoked; null while it was not."}
  is_licensed: {type: BOOL, description: "Whether it can be used today: not archived, and the newest licence is valid."}
*/
with
license_total as (
    select
        subscription_id,
        count(*) as license_count
    from licensing.license
    group by subscription_id
)

select
    subscription.id as subscription_id,
    subscription.uuid as subscription_uuid,
    subscription.account_username,
    coalesce(
        regexp_extract(subscription.account_username, r'^(.+)-[^-]*$'), subscription.account_username
    ) as company_name,
    regexp_extract(subscription.account_username, r'.-([^-]+)$') as unique_account_id,
    subscription.created_at,
    coalesce(subscription.is_archived, false) or subscription._deleted_at is not null as is_archived,
    product_subscriptions.archived_at,
    coalesce(license_total.license_count, 0) as license_count,
    newest.license_id,
    newest.product_name,
    newest.plan,
    newest.seats,
    newest.is_trial,
    newest.is_internal,
    newest.expires_at,
    newest.revoked_at,
    coalesce(newest.is_valid, false)
    and not coalesce(subscription.is_archived, false)
    and subscription._deleted_at is null as is_licensed
from raw_site_admin.subscription
left join raw_production_db.product_subscriptions on subscription.uuid = product_subscriptions.id
left join license_total on subscription.id = license_total.subscription_id
left join licensing.license as newest on subscription.active_license_id = newest.license_id
