/*
description: |
  One row per opportunity, a sale that may come, was won or was lost, that was not deleted (key: opportunity_id).

  The one place where deleted and erased opportunities are left out. When it was opened, qualified and closed is in
  `sales.opportunity_outcome`; which stages it went through in `crm.opportunity_stage_history`.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [opportunity_id]
columns:
  opportunity_id: {type: STRING, description: "Salesforce id of the opportunity."}
  opportunity_name: {type: STRING, description: "Name of the opportunity, as written in Salesforce."}
  account_id: {type: STRING, description: "Account that it is with: `crm.account`."}
  opportunity_type: {type: STRING, description: "New Business, Renewal, …; `unknown` where nobody said."}
  lead_source: {type: STRING, description: "Where it came from: Inbound, Referral, SDR Created, …"}
  stage_name: {type: STRING, description: "Stage that it is in now, by name."}
  stage_number: {type: INT64, description: "Number of that stage: 1 is interest, from 2 on it is qualified."}
  is_qualified: {type: BOOL, description: "Whether it is at stage 2 or later now; a lost one is not."}
  is_closed: {type: BOOL, description: "Whether it was won or lost."}
  is_won: {type: BOOL, description: "Whether it was won."}
  win_probability: {type: FLOAT64, description: "Chance that it is won, as its stage or its owner says, 0 to 1."}
  amount_usd: {type: NUMERIC, description: "Amount, in US dollars; null where nobody knows yet."}
  weighted_amount_usd:
    type: NUMERIC
    description: "Amount times win probability, in US dollars, to the cent; null where either is."
  close_on: {type: DATE, description: "Day on which it closed, or is expected to, as its owner says."}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owns it: `crm.user`."}
  owner_name: {type: STRING, class: personal, description: "Name of that colleague."}
  created_at: {type: TIMESTAMP, description: "When it was created."}
  changed_at: {type: TIMESTAMP, description: "When a person last changed it."}
*/
select
    opportunity.id as opportunity_id,
    opportunity.name as opportunity_name,
    opportunity.account_id,
    coalesce(opportunity.type, 'unknown') as opportunity_type,
    opportunity.lead_source,
    opportunity.stage_name,
    opportunity.stage_number,
    coalesce(opportunity.stage_number >= 2, false) as is_qualified,
    coalesce(opportunity.is_closed, false) as is_closed,
    coalesce(opportunity.is_won, false) as is_won,
    cast(opportunity.probability_percent as float64) / 100 as win_probability,
    opportunity.amount_usd,
    cast(
        round(cast(opportunity.amount_usd as float64) * cast(opportunity.probability_percent as float64) / 100, 2)
        as numeric
    ) as weighted_amount_usd,
    opportunity.close_on,
    opportunity.owner_id,
    owner.full_name as owner_name,
    opportunity.created_at,
    opportunity.last_modified_at as changed_at
from raw_salesforce.opportunity
left join crm.user as owner on opportunity.owner_id = owner.user_id
left join raw_salesforce.deleted_record
    on
        deleted_record.object_name = 'Opportunity'
        and opportunity.id = deleted_record.id
        and opportunity.system_modstamp <= deleted_record.deleted_at  -- else it was restored since
where not coalesce(opportunity.is_deleted, false) and deleted_record.id is null
