/*
description: |
  One row per customer and calendar month in which an instance of its pinged (key: month_on, account_id).

  Adoption is monthly active users over the seats of the licence. It is that of the customer's *main instance*, the one
  with the most monthly users in the month: staging beside production, often under a licence of its own, would otherwise
  make it look low. What all its instances together say stands beside it. The running month is counted up to today.

  A licence without a number of seats, or with 100,000 or more, is unlimited. Its users are held against those who could
  use the product (TAM, total addressable market): a fifth of the company's employees, since Salesforce does not know
  how many of them write code. Share, threshold and main instance are our guesses (docs/decisions.md).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [month_on, account_id]
columns:
  month_on: {type: DATE, description: "First day of the month (UTC)."}
  account_id: {type: STRING, description: "Salesforce account: `crm.account`."}
  account_name: {type: STRING, description: "Name of the company."}
  is_month_over: {type: BOOL, description: "Whether the month is over, so that its figures are final."}
  main_instance_id:
    type: STRING
    class: pseudonymous
    description: "Its instance with the most monthly active users."
  monthly_active_users: {type: INT64, description: "Users active on the main instance in the month."}
  seats: {type: INT64, description: "Users that its licence allows; null without a licence, or when unlimited."}
  has_unlimited_seats: {type: BOOL, description: "Whether the licence is unlimited; null without a licence."}
  addressable_users:
    type: INT64
    description: "People at the company who could use the product (TAM): a share of its employees; null when unknown."
  measured_against: {type: STRING, description: "`seats` or `addressable users`; null when neither is known."}
  adoption:
    type: FLOAT64
    description: "Monthly active users over the seats, or over the addressable users; above 1 when more than paid for."
  instance_count: {type: INT64, description: "Instances of the customer that pinged in the month."}
  all_monthly_active_users:
    type: INT64
    description: "Monthly active users of all of them added up; who uses two counts twice."
*/
with
rule as (
    select
        100000 as unlimited_from_seats,
        0.2 as addressable_employee_share
),

instance_month as (
    select
        instance_link.account_id,
        instance_link.instance_id,
        date_trunc(instance_day.day_on, month) as month_on,
        max(instance_day.monthly_active_users) as monthly_active_users
    from pings.instance_day
    inner join customers.instance_link on instance_day.instance_id = instance_link.instance_id
    where instance_link.account_id is not null
    group by instance_link.account_id, instance_link.instance_id, month_on
),

licensed_month as (
    select
        instance_id,
        date_trunc(day_on, month) as month_on,
        max(day_on) as day_on
    from pings.instance_day
    where license_key_sha256 is not null
    group by instance_id, month_on
),

licence as (
    select
        licensed_month.instance_id,
        licensed_month.month_on,
        instance_day.license_key_sha256,
        instance_day.license_seats
    from licensed_month
    inner join pings.instance_day
        on licensed_month.instance_id = instance_day.instance_id and licensed_month.day_on = instance_day.day_on
),

ranked as (
    select
        instance_month.*,
        licence.license_key_sha256,
        licence.license_seats,
        row_number() over (
            partition by instance_month.account_id, instance_month.month_on
            order by
                instance_month.monthly_active_users desc,
                licence.license_seats desc,
                instance_month.instance_id asc
        ) as place,
        count(*) over (partition by instance_month.account_id, instance_month.month_on) as instance_count,
        sum(instance_month.monthly_active_users) over (
            partition by instance_month.account_id, instance_month.month_on
        ) as all_monthly_active_users
    from instance_month
    left join licence
        on instance_month.instance_id = licence.instance_id and instance_month.month_on = licence.month_on
),

judged as (
    select
        ranked.*,
        account.account_name,
        if(
            ranked.license_key_sha256 is null,
            null,
            coalesce(nullif(ranked.license_seats, 0) >= rule.unlimited_from_seats, true)
        ) as has_unlimited_seats,
        nullif(cast(round(account.employees * rule.addressable_employee_share) as int64), 0) as addressable_users
    from ranked
    cross join rule
    inner join crm.account on ranked.account_id = account.account_id
    where ranked.place = 1
)

select
    month_on,
    account_id,
    account_name,
    last_day(month_on, month) < current_date() as is_month_over,
    instance_id as main_instance_id,
    monthly_active_users,
    if(has_unlimited_seats, null, license_seats) as seats,
    has_unlimited_seats,
    addressable_users,
    case
        when has_unlimited_seats = false then 'seats'
        when has_unlimited_seats and addressable_users is not null then 'addressable users'
    end as measured_against,
    case
        when has_unlimited_seats = false then safe_divide(monthly_active_users, license_seats)
        when has_unlimited_seats then safe_divide(monthly_active_users, addressable_users)
    end as adoption,
    instance_count,
    all_monthly_active_users
from judged
