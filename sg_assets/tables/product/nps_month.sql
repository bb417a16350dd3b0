/*
description: |
  One row per calendar month and group of respondents: the net promoter score (key: month_on, respondents).

  NPS is the share of promoters (9, 10) less that of detractors (0 to 6) among all answers of the month, in points from
  -100 to 100. Groups are not to be added up: `everybody` is all of them. A month without answers has a row without a
  score, from the first month with answers to the running one.
owner: team:analytics
promise: {cron: "0 16 * * *", timezone: America/Los_Angeles, warn: 30h, fail: 40h}
key: [month_on, respondents]
columns:
  month_on: {type: DATE, description: "First day of the month (UTC)."}
  respondents: {type: STRING, description: "`everybody`, `sourcegraph.com` or `instances`: where they answered."}
  response_count: {type: INT64, description: "Answers in the month."}
  promoter_count: {type: INT64, description: "Answers of 9 or 10."}
  passive_count: {type: INT64, description: "Answers of 7 or 8."}
  detractor_count: {type: INT64, description: "Answers of 0 to 6."}
  promoter_share: {type: FLOAT64, description: "Promoters among all answers, 0 to 1; null without answers."}
  detractor_share: {type: FLOAT64, description: "Detractors among all answers, 0 to 1; null without answers."}
  net_promoter_score: {type: FLOAT64, description: "The former less the latter, in points, -100 to 100."}
  mean_score: {type: FLOAT64, description: "Mean of the scores, 0 to 10; null without answers."}
*/
with
response as (
    select
        date_trunc(nps_response.answered_on, month) as month_on,
        respondents,
        nps_response.score,
        nps_response.kind
    from product.nps_response
    cross join
        unnest(['everybody', if(nps_response.given_on = 'instance', 'instances', nps_response.given_on)]) as respondents
),

survey as (
    select min(month_on) as begins_on
    from response
),

month as (
    select
        month_on,
        respondents
    from survey
    cross join
        unnest(generate_date_array(survey.begins_on, date_trunc(current_date(), month), interval 1 month)) as month_on
    cross join unnest(['everybody', 'sourcegraph.com', 'instances']) as respondents
)

select
    month.month_on,
    month.respondents,
    count(response.score) as response_count,
    countif(response.kind = 'promoter') as promoter_count,
    countif(response.kind = 'passive') as passive_count,
    countif(response.kind = 'detractor') as detractor_count,
    safe_divide(countif(response.kind = 'promoter'), count(response.score)) as promoter_share,
    safe_divide(countif(response.kind = 'detractor'), count(response.score)) as detractor_share,
    100 * safe_divide(
        countif(response.kind = 'promoter') - countif(response.kind = 'detractor'), count(response.score)
    ) as net_promoter_score,
    avg(response.score) as mean_score
from month
left join response on month.month_on = response.month_on and month.respondents = response.respondents
group by month.month_on, month.respondents
