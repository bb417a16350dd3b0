/*
description: |
  One row per answer to the NPS survey, each once (key: response_id).

  The one place where answers are cleaned. The product shows the survey on every instance; each answer is a submission
  of HubSpot's form, and one that was given on sourcegraph.com is a survey response in its database, too. Those are
  taken for the same when score and e-mail address are the same and they are at most five minutes apart. Answers without
  a score from 0 to 10, and erased ones, are left out. Somebody who answers twice counts twice: NPS is of all answers.
owner: team:analytics
promise: {cron: "0 16 * * *", timezone: America/Los_Angeles, warn: 30h, fail: 40h}
key: [response_id]
lookup: [customers.instance_link]
optional: [raw_production_db.survey_responses]
columns:
  response_id:
    type: STRING
    class: pseudonymous
    description: "`hubspot/` and the submission's id, else `sourcegraph.com/` and the number of the survey response."
  answered_at: {type: TIMESTAMP, description: "When it was given."}
  answered_on: {type: DATE, description: "UTC day of that."}
  score: {type: INT64, description: "How likely a recommendation is, 0 to 10."}
  kind: {type: STRING, description: "`promoter` (9 or 10), `passive` (7 or 8) or `detractor` (0 to 6)."}
  given_on: {type: STRING, description: "`sourcegraph.com` or `instance`."}
  instance_id: {type: STRING, class: pseudonymous, description: "Instance where it was given; null on sourcegraph.com."}
  account_id: {type: STRING, description: "Salesforce account of that instance; null for nobody's."}
  account_name: {type: STRING, description: "Name of that account."}
  respondent_email: {type: STRING, class: personal, description: "Address, in lower case; null when not signed in."}
  is_signed_in: {type: BOOL, description: "Whether the respondent was signed in."}
  reason: {type: STRING, class: personal, description: "Why, in the respondent's words."}
  improvement: {type: STRING, class: personal, description: "What should be better, in the respondent's words."}
  use_cases:
    type: ARRAY<STRING>
    description: "What the product is used for, as chosen from a list; asked on sourcegraph.com only."
  is_in_hubspot: {type: BOOL, description: "Whether HubSpot has it."}
  is_in_production_db: {type: BOOL, description: "Whether the database of sourcegraph.com has it."}
*/
with
rule as (
    select 300 as same_within_seconds
),

submission as (
    select
        *,
        lower(nullif(trim(email), '')) as respondent_email
    from raw_hubspot.form_submission
    where nps_score between 0 and 10 and _deleted_at is null
),

survey as (
    select
        *,
        lower(nullif(trim(email), '')) as respondent_email
    from raw_production_db.survey_responses
    where score between 0 and 10 and _deleted_at is null
),

-- each survey response with the submission that comes closest in time
pair as (
    select
        survey.id as survey_id,
        submission.id as submission_id
    from survey
    cross join rule
    inner join submission
        on
            survey.score = submission.nps_score
            and coalesce(survey.respondent_email, '') = coalesce(submission.respondent_email, '')
            and abs(timestamp_diff(survey.created_at, submission.submitted_at, millisecond))
            <= rule.same_within_seconds * 1000
    qualify row_number() over (
        partition by survey.id
        order by
            abs(timestamp_diff(survey.created_at, submission.submitted_at, millisecond)),
            submission.id
    ) = 1
),

same as (
    select
        pair.submission_id,
        survey.use_cases
    from pair
    inner join survey on pair.survey_id = survey.id
    qualify row_number() over (partition by pair.submission_id order by survey.id) = 1
),

answer as (
    select
        concat('hubspot/', submission.id) as response_id,
        submission.submitted_at as answered_at,
        submission.nps_score as score,
        if(same.submission_id is null, submission.site_id, null) as site_id,
        submission.respondent_email,
        coalesce(submission.user_is_authenticated, submission.respondent_email is not null) as is_signed_in,
        submission.nps_reason as reason,
        submission.nps_improvement as improvement,
        coalesce(same.use_cases, []) as use_cases,
        true as is_in_hubspot,
        same.submission_id is not null as is_in_production_db
    from submission
    left join same on submission.id = same.submission_id
    union all
    select
        concat('sourcegraph.com/', cast(survey.id as string)) as response_id,
        survey.created_at as answered_at,
        survey.score,
        null as site_id,
        survey.respondent_email,
        survey.user_id is not null as is_signed_in,
        survey.reason,
        survey.better as improvement,
        survey.use_cases,
        false as is_in_hubspot,
        true as is_in_production_db
    from survey
    left join pair on survey.id = pair.survey_id
    where pair.survey_id is null
)

select
    answer.response_id,
    answer.answered_at,
    date(answer.answered_at) as answered_on,
    answer.score,
    case
        when answer.score >= 9 then 'promoter'
        when answer.score >= 7 then 'passive'
        else 'detractor'
    end as kind,
    if(answer.is_in_production_db, 'sourcegraph.com', 'instance') as given_on,
    answer.site_id as instance_id,
    instance_link.account_id,
    instance_link.account_name,
    answer.respondent_email,
    answer.is_signed_in,
    nullif(trim(answer.reason), '') as reason,
    nullif(trim(answer.improvement), '') as improvement,
    answer.use_cases,
    answer.is_in_hubspot,
    answer.is_in_production_db
from answer
left join customers.instance_link on answer.site_id = instance_link.instance_id
