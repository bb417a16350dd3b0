/*
description: |
  One row per event that Amplitude is to be sent (key: event_on, insert_id).

  What of `events.event` goes to product analytics, and how it is called there. Every event goes, but:

  * those whose name is on the deny-list, which is written below, in `denied`;
  * those that nobody can be named for: Amplitude takes none without a user or a device.

  Events of sourcegraph.com go to the project `Dotcom`, those of managed instances to `Managed instances`. Data there
  cannot be changed, so an event is sent once, as it was then; `insert_id` is the same however often it is built.

  Names are in Proper Case: `SearchResultsFetched` is "Search Results Fetched", `codeintel.lsifHover` "Codeintel Lsif
  Hover"; the name that was logged is among the properties. No e-mail address is sent: people are numbers of their
  instance, and what looks like an address in any property is taken out. Pages are sent without what follows the `?`,
  and only those of sourcegraph.com.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [event_on, insert_id]
partition: event_on
open_days: 7
cluster: [project, event_type]
columns:
  event_on: {type: DATE, description: "UTC day of the event."}
  insert_id: {type: STRING, description: "By which Amplitude takes an event once: the `event_id` of `events.event`."}
  project: {type: STRING, description: "Amplitude's project: `Dotcom` or `Managed instances`."}
  event_type: {type: STRING, description: "What happened, in Proper Case, such as Search Results Fetched."}
  event_at: {type: TIMESTAMP, description: "When it happened, by the clock of the instance."}
  arrived_at: {type: TIMESTAMP, description: "End of the hour in which it was delivered to us."}
  user_id:
    type: STRING
    class: pseudonymous
    description: "The signed-in user: site, a slash, and the user's number there; null for a visitor."
  device_id:
    type: STRING
    class: pseudonymous
    description: "The visitor: site, a slash, and the browser's id; null for a signed-in user."
  app_version: {type: STRING, description: "Version of Sourcegraph that logged it."}
  event_properties:
    type: JSON
    description: "Of the event: the name as it was logged, what sent it, the instance, and its public argument."
  user_properties:
    type: JSON
    class: pseudonymous
    description: "Of the user: whether signed in, the week of the first visit, and the pages that led here."
  ab_groups: {type: JSON, description: "Of the user: feature flags by name, which are the groups of A/B tests."}
*/
with
denied as (
    select event_name
    from unnest([
        -- how long a search took, beside the event of the search itself
        'search.latencies.literal',
        'search.latencies.regexp',
        'search.latencies.symbol',
        'search.latencies.repo',
        'search.latencies.commit',
        'search.latencies.diff',
        'search.latencies.file',
        'search.latencies.structural',
        'search.latencies.frontend.code-load',
        -- what the page does by itself, whenever it is opened
        'HomepageInvitationsViewEmpty',
        'RecentFilesPanelLoaded',
        'RecentSearchesPanelLoaded',
        'RepositoriesPanelLoaded',
        'SavedSearchesPanelLoaded',
        -- what follows every movement of the mouse
        'codeintel.lsifDocumentHighlight',
        'codeintel.searchDocumentHighlight'
    ]) as event_name
),

-- what an e-mail address looks like, also as part of a page's address
pattern as (
    select
        r'[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2,}' as email,
        r'[?#].*$' as query
),

chosen as (
    select event.*
    from events.event
    left join denied on event.event_name = denied.event_name
    where denied.event_name is null and event.user_key is not null and event.event_name is not null
),

spaced as (
    select distinct
        event_name,
        trim(regexp_replace(
            regexp_replace(
                regexp_replace(event_name, r'([a-z0-9])([A-Z])', r'\1 \2'), r'([A-Z])([A-Z][a-z])', r'\1 \2'
            ),
            r'[^A-Za-z0-9]+',
            ' '
        )) as words
    from chosen
),

proper as (
    select
        spaced.event_name,
        string_agg(concat(upper(substr(word, 1, 1)), lower(substr(word, 2))), ' ' order by place) as event_type
    from spaced
    cross join unnest(split(spaced.words, ' ')) as word with offset as place
    group by spaced.event_name
)

select
    chosen.event_on,
    chosen.event_id as insert_id,
    if(chosen.stream = 'dotcom', 'Dotcom', 'Managed instances') as project,
    proper.event_type,
    chosen.event_at,
    chosen.arrived_at,
    if(chosen.is_registered, concat(chosen.site, '/', chosen.user_key), null) as user_id,
    if(chosen.is_registered, null, concat(chosen.site, '/', chosen.user_key)) as device_id,
    chosen.version as app_version,
    parse_json(regexp_replace(
        concat(
            '{"Logged Name":',
            to_json_string(chosen.event_name),
            ',"Source":',
            to_json_string(chosen.event_source),
            ',"Site":',
            to_json_string(chosen.site),
            ',"Details":',
            coalesce(to_json_string(chosen.public_argument), 'null'),
            '}'
        ),
        pattern.email,
        'e-mail removed'
    )) as event_properties,
    parse_json(regexp_replace(
        concat(
            '{"Is Registered":',
            if(chosen.is_registered, 'true', 'false'),
            ',"First Seen Week":',
            to_json_string(cast(chosen.cohort_on as string)),
            ',"First Page":',
            to_json_string(if(
                chosen.stream = 'dotcom', regexp_replace(chosen.first_source_url, pattern.query, ''), null
            )),
            ',"Referrer":',
            to_json_string(if(chosen.stream = 'dotcom', regexp_replace(chosen.referrer, pattern.query, ''), null)),
            '}'
        ),
        pattern.email,
        'e-mail removed'
    )) as user_properties,
    chosen.feature_flags as ab_groups
from chosen
inner join proper on chosen.event_name = proper.event_name
cross join pattern
