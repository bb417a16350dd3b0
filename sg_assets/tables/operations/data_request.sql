/*
description: |
  One row per request for data that was opened as an issue and not deleted or transferred (key: request_id).

  A request is an issue with the label `data-request`. Its template asks four questions; one is answered when anything
  but the template's own words stands below its heading. Requests that were written without the template answer none.
  A request is triaged when it first gets a column on the analytics team's board, which should be within a day. What
  depends on the time (ages, and whether a day went by without triage) is as of the beginning of the current UTC day.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [request_id]
columns:
  request_id: {type: INT64, description: "GitHub's id of the issue."}
  repository: {type: STRING, description: "Repository that the issue is in, as owner/name."}
  issue_number: {type: INT64, description: "Number of the issue in its repository."}
  issue_url: {type: STRING, description: "Page of the issue."}
  title: {type: STRING, description: "What is asked for, in a line."}
  requested_by: {type: STRING, class: personal, description: "Login on GitHub of the person who asks."}
  assigned_to: {type: ARRAY<STRING>, class: personal, description: "Logins of the people who are to do it."}
  is_urgent: {type: BOOL, description: "Whether it has the label `urgent`."}
  says_what_for: {type: BOOL, description: "Whether it says what it is for, and why."}
  says_what_it_looks_like: {type: BOOL, description: "Whether it says what the answer should look like."}
  says_by_when: {type: BOOL, description: "Whether it says by when it is needed."}
  says_how_necessary: {type: BOOL, description: "Whether it says if it is a nice-to-have or a necessity."}
  answered_question_count: {type: INT64, description: "How many of the four questions are answered, 0 to 4."}
  is_complete: {type: BOOL, description: "Whether all four are."}
  opened_at: {type: TIMESTAMP, description: "When it was opened."}
  opened_on: {type: DATE, description: "UTC day of that."}
  board_column: {type: STRING, description: "Column of the board that it is in; null as long as nobody looked at it."}
  triaged_at: {type: TIMESTAMP, description: "When it first got a column of the board; null as long as it has none."}
  hours_to_triage: {type: FLOAT64, description: "Hours from its opening until then."}
  is_triaged_in_time:
    type: BOOL
    description: "Whether that was within 24 hours; null while they are not over and nobody looked at it."
  is_open: {type: BOOL, description: "Whether it is not closed yet."}
  closed_at: {type: TIMESTAMP, description: "When it was closed; null while it is open."}
  is_done: {type: BOOL, description: "Whether it was closed as completed, not as not planned; null while it is open."}
  age_days: {type: INT64, description: "UTC days from its opening until it was closed; until today while it is open."}
*/
with
rule as (
    select
        'data-request' as request_label,
        'urgent' as urgent_label,
        24 as triage_hours
),

question as (
    select
        'what for' as topic,
        'what are you going to use this for' as heading
    union all
    select
        'looks' as topic,
        'what should it look like' as heading
    union all
    select
        'when' as topic,
        'when do you need it by' as heading
    union all
    select
        'necessity' as topic,
        'is this a nice-to-have or a necessity' as heading
),

request as (
    select
        issue.*,
        rule.urgent_label in unnest(issue.label_names) as is_urgent,
        timestamp_add(issue.created_at, interval rule.triage_hours hour) as triage_due_at
    from raw_github.issue
    cross join rule
    where
        issue._deleted_at is null
        and not coalesce(issue.is_pull_request, false)
        and rule.request_label in unnest(issue.label_names)
),

section as (
    select
        request.id,
        lower(regexp_extract(text, r'^[^\n]*')) as heading,
        regexp_replace(regexp_replace(text, r'^[^\n]*', ''), r'(?s)<!--.*?-->|_No response_', '') as answer
    from request
    cross join unnest(split(concat('\n', replace(request.body, '\r\n', '\n')), '\n### ')) as text
),

answered as (
    select
        section.id,
        countif(question.topic = 'what for') > 0 as says_what_for,
        countif(question.topic = 'looks') > 0 as says_what_it_looks_like,
        countif(question.topic = 'when') > 0 as says_by_when,
        countif(question.topic = 'necessity') > 0 as says_how_necessary,
        count(distinct question.topic) as question_count
    from section
    inner join question on starts_with(section.heading, question.heading)
    where regexp_contains(section.answer, r'\S')
    group by section.id
),

board as (
    select
        content,
        min(status_set_at) as triaged_at,
        max(if(_deleted_at is null, status, null)) as board_column
    from raw_github.project_item
    cross join unnest([content_id, concat(repository, '#', cast(number as string))]) as content
    where content is not null
    group by content
)

select
    request.id as request_id,
    request.repository,
    request.number as issue_number,
    request.url as issue_url,
    request.title,
    request.author_login as requested_by,
    request.assignee_logins as assigned_to,
    request.is_urgent,
    coalesce(answered.says_what_for, false) as says_what_for,
    coalesce(answered.says_what_it_looks_like, false) as says_what_it_looks_like,
    coalesce(answered.says_by_when, false) as says_by_when,
    coalesce(answered.says_how_necessary, false) as says_how_necessary,
    coalesce(answered.question_count, 0) as answered_question_count,
    coalesce(answered.question_count = 4, false) as is_complete,
    request.created_at as opened_at,
    extract(date from request.created_at) as opened_on,
    board.board_column,
    board.triaged_at,
    timestamp_diff(board.triaged_at, request.created_at, second) / 3600 as hours_to_triage,
    case
        when board.triaged_at is not null then board.triaged_at <= request.triage_due_at
        when request.triage_due_at <= timestamp(current_date()) then false
    end as is_triaged_in_time,
    request.closed_at is null as is_open,
    request.closed_at,
    if(request.closed_at is null, null, coalesce(request.state_reason != 'not_planned', true)) as is_done,
    date_diff(
        coalesce(extract(date from request.closed_at), current_date()), extract(date from request.created_at), day
    ) as age_days
from request
left join answered on request.id = answered.id
left join board
    on coalesce(request.node_id, concat(request.repository, '#', cast(request.number as string))) = board.content
