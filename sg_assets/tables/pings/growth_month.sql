/*
description: |
  One row per instance and calendar month, as the month's last full ping tells it (key: month_on, instance_id).

  The instance itself counts who came, went, stayed and came back, over the calendar month in UTC; the figures grow
  until the month is over. Retained, churned and resurrected users are those whose account is older than the month, and
  any activity counts. A month in which an instance sent critical pings only, or none, has no row. Figures of single
  people, where their events arrive, are in `product.user_state_month`.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, instance_id]
columns:
  month_on: {type: DATE, description: "First day of the calendar month (UTC)."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  reported_on: {type: DATE, description: "UTC day of the month's last full ping: the figures reach until then."}
  is_whole_month:
    type: BOOL
    description: "Whether that is the month's last day; else the month is not over, or later pings are missing."
  monthly_active_users: {type: INT64, description: "Users active in the month, signed in or not."}
  created_users: {type: INT64, description: "Accounts created in the month."}
  deleted_users: {type: INT64, description: "Accounts deleted in the month."}
  retained_users: {type: INT64, description: "Users active in the month before and in this month."}
  resurrected_users: {type: INT64, description: "Users active in this month, not in the month before."}
  churned_users: {type: INT64, description: "Users active in the month before, not in this month."}
  retained_share:
    type: FLOAT64
    description: "Retained users over retained and churned ones, 0 to 1; null where there are neither."
*/
with
reported as (
    select
        *,
        date_trunc(day_on, month) as month_on
    from pings.instance_day
    where created_users is not null
)

select
    month_on,
    instance_id,
    day_on as reported_on,
    day_on = last_day(day_on, month) as is_whole_month,
    monthly_active_users,
    created_users,
    deleted_users,
    retained_users,
    resurrected_users,
    churned_users,
    safe_divide(retained_users, retained_users + churned_users) as retained_share
from reported
qualify row_number() over (partition by instance_id, month_on order by day_on desc) = 1
