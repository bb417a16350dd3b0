/*
description: |
  One row per visit to the product that a campaign's link led to (key: started_on, session_id).

  Visits to sourcegraph.com and managed instances, of `events.session`, whose first page has UTM parameters, with the
  campaign in Salesforce that these tell. On the other websites nobody is told apart: how many came there is in
  `marketing.web_traffic_day`.
owner: team:marketing
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [started_on, session_id]
partition: started_on
open_days: 7
lookup: [crm.campaign, customers.instance_link]
optional: [crm.campaign, customers.instance_link]
columns:
  started_on: {type: DATE, description: "UTC day of the visit."}
  session_id: {type: STRING, description: "The visit: `events.session`."}
  started_at: {type: TIMESTAMP, description: "When it began."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  user_key: {type: STRING, class: pseudonymous, description: "The user on this site, as in `events.event`."}
  is_registered: {type: BOOL, description: "Whether the user was signed in."}
  is_new: {type: BOOL, description: "Whether the visitor was first seen on this day; null when unknown."}
  account_id: {type: STRING, description: "Account whose instance it is; null for sourcegraph.com."}
  campaign_id: {type: STRING, description: "Campaign in Salesforce; null where the link tells none, or two."}
  utm_source: {type: STRING, description: "Where the link stood, in lower case."}
  utm_medium: {type: STRING, description: "How it reached the visitor, such as email or cpc, in lower case."}
  utm_campaign: {type: STRING, description: "Name of the campaign in the link, in lower case."}
*/
with
linked as (
    select
        *,
        lower(utm_source) as link_source,
        lower(utm_medium) as link_medium,
        lower(utm_campaign) as link_campaign
    from events.session
    where utm_campaign is not null or utm_source is not null
)

select
    linked.started_on,
    linked.session_id,
    linked.started_at,
    linked.site,
    linked.user_key,
    linked.is_registered,
    linked.is_new,
    instance_link.account_id,
    campaign.campaign_id,
    linked.link_source as utm_source,
    linked.link_medium as utm_medium,
    linked.link_campaign as utm_campaign
from linked
left join customers.instance_link on linked.site = instance_link.instance_id
left join crm.campaign
    on
        campaign.is_known_by_utm
        and coalesce(linked.link_source, '') = coalesce(campaign.utm_source, '')
        and coalesce(linked.link_medium, '') = coalesce(campaign.utm_medium, '')
        and linked.link_campaign = campaign.utm_campaign
