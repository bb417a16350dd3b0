/*
description: |
  One row per user and UTC day on which they did anything (key: day_on, site, user_key).

  A user is one per site: the number of the signed-in user, else the browser. Somebody who signs up counts twice on that
  day, once before and once after, as in all of our figures. Events that nobody can be named for are left out.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, site, user_key]
partition: day_on
open_days: 7
cluster: [site]
columns:
  day_on: {type: DATE, description: "UTC day of the events."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  user_key: {type: STRING, class: pseudonymous, description: "The user on this site, as in `events.event`."}
  is_registered: {type: BOOL, description: "Whether the user was signed in."}
  is_active:
    type: BOOL
    description: "Whether anything that they did makes them an active user; signing in alone does not."
  has_used_integration: {type: BOOL, description: "Whether any of it came through a code host integration."}
  event_count: {type: INT64, description: "Events of the user on the day."}
  active_event_count: {type: INT64, description: "Of these, the ones that make a user active."}
  search_count: {type: INT64, description: "Of these, searches whose results were shown (SearchResultsFetched)."}
  first_seen_week_on:
    type: DATE
    description: "Monday of the week in which the browser first came, as it remembers; null where it does not."
  first_event_at: {type: TIMESTAMP, description: "First event of the user on the day."}
  last_event_at: {type: TIMESTAMP, description: "Last event of the user on the day."}
*/
select
    event_on as day_on,
    stream,
    site,
    user_key,
    is_registered,
    countif(is_active_use) > 0 as is_active,
    countif(is_active_use and event_source = 'CODEHOSTINTEGRATION') > 0 as has_used_integration,
    count(*) as event_count,
    countif(is_active_use) as active_event_count,
    countif(event_name = 'SearchResultsFetched') as search_count,
    min(cohort_on) as first_seen_week_on,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from events.event
where user_key is not null
group by day_on, stream, site, user_key, is_registered
