/*
description: |
  One row per customer and stretch of days with one telemetry status, without gaps (key: account_id, valid_from_on).

  The status of a day is that of the customer's best instance, as in `customers.telemetry_status`, whose customers and
  whose newest day these are. Derived anew each time from `customers.instance_telemetry_day`, for the instances that
  belong to the customer today: never from what this table said before. On a day D a customer had the status of the row
  with `D between valid_from_on and coalesce(valid_to_on, D)`.

  Our history has a first day. A stretch that begins there may be older (`may_be_older`).
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [account_id, valid_from_on]
columns:
  account_id: {type: STRING, description: "Salesforce account: `crm.account`."}
  account_name: {type: STRING, description: "Name of the company."}
  valid_from_on: {type: DATE, description: "First UTC day with this status."}
  valid_to_on: {type: DATE, description: "Last UTC day with this status; null while it lasts."}
  telemetry_status:
    type: STRING
    description: "`no telemetry`, `critical pings`, `full pings` or `full pings + user-level data`."
  telemetry_level: {type: INT64, description: "The same as a number, to compare: 0, 1, 2 or 3."}
  previous_telemetry_status: {type: STRING, description: "Status of the days before; null where our history begins."}
  change:
    type: STRING
    description: "`more` or `less` telemetry than before; null where our history begins."
  day_count: {type: INT64, description: "Days that it lasted, or has lasted so far."}
  is_current: {type: BOOL, description: "Whether it lasts."}
  may_be_older: {type: BOOL, description: "Whether it begins where our history does, so that it may have begun before."}
*/
with
customer as (
    select
        account_id,
        account_name,
        as_of_on
    from customers.telemetry_status
),

history as (
    select min(day_on) as begins_on
    from customers.instance_telemetry_day
),

status as (
    select distinct
        telemetry_level,
        telemetry_status
    from customers.instance_telemetry_day
    union all
    select
        0 as telemetry_level,
        'no telemetry' as telemetry_status
),

customer_day as (
    select
        customer.account_id,
        instance_telemetry_day.day_on,
        max(instance_telemetry_day.telemetry_level) as telemetry_level
    from customer
    inner join customers.instance_link on customer.account_id = instance_link.account_id
    inner join customers.instance_telemetry_day
        on
            instance_link.instance_id = instance_telemetry_day.instance_id
            and customer.as_of_on >= instance_telemetry_day.day_on
    group by customer.account_id, instance_telemetry_day.day_on
),

compared as (
    select
        *,
        lag(day_on) over (partition by account_id order by day_on) as previous_on,
        lag(telemetry_level) over (partition by account_id order by day_on) as previous_level
    from customer_day
),

numbered as (
    select
        account_id,
        day_on,
        telemetry_level,
        countif(not coalesce(
            previous_on = date_sub(day_on, interval 1 day) and previous_level = telemetry_level, false
        )) over (partition by account_id order by day_on) as place
    from compared
),

sending as (
    select
        account_id,
        telemetry_level,
        min(day_on) as begins_on,
        max(day_on) as ends_on
    from numbered
    group by account_id, place, telemetry_level
),

-- what lies between two of these, before the first or after the last; of who never sent, all
edge as (
    select
        account_id,
        date_add(ends_on, interval 1 day) as begins_on,
        lead(begins_on) over (partition by account_id order by begins_on) as next_on
    from sending
    union all
    select
        customer.account_id,
        coalesce(history.begins_on, customer.as_of_on) as begins_on,
        min(sending.begins_on) as next_on
    from customer
    cross join history
    left join sending on customer.account_id = sending.account_id
    group by customer.account_id, history.begins_on, customer.as_of_on
),

stretch as (
    select
        account_id,
        telemetry_level,
        begins_on,
        ends_on
    from sending
    union all
    select
        edge.account_id,
        0 as telemetry_level,
        edge.begins_on,
        coalesce(date_sub(edge.next_on, interval 1 day), customer.as_of_on) as ends_on
    from edge
    inner join customer on edge.account_id = customer.account_id
    where edge.begins_on <= coalesce(date_sub(edge.next_on, interval 1 day), customer.as_of_on)
),

named as (
    select
        stretch.*,
        status.telemetry_status,
        lag(stretch.telemetry_level) over (
            partition by stretch.account_id order by stretch.begins_on
        ) as previous_level,
        lag(status.telemetry_status) over (
            partition by stretch.account_id order by stretch.begins_on
        ) as previous_status
    from stretch
    inner join status on stretch.telemetry_level = status.telemetry_level
)

select
    customer.account_id,
    customer.account_name,
    named.begins_on as valid_from_on,
    if(named.ends_on = customer.as_of_on, null, named.ends_on) as valid_to_on,
    named.telemetry_status,
    named.telemetry_level,
    named.previous_status as previous_telemetry_status,
    case
        when named.telemetry_level > named.previous_level then 'more'
        when named.telemetry_level < named.previous_level then 'less'
    end as change,
    date_diff(named.ends_on, named.begins_on, day) + 1 as day_count,
    named.ends_on = customer.as_of_on as is_current,
    named.previous_level is null as may_be_older
from customer
inner join named on customer.account_id = named.account_id
