/*
description: |
  One row per sequence of sales e-mails, of today's and of a former system (key: system, sequence_id).

  Mixmax is in use; what was sent from Apollo until 2019 is history (`is_history`), told as it was exported, and not to
  be added to today's: the two count different things. Mixmax says of a recipient no more than active, failed or
  completed, so that its success is told from Salesforce: who of the people was a lead and became a contact within 60
  days after being written to (our choice, the length of a first conversation). Apollo says who opened and replied.

  People are counted once in a sequence, however their address is spelled. Left out are sequences that were deleted or
  are shared with us no longer, and recipients who were taken out.
owner: team:sales-ops
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [system, sequence_id]
optional: [raw_mixmax.sequence, raw_mixmax.recipient, raw_mixmax.user, raw_apollo.sequence]
columns:
  system: {type: STRING, description: "`Mixmax` or `Apollo`."}
  is_history: {type: BOOL, description: "Whether it is of a system that is out of use."}
  sequence_id: {type: STRING, description: "Id of the sequence in its system."}
  sequence_name: {type: STRING, description: "Name of the sequence."}
  owner_name: {type: STRING, class: personal, description: "Colleague whose it is; null where only the id is known."}
  owner_email: {type: STRING, class: personal, description: "Address of that colleague, in lower case."}
  is_shared: {type: BOOL, description: "Whether colleagues see it; null for Apollo."}
  created_at: {type: TIMESTAMP, description: "When it was made."}
  last_recipient_added_at: {type: TIMESTAMP, description: "When somebody was last added; null when nobody was."}
  stages: {type: INT64, description: "E-mails that somebody gets who does not answer."}
  people: {type: INT64, description: "Different people who were in it; of Apollo those reached, bounced or delivered."}
  active_people: {type: INT64, description: "Of these, still being written to; null for Apollo."}
  failed_people: {type: INT64, description: "Of these, not reached: failed in Mixmax, bounced in Apollo."}
  completed_people: {type: INT64, description: "Of these, got all of it or answered; of Apollo, delivered to."}
  failed_share: {type: FLOAT64, description: "Failed over all people, 0 to 1; null without people."}
  converted_people: {type: INT64, description: "Leads who became a contact within 60 days after; null for Apollo."}
  converted_share: {type: FLOAT64, description: "Converted over all people, 0 to 1; null without people, for Apollo."}
  people_with_opportunity: {type: INT64, description: "Of those converted, with an opportunity; null for Apollo."}
  opened_people: {type: INT64, description: "People who opened something; null for Mixmax, which does not tell."}
  replied_people: {type: INT64, description: "People who replied; null for Mixmax."}
  unsubscribed_people: {type: INT64, description: "People who wanted no more; null for Mixmax."}
  replied_share: {type: FLOAT64, description: "Replied over delivered, 0 to 1; null for Mixmax and without any."}
*/
with
rule as (
    select 60 as converts_within_days
),

-- one row per person in a sequence: still active in any spelling, else reached in any, else failed
person as (
    select
        sequence_id,
        lower(trim(email)) as email,
        date(min(created_at)) as first_added_on,
        max(created_at) as last_added_at,
        logical_or(state = 'active') as is_active,
        logical_and(state = 'failed') as is_failed
    from raw_mixmax.recipient
    where _deleted_at is null and nullif(trim(email), '') is not null
    group by sequence_id, email
),

conversion as (
    select distinct
        person.sequence_id,
        person.email,
        lead.converted_opportunity_id is not null as has_opportunity
    from person
    cross join rule
    inner join crm.lead on person.email = lead.email
    where
        lead.is_converted
        and lead.converted_on >= person.first_added_on
        and date_diff(lead.converted_on, person.first_added_on, day) <= rule.converts_within_days
),

converted as (
    select
        sequence_id,
        email,
        logical_or(has_opportunity) as has_opportunity
    from conversion
    group by sequence_id, email
),

counted as (
    select
        person.sequence_id,
        count(*) as people,
        countif(person.is_active) as active_people,
        countif(person.is_failed) as failed_people,
        countif(not person.is_active and not person.is_failed) as completed_people,
        countif(converted.email is not null) as converted_people,
        countif(coalesce(converted.has_opportunity, false)) as people_with_opportunity,
        max(person.last_added_at) as last_recipient_added_at
    from person
    left join converted on person.sequence_id = converted.sequence_id and person.email = converted.email
    group by person.sequence_id
)

select
    'Mixmax' as system,
    false as is_history,
    sequence.id as sequence_id,
    sequence.name as sequence_name,
    owner.name as owner_name,
    lower(nullif(trim(owner.email), '')) as owner_email,
    coalesce(sequence.is_shared, false) as is_shared,
    sequence.created_at,
    counted.last_recipient_added_at,
    array_length(sequence.stage_ids) as stages,
    coalesce(counted.people, 0) as people,
    coalesce(counted.active_people, 0) as active_people,
    coalesce(counted.failed_people, 0) as failed_people,
    coalesce(counted.completed_people, 0) as completed_people,
    safe_divide(counted.failed_people, counted.people) as failed_share,
    coalesce(counted.converted_people, 0) as converted_people,
    safe_divide(counted.converted_people, counted.people) as converted_share,
    coalesce(counted.people_with_opportunity, 0) as people_with_opportunity,
    cast(null as int64) as opened_people,
    cast(null as int64) as replied_people,
    cast(null as int64) as unsubscribed_people,
    cast(null as float64) as replied_share
from raw_mixmax.sequence
left join raw_mixmax.user as owner on sequence.user_id = owner.id and owner._deleted_at is null
left join counted on sequence.id = counted.sequence_id
where sequence._deleted_at is null
union all
select
    'Apollo' as system,
    true as is_history,
    id as sequence_id,
    name as sequence_name,
    cast(null as string) as owner_name,
    cast(null as string) as owner_email,
    cast(null as bool) as is_shared,
    created_at,
    cast(null as timestamp) as last_recipient_added_at,
    step_count as stages,
    coalesce(delivered_count, 0) + coalesce(bounced_count, 0) as people,
    cast(null as int64) as active_people,
    coalesce(bounced_count, 0) as failed_people,
    coalesce(delivered_count, 0) as completed_people,
    safe_divide(
        coalesce(bounced_count, 0), coalesce(delivered_count, 0) + coalesce(bounced_count, 0)
    ) as failed_share,
    cast(null as int64) as converted_people,
    cast(null as float64) as converted_share,
    cast(null as int64) as people_with_opportunity,
    opened_count as opened_people,
    replied_count as replied_people,
    unsubscribed_count as unsubscribed_people,
    safe_divide(replied_count, delivered_count) as replied_share
from raw_apollo.sequence
