/*
description: |
  One row per opportunity: when it was opened, qualified and closed, and how it ended (key: opportunity_id).

  The one place for these dates. An opportunity is qualified when it first enters stage 2 or a later one, also if it
  falls back later. It closed on the day that Salesforce says, but not later than the day on which it entered the stage
  that closed it: lost ones often keep a day on which somebody once expected them to be won. One that was opened again
  is open.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [opportunity_id]
columns:
  opportunity_id: {type: STRING, description: "Opportunity: `crm.opportunity`."}
  opportunity_name: {type: STRING, description: "Name of the opportunity, as written in Salesforce."}
  account_id: {type: STRING, description: "Account that it is with: `crm.account`."}
  opportunity_type: {type: STRING, description: "New Business, Renewal, …; `unknown` where nobody said."}
  lead_source: {type: STRING, description: "Where it came from: Inbound, Referral, SDR Created, …"}
  owner_id: {type: STRING, class: pseudonymous, description: "Colleague who owns it: `crm.user`."}
  outcome: {type: STRING, description: "`won`, `lost` or `open`."}
  amount_usd: {type: NUMERIC, description: "Amount, in US dollars; null where nobody knows yet."}
  opened_on: {type: DATE, description: "UTC day on which it was created."}
  qualified_on: {type: DATE, description: "UTC day on which it was first qualified; null when it never was."}
  closed_on: {type: DATE, description: "Day on which it was won or lost; null while it is open."}
  days_to_close: {type: INT64, description: "Days from opening to closing, never negative; null while it is open."}
*/
with
history as (
    select
        opportunity_id,
        min(if(is_qualified, valid_from, null)) as qualified_at,
        max(if(is_current and is_closed, valid_from, null)) as closed_at
    from crm.opportunity_stage_history
    group by opportunity_id
),

dated as (
    select
        opportunity.opportunity_id,
        opportunity.opportunity_name,
        opportunity.account_id,
        opportunity.opportunity_type,
        opportunity.lead_source,
        opportunity.owner_id,
        opportunity.amount_usd,
        if(opportunity.is_won, 'won', if(opportunity.is_closed, 'lost', 'open')) as outcome,
        date(opportunity.created_at) as opened_on,
        -- what is older than the history counts as qualified from the start
        date(coalesce(
            history.qualified_at, if(opportunity.is_qualified or opportunity.is_won, opportunity.created_at, null)
        )) as qualified_on,
        if(
            opportunity.is_closed,
            least(
                coalesce(opportunity.close_on, date(history.closed_at)),
                coalesce(date(history.closed_at), opportunity.close_on)
            ),
            null
        ) as closed_on
    from crm.opportunity
    left join history on opportunity.opportunity_id = history.opportunity_id
)

select
    opportunity_id,
    opportunity_name,
    account_id,
    opportunity_type,
    lead_source,
    owner_id,
    outcome,
    amount_usd,
    opened_on,
    qualified_on,
    closed_on,
    greatest(date_diff(closed_on, opened_on, day), 0) as days_to_close
from dated
