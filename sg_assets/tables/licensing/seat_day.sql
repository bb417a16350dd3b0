/*
description: |
  One row per subscription and UTC day on which it had seats (key: day_on, subscription_id).

  The seats of a day are those of the newest licence by its end, unless that had expired before the day, or was revoked,
  or its subscription archived, by its end. When a subscription was archived is known from the production database only;
  without it, seats last until they expire. One that was archived before we first asked is not listed, and not here.

  Beside them stands the use: what the instances with a licence of the subscription reported on the day. A licence may
  run on several, such as production and staging, with the same people on each: so people are those of the instance
  that has most of them, not their sum (our choice: docs/decisions.md).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, subscription_id]
partition: day_on
open_days: 7
columns:
  day_on: {type: DATE, description: "UTC day."}
  subscription_id: {type: STRING, description: "Subscription: `licensing.subscription`."}
  license_id: {type: STRING, description: "Licence that counts on the day: `licensing.license`."}
  company_name: {type: STRING, description: "Company in the username of the account that owns the subscription."}
  unique_account_id: {type: STRING, description: "Salesforce's Unique Account ID in that username."}
  plan: {type: STRING, description: "Plan of the licence, such as enterprise-1."}
  is_trial: {type: BOOL, description: "Whether it is a trial."}
  is_internal: {type: BOOL, description: "Whether it is for Sourcegraph's own sites or developers."}
  is_true_up: {type: BOOL, description: "Whether more users than seats are let in and settled afterwards."}
  seats: {type: INT64, description: "Users that the licence allows."}
  expires_on: {type: DATE, description: "Last UTC day on which the licence may be used."}
  instance_count: {type: INT64, description: "Instances with a licence of the subscription that pinged on the day."}
  user_accounts:
    type: INT64
    description: "User accounts on the instance that has most of them; null when none pinged."
  monthly_active_users:
    type: INT64
    description: "Users active since the first of the month on the instance that has most; null when none pinged."
  seat_use_share:
    type: FLOAT64
    description: "Monthly active users over seats, 0 to 1 and above; null when none pinged, or without seats."
  is_over_seats: {type: BOOL, description: "Whether there are more accounts than seats; null when none pinged."}
*/
with
follow_up as (
    select
        *,
        lead(created_at) over (partition by subscription_id order by created_at, license_id) as replaced_at
    from licensing.license
),

span as (
    select
        follow_up.*,
        subscription.company_name,
        subscription.unique_account_id,
        date(follow_up.created_at) as first_on,
        least(
            date(follow_up.expires_at),
            coalesce(date_sub(date(follow_up.replaced_at), interval 1 day), date(follow_up.expires_at)),
            coalesce(date_sub(date(follow_up.revoked_at), interval 1 day), date(follow_up.expires_at)),
            coalesce(date_sub(date(subscription.archived_at), interval 1 day), date(follow_up.expires_at))
        ) as last_on
    from follow_up
    left join licensing.subscription on follow_up.subscription_id = subscription.subscription_id
),

seat as (
    select
        span.*,
        day_on
    from span
    cross join unnest(generate_date_array(span.first_on, span.last_on)) as day_on
),

key_owner as (
    select
        license_key_sha256,
        subscription_id
    from licensing.license
    where license_key_sha256 is not null
    qualify row_number() over (partition by license_key_sha256 order by created_at desc, license_id desc) = 1
),

used as (
    select
        instance_day.day_on,
        key_owner.subscription_id,
        count(*) as instance_count,
        max(instance_day.user_accounts) as user_accounts,
        max(instance_day.monthly_active_users) as monthly_active_users
    from pings.instance_day
    inner join key_owner on instance_day.license_key_sha256 = key_owner.license_key_sha256
    group by instance_day.day_on, key_owner.subscription_id
)

select
    seat.day_on,
    seat.subscription_id,
    seat.license_id,
    seat.company_name,
    seat.unique_account_id,
    seat.plan,
    seat.is_trial,
    seat.is_internal,
    seat.is_true_up,
    seat.seats,
    date(seat.expires_at) as expires_on,
    coalesce(used.instance_count, 0) as instance_count,
    used.user_accounts,
    used.monthly_active_users,
    safe_divide(used.monthly_active_users, seat.seats) as seat_use_share,
    used.user_accounts > seat.seats as is_over_seats
from seat
left join used on seat.day_on = used.day_on and seat.subscription_id = used.subscription_id
