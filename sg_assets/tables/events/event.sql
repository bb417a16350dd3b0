/*
description: |
  One row per event of sourcegraph.com and of managed instances, each once (key: event_on, event_id).

  The one place where deliveries become events:

  * Delivery is at least once. Deliveries with the same site and `insert_id` are one event; without an
    `insert_id`, those with the same site, name, user, source, time and public argument. The first to arrive is kept.
  * Left out is what counts for nothing, by the rule of `events.excluded_event`: what servers and our own people did.
    How much that is by day and reason is in `events.excluded_event_day`.
  * Kept, but without making its user active: signing in, out and up, and the like (`is_active_use` is false).
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [event_on, event_id]
partition: event_on
open_days: 7
cluster: [site, event_name]
columns:
  event_on: {type: DATE, description: "UTC day of the event."}
  event_id:
    type: STRING
    description: "Site, a slash, and the `insert_id`, else a hash of what identifies it: the same in every delivery."
  delivery_count: {type: INT64, description: "How often it was delivered; 1 unless it came again."}
  event_at: {type: TIMESTAMP, description: "When it happened, by the clock of the instance."}
  arrived_at:
    type: TIMESTAMP
    description: "End of the hour in which it was delivered first, by the name of the object that it came in."
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  event_name: {type: STRING, description: "What happened, such as SearchResultsFetched."}
  user_key:
    type: STRING
    class: pseudonymous
    description: "Who did it, on this site: `user:` and the user's number, else `anonymous:` and the browser's id."
  is_registered: {type: BOOL, description: "Whether the user was signed in."}
  is_active_use:
    type: BOOL
    description: "Whether the event makes its user an active one: all do but signing in, out or up."
  event_source: {type: STRING, description: "What sent it: WEB, BACKEND, CODEHOSTINTEGRATION or IDEEXTENSION."}
  version: {type: STRING, description: "Version of Sourcegraph that logged it."}
  license_key_sha256:
    type: STRING
    class: pseudonymous
    description: "SHA-256 of the instance's licence key; null for sourcegraph.com."
  first_source_url:
    type: STRING
    class: pseudonymous
    description: "Page on which the visitor arrived the first time."
  last_source_url:
    type: STRING
    class: pseudonymous
    description: "Page on which the visitor arrived the last time; managed only."
  referrer: {type: STRING, class: pseudonymous, description: "Page that led to the visit; null where there was none."}
  cohort_on: {type: DATE, description: "Monday of the week in which the visitor was first seen; null where unknown."}
  feature_flags: {type: JSON, description: "Feature flags that were on for the user, by name."}
  public_argument: {type: JSON, description: "Details of the event that may leave the instance."}
*/
with
delivery as (
    select
        'dotcom' as stream,
        'sourcegraph.com' as site,
        cast(null as string) as insert_id,
        name,
        user_id,
        anonymous_user_id,
        source,
        timestamp,
        version,
        cast(null as string) as license_key_sha256,
        first_source_url,
        cast(null as string) as last_source_url,
        referrer,
        cohort_id,
        feature_flags,
        public_argument,
        _object,
        _line,
        _item
    from raw_events.dotcom_event
    union all
    select
        'managed' as stream,
        coalesce(site_id, 'unknown') as site,
        nullif(insert_id, '') as insert_id,
        name,
        user_id,
        anonymous_user_id,
        source,
        timestamp,
        version,
        license_key_sha256,
        first_source_url,
        last_source_url,
        referrer,
        cohort_id,
        feature_flags,
        public_argument,
        _object,
        _line,
        _item
    from raw_events.managed_event
),

counting as (
    select delivery.*
    from delivery
    left join events.excluded_event
        on
            delivery.stream = excluded_event.stream
            and delivery._object = excluded_event.raw_object
            and delivery._line = excluded_event.raw_line
            and delivery._item = excluded_event.raw_item
    where excluded_event.reason is null
),

identified as (
    select
        *,
        date(timestamp) as event_on,
        concat(
            site,
            '/',
            coalesce(
                insert_id,
                to_hex(sha256(concat(
                    coalesce(name, ''),
                    ' ',
                    coalesce(cast(user_id as string), ''),
                    ' ',
                    coalesce(anonymous_user_id, ''),
                    ' ',
                    coalesce(source, ''),
                    ' ',
                    cast(unix_micros(timestamp) as string),
                    ' ',
                    if(public_argument is null, '', to_json_string(public_argument))
                )))
            )
        ) as event_id
    from counting
)

select
    event_on,
    event_id,
    count(*) over (partition by event_on, event_id) as delivery_count,
    timestamp as event_at,
    timestamp_add(
        timestamp(regexp_replace(
            regexp_extract(_object, r'/(\d{4}-\d\d-\d\d/\d\d)/'), r'^(.*)/(.*)$', r'\1 \2:00:00+00'
        )),
        interval 1 hour
    ) as arrived_at,
    stream,
    site,
    name as event_name,
    case
        when user_id > 0 then concat('user:', cast(user_id as string))
        else concat('anonymous:', nullif(anonymous_user_id, ''))
    end as user_key,
    coalesce(user_id > 0, false) as is_registered,
    coalesce(name not in (
        'ViewSignIn', 'ViewSignUp', 'SignOutAttempted', 'SignOutFailed', 'SignOutSucceeded', 'SignInAttempted',
        'SignInFailed', 'SignInSucceeded', 'PasswordResetRequested', 'PasswordRandomized', 'PasswordChanged',
        'EmailVerified', 'ExternalAuthSignupFailed', 'ExternalAuthSignupSucceeded'
    ), false) as is_active_use,
    source as event_source,
    version,
    license_key_sha256,
    first_source_url,
    last_source_url,
    referrer,
    cohort_id as cohort_on,
    feature_flags,
    public_argument
from identified
qualify row_number() over (
    partition by event_on, event_id
    order by _object, _line, _item
) = 1
