/*
description: |
  One row per day, website and origin of its visits (key: day_on, website, channel, source, medium, campaign).

  What Google Analytics counted on about., docs. and info.sourcegraph.com, with what people did there that counts (key
  events). Days are those of the property's own time zone. The newest seven days may still change: late hits, and visits
  whose origin is settled later (`is_settled` is false). Sessions, page views, seconds and key events add up over rows
  and days, but for a session that is in several rows; visitors do not.

  sourcegraph.com itself is not in it: its visits are in `events.session`.
owner: team:marketing
promise: {cron: "30 7 * * *", timezone: UTC, warn: 78h, fail: 90h}
key: [day_on, website, channel, source, medium, campaign]
lookup: [crm.campaign]
optional: [crm.campaign]
columns:
  day_on: {type: DATE, description: "Day, in the time zone of the property."}
  website: {type: STRING, description: "Host that was visited; `(not set)` where Google does not know."}
  channel: {type: STRING, description: "Channel by Google's own rules: Organic Search, Direct, Referral, Email, …"}
  source: {type: STRING, description: "Where the visit came from: google, (direct), newsletter, …"}
  medium: {type: STRING, description: "By what means it came: organic, cpc, email, referral, (none), …"}
  campaign: {type: STRING, description: "Campaign of the link, by its utm_campaign; (not set), … without one."}
  campaign_id: {type: STRING, description: "The same campaign in Salesforce; null where the link tells none, or two."}
  sessions: {type: INT64, description: "Visits."}
  engaged_sessions: {type: INT64, description: "Of these, over ten seconds, of two pages, or with a key event."}
  engaged_share: {type: FLOAT64, description: "The latter over the former, 0 to 1; null without visits."}
  visitors: {type: INT64, description: "Different visitors of the row; they do not add up."}
  new_visitors: {type: INT64, description: "Visitors who came for the first time; these add up."}
  page_views: {type: INT64, description: "Pages that were seen."}
  pages_per_session: {type: FLOAT64, description: "Page views over visits; null without visits."}
  engagement_seconds: {type: FLOAT64, description: "Seconds for which a page was in front."}
  lead_forms: {type: FLOAT64, description: "Forms that made a lead (generate_lead); parts of one by attribution."}
  demo_requests: {type: FLOAT64, description: "Demos asked for (request_demo)."}
  trial_starts: {type: FLOAT64, description: "Trials started (start_trial)."}
  newsletter_subscriptions: {type: FLOAT64, description: "Subscriptions of the newsletter (newsletter_subscribe)."}
  sign_up_clicks: {type: FLOAT64, description: "Clicks that lead to signing up on sourcegraph.com (click_sign_up)."}
  key_events: {type: FLOAT64, description: "All key events, others included."}
  is_settled: {type: BOOL, description: "Whether the day's numbers do not change any more."}
  is_incomplete: {type: BOOL, description: "Whether Google may have withheld rows of few people on this day."}
  is_estimated: {type: BOOL, description: "Whether Google estimated the numbers from a part of the events."}
*/
with
rule as (
    select 7 as unsettled_days
),

counted as (
    select
        day_on,
        host_name,
        channel_group,
        source,
        medium,
        campaign,
        sessions,
        engaged_sessions,
        total_users,
        new_users,
        page_views,
        engagement_seconds,
        cast(null as string) as event_name,
        0.0 as key_events,
        is_thresholded,
        events_read is not null as is_estimated
    from raw_google_analytics.traffic_day
    where _deleted_at is null
    union all
    select
        day_on,
        host_name,
        channel_group,
        source,
        medium,
        campaign,
        0 as sessions,
        0 as engaged_sessions,
        0 as total_users,
        0 as new_users,
        0 as page_views,
        0.0 as engagement_seconds,
        event_name,
        key_events,
        is_thresholded,
        events_read is not null as is_estimated
    from raw_google_analytics.conversion_day
    where _deleted_at is null
),

summed as (
    select
        day_on,
        host_name as website,
        channel_group as channel,
        source,
        medium,
        campaign,
        sum(sessions) as sessions,
        sum(engaged_sessions) as engaged_sessions,
        sum(total_users) as visitors,
        sum(new_users) as new_visitors,
        sum(page_views) as page_views,
        sum(engagement_seconds) as engagement_seconds,
        sum(if(event_name = 'generate_lead', key_events, 0.0)) as lead_forms,
        sum(if(event_name = 'request_demo', key_events, 0.0)) as demo_requests,
        sum(if(event_name = 'start_trial', key_events, 0.0)) as trial_starts,
        sum(if(event_name = 'newsletter_subscribe', key_events, 0.0)) as newsletter_subscriptions,
        sum(if(event_name = 'click_sign_up', key_events, 0.0)) as sign_up_clicks,
        sum(key_events) as key_events,
        logical_or(coalesce(is_thresholded, false)) as is_incomplete,
        logical_or(is_estimated) as is_estimated
    from counted
    group by day_on, website, channel, source, medium, campaign
),

newest as (
    select max(day_on) as day_on
    from summed
)

select
    summed.day_on,
    summed.website,
    summed.channel,
    summed.source,
    summed.medium,
    summed.campaign,
    campaign.campaign_id,
    summed.sessions,
    summed.engaged_sessions,
    safe_divide(summed.engaged_sessions, summed.sessions) as engaged_share,
    summed.visitors,
    summed.new_visitors,
    summed.page_views,
    safe_divide(summed.page_views, summed.sessions) as pages_per_session,
    summed.engagement_seconds,
    summed.lead_forms,
    summed.demo_requests,
    summed.trial_starts,
    summed.newsletter_subscriptions,
    summed.sign_up_clicks,
    summed.key_events,
    date_diff(newest.day_on, summed.day_on, day) >= rule.unsettled_days as is_settled,
    summed.is_incomplete,
    summed.is_estimated
from summed
cross join newest
cross join rule
left join crm.campaign
    on
        campaign.is_known_by_utm
        and lower(summed.source) = coalesce(campaign.utm_source, '')
        and lower(summed.medium) = coalesce(campaign.utm_medium, '')
        and lower(summed.campaign) = campaign.utm_campaign
