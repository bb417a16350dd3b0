/*
description: |
  One row per month, question and answer about environments that at least one customer had then (key: month_on,
  question, answer).

  What counts of a customer in a month is the set of answers that was its newest at the month's end, or is now, in the
  running month: `customers.environment_answer` has that rule. Where several answers may be given to a question, a
  customer counts for each of them. Numbers that were answered are in `customers.environment_latest`; here are choices.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [month_on, question, answer]
columns:
  month_on: {type: DATE, description: "First day of the month."}
  question: {type: STRING, description: "What was asked, in short, such as `deployment` or `code hosts`."}
  answer: {type: STRING, description: "What was answered."}
  customer_count: {type: INT64, description: "Customers with this answer."}
  answering_customer_count: {type: INT64, description: "Customers with any answer to the question."}
  customer_share: {type: FLOAT64, description: "The former over the latter, 0 to 1."}
*/
with
form as (
    select min(date(submitted_at)) as begins_on
    from customers.environment_answer
),

month as (
    select month_on
    from form
    cross join unnest(
        generate_date_array(date_trunc(form.begins_on, month), date_trunc(current_date(), month), interval 1 month)
    ) as month_on
),

held as (
    select
        month.month_on,
        environment_answer.*
    from month
    inner join customers.environment_answer
        on
            month.month_on >= date_trunc(date(environment_answer.submitted_at), month)
            and month.month_on < coalesce(date_trunc(date(environment_answer.replaced_at), month), date '9999-12-01')
),

said as (
    select
        month_on,
        account_id,
        part.question,
        answer
    from held
    cross join
        unnest([
            struct('deployment' as question, [deployment_type] as answers),
            struct('hosted on', [hosted_on]),
            struct('Sourcegraph version', [regexp_extract(sourcegraph_version, r'^v?(\d+\.\d+)')]),
            struct('Kubernetes version', [regexp_extract(kubernetes_version, r'^v?(\d+\.\d+)')]),
            struct('air-gapped', [if(is_air_gapped, 'yes', if(is_air_gapped is null, null, 'no'))]),
            struct('external databases', external_databases),
            struct('object storage', [object_storage]),
            struct('code hosts', code_hosts),
            struct('sign-in', auth_providers),
            struct('executors', [if(has_executors, 'yes', if(has_executors is null, null, 'no'))]),
            struct('monitoring', monitoring)
        ]) as part
    cross join unnest(part.answers) as answer
    where answer is not null
),

answering as (
    select
        month_on,
        question,
        count(distinct account_id) as customer_count
    from said
    group by month_on, question
),

counted as (
    select
        month_on,
        question,
        answer,
        count(distinct account_id) as customer_count
    from said
    group by month_on, question, answer
)

select
    counted.month_on,
    counted.question,
    counted.answer,
    counted.customer_count,
    answering.customer_count as answering_customer_count,
    counted.customer_count / answering.customer_count as customer_share
from counted
inner join answering on counted.month_on = answering.month_on and counted.question = answering.question
