/*
description: |
  One row per touch of somebody with a marketing campaign (key: touch_id).

  Four kinds, told by different systems, so that one and the same act may be in several of them: compare within a kind.

  * `campaign member`: somebody is in a campaign in Salesforce, on the day of the answer, else of being put into it.
  * `visit`: a link with UTM parameters led to sourcegraph.com or a managed instance (`marketing.campaign_visit`).
  * `first touch`, `latest touch`: the UTM parameters that HubSpot keeps of a person. A latest touch that is the first
    one is not told twice.

  A touch has influenced an opportunity when the person answered, or came, at most 30 days before the opportunity of
  the person's account was created. Whom something was only sent to is not influenced (our choice).
owner: team:marketing
promise: {cron: "30 16 * * *", timezone: America/Los_Angeles, warn: 30h, fail: 40h}
key: [touch_id]
lookup: [crm.account]
optional: [marketing.campaign_visit]
columns:
  touch_id: {type: STRING, class: pseudonymous, description: "Kind of touch, a slash, and its id in its system."}
  touch_kind: {type: STRING, description: "`campaign member`, `visit`, `first touch` or `latest touch`."}
  touched_on: {type: DATE, description: "Day of the touch; UTC, of visits. Null where nobody knows."}
  is_response: {type: BOOL, description: "Whether the person answered or came; false when something was only sent."}
  campaign_id: {type: STRING, description: "Campaign in Salesforce; null where a link tells none, or two."}
  campaign_name: {type: STRING, description: "Name of that campaign."}
  campaign_type: {type: STRING, description: "Email, Webinar, Conference, Advertisement, …"}
  utm_source: {type: STRING, description: "UTM source of the link, in lower case; null without a link."}
  utm_medium: {type: STRING, description: "UTM medium of the link, in lower case."}
  utm_campaign: {type: STRING, description: "UTM campaign of the link, in lower case."}
  hubspot_contact_id: {type: STRING, class: pseudonymous, description: "Person, in `marketing.lead`; null if unknown."}
  salesforce_lead_id: {type: STRING, class: pseudonymous, description: "The person as a lead; null for other people."}
  salesforce_contact_id: {type: STRING, class: pseudonymous, description: "The person as a contact; null for others."}
  session_id: {type: STRING, description: "The visit, in `events.session`; null for the other kinds."}
  account_id: {type: STRING, description: "Account of the person, else of the instance; null where none is known."}
  account_name: {type: STRING, description: "Name of that account."}
  influenced_opportunity_ids:
    type: ARRAY<STRING>
    description: "Opportunities of the account that it influenced, in alphabetical order."
  influenced_opportunity_count: {type: INT64, description: "How many these are."}
*/
with
rule as (
    select 30 as influence_days
),

-- each way to know a person, once
person as (
    select
        'lead' as known_by,
        salesforce_lead_id as id,
        hubspot_contact_id,
        account_id
    from marketing.lead
    union all
    select
        'contact' as known_by,
        salesforce_contact_id as id,
        hubspot_contact_id,
        account_id
    from marketing.lead
    union all
    select
        'visitor' as known_by,
        concat('user:', cast(dotcom_user_id as string)) as id,
        hubspot_contact_id,
        account_id
    from marketing.lead
    union all
    select
        'visitor' as known_by,
        concat('anonymous:', anonymous_user_id) as id,
        hubspot_contact_id,
        account_id
    from marketing.lead
),

known as (
    select *
    from person
    where id is not null
    qualify row_number() over (partition by known_by, id order by hubspot_contact_id) = 1
),

member as (
    select
        concat('campaign member/', campaign_member.campaign_member_id) as touch_id,
        'campaign member' as touch_kind,
        coalesce(
            if(campaign_member.has_responded, campaign_member.first_responded_on, null),
            date(campaign_member.created_at)
        ) as touched_on,
        campaign_member.has_responded as is_response,
        campaign.campaign_id,
        campaign.utm_source,
        campaign.utm_medium,
        campaign.utm_campaign,
        known.hubspot_contact_id,
        campaign_member.lead_id as salesforce_lead_id,
        campaign_member.contact_id as salesforce_contact_id,
        cast(null as string) as session_id,
        coalesce(contact.account_id, lead.converted_account_id, known.account_id) as account_id
    from crm.campaign_member
    inner join crm.campaign on campaign_member.campaign_id = campaign.campaign_id
    left join crm.contact on campaign_member.contact_id = contact.contact_id
    left join crm.lead on campaign_member.lead_id = lead.lead_id
    left join known
        on
            known.known_by = if(campaign_member.contact_id is null, 'lead', 'contact')
            and coalesce(campaign_member.contact_id, campaign_member.lead_id) = known.id
    where contact.contact_id is not null or lead.lead_id is not null
),

