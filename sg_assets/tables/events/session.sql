/*
description: |
  One row per visit of a user to the web app (key: started_on, session_id).

  A visit ends when its user did nothing for 30 minutes, also across midnight; what follows is another one. It belongs
  to the UTC day of its first event, and goes on at most to the end of the next day. Only events of the web app count:
  the integrations of code hosts and editors act in other pages. Events carry no session id, or it would be used.

  *New* is a visit on the day on which the visitor was seen the first time: in the week that its cookie names, with no
  event on an earlier day of it. Where an instance sends no such week, it is unknown.

  The address of a page leaves neither stream; the page on which a visit began is known from the newest address on which
  the visitor arrived from elsewhere (managed instances), or, on a new visit, from the first one ever.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [started_on, session_id]
partition: started_on
open_days: 7
cluster: [site]
days: {events.event: -1..1, product.user_day: -6..0}
columns:
  started_on: {type: DATE, description: "UTC day of the first event."}
  session_id: {type: STRING, description: "The `event_id` of its first event."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  user_key: {type: STRING, class: pseudonymous, description: "The user on this site, as in `events.event`."}
  is_registered: {type: BOOL, description: "Whether the user was signed in."}
  started_at: {type: TIMESTAMP, description: "When the first event happened."}
  ended_at: {type: TIMESTAMP, description: "When the last event happened."}
  duration_seconds: {type: INT64, description: "Seconds between the two; 0 for a visit of one event."}
  event_count: {type: INT64, description: "Events of the visit."}
  page_view_count: {type: INT64, description: "Of these, views of a page: those named View… or …Viewed."}
  search_count: {type: INT64, description: "Of these, searches whose results were shown (SearchResultsFetched)."}
  is_new: {type: BOOL, description: "Whether the visitor was first seen on this day; null when unknown."}
  referrer:
    type: STRING
    class: pseudonymous
    description: "Page elsewhere that led to the visit; null where there was none, and for pages of ours."
  referrer_host: {type: STRING, description: "Host of that page, such as www.google.com; in lower case."}
  first_url:
    type: STRING
    class: pseudonymous
    description: "Page on which the visit began, where it is known."
  utm_source: {type: STRING, description: "Where a campaign's link stood, from that page's address; as written there."}
  utm_medium: {type: STRING, description: "How the campaign reached the visitor, such as email or cpc."}
  utm_campaign: {type: STRING, description: "Name of the campaign."}
  utm_term: {type: STRING, description: "Word that was searched for, in paid search."}
  utm_content: {type: STRING, description: "Which link or picture of the campaign it was."}
*/
with
threshold as (
    select 30 * 60 as idle_seconds
),

ordered as (
    select
        *,
        lag(event_at) over (partition by site, user_key order by event_at, event_id) as previous_at
    from events.event
    where event_source = 'WEB' and user_key is not null
),

marked as (
    select
        ordered.*,
        coalesce(
            timestamp_diff(ordered.event_at, ordered.previous_at, second) >= threshold.idle_seconds, true
        ) as is_first
    from ordered
    cross join threshold
),

numbered as (
    select
        *,
        countif(is_first) over (
            partition by site, user_key
            order by event_at, event_id
            rows between unbounded preceding and current row
        ) as number
    from marked
),

first_event as (
    select *
    from numbered
    where is_first
),

session as (
    select
        first_event.site,
        first_event.user_key,
        first_event.number,
        max(numbered.event_at) as ended_at,
        count(*) as event_count,
        countif(
            starts_with(numbered.event_name, 'View') or ends_with(numbered.event_name, 'Viewed')
        ) as page_view_count,
        countif(numbered.event_name = 'SearchResultsFetched') as search_count
    from first_event
    inner join numbered
        on
            first_event.site = numbered.site
            and first_event.user_key = numbered.user_key
            and first_event.number = numbered.number
    where date_diff(numbered.event_on, first_event.event_on, day) <= 1
    group by first_event.site, first_event.user_key, first_event.number
),

first_day as (
    select
        site,
        user_key,
        date_trunc(day_on, isoweek) as week_on,
        min(day_on) as first_on
    from product.user_day
    group by site, user_key, week_on
),

described as (
    select
        first_event.*,
        session.ended_at,
        session.event_count,
        session.page_view_count,
        session.search_count,
        if(
            first_event.cohort_on is null,
            null,
            first_event.cohort_on = first_day.week_on and first_event.event_on = first_day.first_on
        ) as is_new
    from session
    inner join first_event
        on
            session.site = first_event.site
            and session.user_key = first_event.user_key
            and session.number = first_event.number
    left join first_day
        on
            first_event.site = first_day.site
            and first_event.user_key = first_day.user_key
            and date_trunc(first_event.event_on, isoweek) = first_day.week_on
),

arrived as (
    select
        *,
        if(
            regexp_contains(lower(net.host(referrer)), r'(?:^|\.)sourcegraph\.com$'), null, nullif(referrer, '')
        ) as outer_referrer,
        coalesce(nullif(last_source_url, ''), if(is_new, nullif(first_source_url, ''), null)) as first_url
    from described
)

select
    event_on as started_on,
    event_id as session_id,
    stream,
    site,
    user_key,
    is_registered,
    event_at as started_at,
    ended_at,
    timestamp_diff(ended_at, event_at, second) as duration_seconds,
    event_count,
    page_view_count,
    search_count,
    is_new,
    outer_referrer as referrer,
    lower(net.host(outer_referrer)) as referrer_host,
    first_url,
    regexp_extract(first_url, r'[?&]utm_source=([^&#]+)') as utm_source,
    regexp_extract(first_url, r'[?&]utm_medium=([^&#]+)') as utm_medium,
    regexp_extract(first_url, r'[?&]utm_campaign=([^&#]+)') as utm_campaign,
    regexp_extract(first_url, r'[?&]utm_term=([^&#]+)') as utm_term,
    regexp_extract(first_url, r'[?&]utm_content=([^&#]+)') as utm_content
from arrived
