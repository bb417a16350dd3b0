/*
description: |
  One row per day, stage, type and owner: the opportunities that were open at the end of that day (key: day_on,
  stage_name, opportunity_type, owner_id).

  At 23:59:59 UTC, or, where Salesforce was read only later, at the next instant that is known: `known_at`. Each day is
  written once. Qualified pipeline is where `is_qualified`; the way of a single opportunity is in
  `crm.opportunity_stage_history`.
owner: team:sales-ops
promise: {cron: "30 6 * * *", timezone: UTC, warn: 50h, fail: 74h}
snapshot: day
key: [stage_name, opportunity_type, owner_id]
columns:
  stage_name: {type: STRING, description: "Stage that they were in, by name; `unknown` where nobody said."}
  opportunity_type: {type: STRING, description: "New Business, Renewal, …; `unknown` where nobody said."}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owned them: `crm.user`; or `unknown`."}
  stage_number: {type: INT64, description: "Number of the stage."}
  is_qualified: {type: BOOL, description: "Whether the stage is 2 or later."}
  opportunity_count: {type: INT64, description: "Opportunities."}
  without_amount_count: {type: INT64, description: "Of these, the ones whose amount nobody knew yet."}
  amount_usd: {type: NUMERIC, description: "Sum of the known amounts, in US dollars, not weighted."}
  weighted_amount_usd: {type: NUMERIC, description: "Sum of the amounts times their win probability, in US dollars."}
*/
with
open_now as (
    select
        coalesce(stage_name, 'unknown') as stage_name,
        opportunity_type,
        coalesce(owner_id, 'unknown') as owner_id,
        stage_number,
        is_qualified,
        amount_usd,
        weighted_amount_usd
    from crm.opportunity
    where not is_closed
)

select
    stage_name,
    opportunity_type,
    owner_id,
    max(stage_number) as stage_number,
    logical_or(is_qualified) as is_qualified,
    count(*) as opportunity_count,
    countif(amount_usd is null) as without_amount_count,
    coalesce(sum(amount_usd), 0) as amount_usd,
    coalesce(sum(weighted_amount_usd), 0) as weighted_amount_usd
from open_now
group by stage_name, opportunity_type, owner_id