visit as (
    select
        concat('visit/', campaign_visit.session_id) as touch_id,
        'visit' as touch_kind,
        campaign_visit.started_on as touched_on,
        true as is_response,
        campaign_visit.campaign_id,
        campaign_visit.utm_source,
        campaign_visit.utm_medium,
        campaign_visit.utm_campaign,
        known.hubspot_contact_id,
        cast(null as string) as salesforce_lead_id,
        cast(null as string) as salesforce_contact_id,
        campaign_visit.session_id,
        coalesce(known.account_id, campaign_visit.account_id) as account_id
    from marketing.campaign_visit
    left join known
        on
            campaign_visit.site = 'sourcegraph.com'
            and known.known_by = 'visitor'
            and campaign_visit.user_key = known.id
),

utm as (
    select
        concat('first touch/', hubspot_contact_id) as touch_id,
        'first touch' as touch_kind,
        coalesce(first_touchpoint_on, created_on) as touched_on,
        first_utm_source as utm_source,
        first_utm_medium as utm_medium,
        first_utm_campaign as utm_campaign,
        hubspot_contact_id,
        salesforce_lead_id,
        salesforce_contact_id,
        account_id
    from marketing.lead
    where first_utm_campaign is not null or first_utm_source is not null
    union all
    select
        concat('latest touch/', hubspot_contact_id) as touch_id,
        'latest touch' as touch_kind,
        latest_touchpoint_on as touched_on,
        latest_utm_source as utm_source,
        latest_utm_medium as utm_medium,
        latest_utm_campaign as utm_campaign,
        hubspot_contact_id,
        salesforce_lead_id,
        salesforce_contact_id,
        account_id
    from marketing.lead
    where
        (latest_utm_campaign is not null or latest_utm_source is not null)
        and not (
            coalesce(first_utm_source, '') = coalesce(latest_utm_source, '')
            and coalesce(first_utm_medium, '') = coalesce(latest_utm_medium, '')
            and coalesce(first_utm_campaign, '') = coalesce(latest_utm_campaign, '')
            and coalesce(latest_touchpoint_on = first_touchpoint_on, true)
        )
),

kept as (
    select
        utm.touch_id,
        utm.touch_kind,
        utm.touched_on,
        true as is_response,
        campaign.campaign_id,
        utm.utm_source,
        utm.utm_medium,
        utm.utm_campaign,
        utm.hubspot_contact_id,
        utm.salesforce_lead_id,
        utm.salesforce_contact_id,
        cast(null as string) as session_id,
        utm.account_id
    from utm
    left join crm.campaign
        on
            campaign.is_known_by_utm
            and coalesce(utm.utm_source, '') = coalesce(campaign.utm_source, '')
            and coalesce(utm.utm_medium, '') = coalesce(campaign.utm_medium, '')
            and utm.utm_campaign = campaign.utm_campaign
),

touch as (
    select *
    from member
    union all
    select *
    from visit
    union all
    select *
    from kept
),

influence as (
    select
        touch.touch_id,
        array_agg(opportunity_outcome.opportunity_id order by opportunity_outcome.opportunity_id) as opportunity_ids
    from touch
    cross join rule
    inner join sales.opportunity_outcome on touch.account_id = opportunity_outcome.account_id
    where
        touch.is_response
        and date_diff(opportunity_outcome.opened_on, touch.touched_on, day) between 0 and rule.influence_days
    group by touch.touch_id
)

select
    touch.touch_id,
    touch.touch_kind,
    touch.touched_on,
    touch.is_response,
    touch.campaign_id,
    campaign.campaign_name,
    campaign.campaign_type,
    touch.utm_source,
    touch.utm_medium,
    touch.utm_campaign,
    touch.hubspot_contact_id,
    touch.salesforce_lead_id,
    touch.salesforce_contact_id,
    touch.session_id,
    account.account_id,
    account.account_name,
    coalesce(influence.opportunity_ids, []) as influenced_opportunity_ids,
    coalesce(array_length(influence.opportunity_ids), 0) as influenced_opportunity_count
from touch
left join crm.campaign on touch.campaign_id = campaign.campaign_id
left join crm.account on touch.account_id = account.account_id
left join influence on touch.touch_id = influence.touch_id
