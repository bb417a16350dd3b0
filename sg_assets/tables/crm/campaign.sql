/*
description: |
  One row per marketing campaign in Salesforce that was not deleted (key: campaign_id).

  Deleted ones are left out here: those in the recycle bin, and those erased since. Links that lead to a campaign carry
  its UTM parameters; where two campaigns have the same ones, which of them a link belongs to is not known, and
  `is_known_by_utm` is false.
owner: team:marketing
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [campaign_id]
columns:
  campaign_id: {type: STRING, description: "Salesforce id of the campaign."}
  campaign_name: {type: STRING, description: "Name of the campaign."}
  campaign_type: {type: STRING, description: "Email, Webinar, Conference, Advertisement, …"}
  campaign_status: {type: STRING, description: "Planned, In Progress, Completed or Aborted."}
  parent_campaign_id: {type: STRING, description: "Campaign that it is a part of; null where it is none."}
  is_active: {type: BOOL, description: "Whether it runs."}
  starts_on: {type: DATE, description: "First day."}
  ends_on: {type: DATE, description: "Last day."}
  budget_usd: {type: NUMERIC, description: "What it was to cost, in US dollars."}
  cost_usd: {type: NUMERIC, description: "What it has cost, in US dollars; null until that is known."}
  utm_source: {type: STRING, description: "The utm_source of links that lead to it, in lower case; null without links."}
  utm_medium: {type: STRING, description: "Their utm_medium, in lower case."}
  utm_campaign: {type: STRING, description: "Their utm_campaign, in lower case."}
  is_known_by_utm: {type: BOOL, description: "Whether it alone has these parameters, so that a link tells it."}
*/
with
living as (
    select
        campaign.*,
        lower(nullif(trim(campaign.utm_source), '')) as link_source,
        lower(nullif(trim(campaign.utm_medium), '')) as link_medium,
        lower(nullif(trim(campaign.utm_campaign), '')) as link_campaign
    from raw_salesforce.campaign
    left join raw_salesforce.deleted_record
        on campaign.id = deleted_record.id and deleted_record.object_name = 'Campaign'
    where
        not coalesce(campaign.is_deleted, false)
        and coalesce(campaign.system_modstamp > deleted_record.deleted_at, deleted_record.id is null)
)

select
    id as campaign_id,
    name as campaign_name,
    type as campaign_type,
    status as campaign_status,
    parent_id as parent_campaign_id,
    coalesce(is_active, false) as is_active,
    start_on as starts_on,
    end_on as ends_on,
    budget_usd,
    cost_usd,
    link_source as utm_source,
    link_medium as utm_medium,
    link_campaign as utm_campaign,
    link_campaign is not null
    and count(*) over (partition by link_source, link_medium, link_campaign) = 1 as is_known_by_utm
from living
