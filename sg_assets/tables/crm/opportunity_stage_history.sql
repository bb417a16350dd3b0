/*
description: |
  One row per opportunity and stay in a stage, from when to when it was in it (key: opportunity_id, valid_from).

  From Salesforce's own history, which has a row for every change of stage, amount, probability or closing day: rows
  that tell the same stage again are one stay here, with what was told last. A stage that was left and entered again is
  two stays. Of several rows of the same second the furthest stage counts, and an end before everything else. The stays
  of an opportunity follow each other without gaps; opportunities that were deleted are left out with all of theirs.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [opportunity_id, valid_from]
columns:
  opportunity_id: {type: STRING, description: "Opportunity: `crm.opportunity`."}
  valid_from: {type: TIMESTAMP, description: "When it entered the stage."}
  valid_to: {type: TIMESTAMP, description: "When it left the stage for the next one; null while it is in it."}
  is_current: {type: BOOL, description: "Whether it is in the stage now."}
  stage_name: {type: STRING, description: "Stage, by name."}
  is_qualified: {type: BOOL, description: "Whether the stage counts as qualified: neither the first one, nor lost."}
  is_closed: {type: BOOL, description: "Whether the stage is an end: won or lost."}
  is_won: {type: BOOL, description: "Whether the stage is that of a won opportunity."}
  win_probability: {type: FLOAT64, description: "Chance that it is won, as last told in this stay, 0 to 1."}
  amount_usd: {type: NUMERIC, description: "Amount as last told in this stay, in US dollars."}
  close_on: {type: DATE, description: "Day on which it was expected to close, as last told in this stay."}
  days_in_stage: {type: FLOAT64, description: "Days from entering the stage to leaving it; null while it is in it."}
*/
with
-- The three stages with a meaning of their own, as Salesforce's history names them; all others are open and qualified.
meaning as (
    select
        'Interest' as first_stage,
        'Closed Won' as won_stage,
        'Closed Lost' as lost_stage
),

told as (
    select
        history.opportunity_id,
        history.created_at,
        history.stage_name,
        history.stage_name != meaning.first_stage and history.stage_name != meaning.lost_stage as is_qualified,
        history.stage_name in (meaning.won_stage, meaning.lost_stage) as is_closed,
        history.stage_name = meaning.won_stage as is_won,
        cast(history.probability_percent as float64) / 100 as win_probability,
        history.amount_usd,
        history.close_on
    from raw_salesforce.opportunity_history as history
    inner join crm.opportunity on history.opportunity_id = opportunity.opportunity_id
    cross join meaning
    where not coalesce(history.is_deleted, false)
    qualify row_number() over (
        partition by history.opportunity_id, history.created_at
        order by
            history.stage_name in (meaning.won_stage, meaning.lost_stage) desc,
            history.probability_percent desc,
            history.id desc
    ) = 1
),

compared as (
    select
        *,
        coalesce(lag(stage_name) over (partition by opportunity_id order by created_at) = stage_name, false) as is_again
    from told
),

numbered as (
    select
        *,
        countif(not is_again) over (
            partition by opportunity_id
            order by created_at rows between unbounded preceding and current row
        ) as stay
    from compared
),

stayed as (
    select
        *,
        min(created_at) over (partition by opportunity_id, stay) as valid_from
    from numbered
    qualify row_number() over (partition by opportunity_id, stay order by created_at desc) = 1
),

followed as (
    select
        *,
        lead(valid_from) over (partition by opportunity_id order by valid_from) as valid_to
    from stayed
)

select
    opportunity_id,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    stage_name,
    is_qualified,
    is_closed,
    is_won,
    win_probability,
    amount_usd,
    close_on,
    timestamp_diff(valid_to, valid_from, second) / 86400 as days_in_stage
from followed
