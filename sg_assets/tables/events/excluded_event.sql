/*
description: |
  One row per delivered event that counts for nothing, and why (key: event_on, stream, raw_object, raw_line, raw_item).

  The one place for what is left out of `events.event`, the first reason that holds:

  1. `server`: the server itself logged it (anonymous user id `backend`), nobody did it.
  2. `operator`: one of Sourcegraph's operators did it on a customer's instance, which is marked in the event since 4.3.
  3. `our administrator`: user 1 of an instance whose first administrator has an address of ours: the account that we
     set it up with, also before 4.3.
  4. `our own people`: on sourcegraph.com, somebody with an account of ours (`events.internal_user`, which knows nobody
     without a connection to the production database).

  Events carry no usernames, so other accounts of ours that older instances know by name (managed-…,
  sourcegraph-management-…) cannot be told apart. Deliveries of one event more than once are no matter of this table.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [event_on, stream, raw_object, raw_line, raw_item]
partition: event_on
open_days: 7
lookup: [events.internal_user]
optional: [events.internal_user]
columns:
  event_on: {type: DATE, description: "UTC day of the event."}
  stream: {type: STRING, description: "`dotcom` (sourcegraph.com) or `managed` (managed instances)."}
  site: {type: STRING, class: pseudonymous, description: "Identifier of the instance, or `sourcegraph.com`."}
  event_name: {type: STRING, description: "What happened, such as SearchResultsFetched."}
  reason: {type: STRING, description: "`server`, `operator`, `our administrator` or `our own people`."}
  raw_object: {type: STRING, description: "Where it stands in the raw table of the stream: the object."}
  raw_line: {type: INT64, description: "Where it stands in the raw table of the stream: the line of the object."}
  raw_item: {type: INT64, description: "Where it stands in the raw table of the stream: the place within the line."}
*/
with
delivery as (
    select
        'dotcom' as stream,
        'sourcegraph.com' as site,
        dotcom_event.name,
        dotcom_event.timestamp,
        dotcom_event.anonymous_user_id,
        dotcom_event.public_argument,
        false as is_our_administrator,
        internal_user.user_id is not null as is_our_own,
        dotcom_event._object,
        dotcom_event._line,
        dotcom_event._item
    from raw_events.dotcom_event
    left join events.internal_user on dotcom_event.user_id = internal_user.user_id
    union all
    select
        'managed' as stream,
        coalesce(site_id, 'unknown') as site,
        name,
        timestamp,
        anonymous_user_id,
        public_argument,
        user_id = 1 and ends_with(lower(coalesce(initial_admin_email, '')), '@sourcegraph.com') as is_our_administrator,
        false as is_our_own,
        _object,
        _line,
        _item
    from raw_events.managed_event
),

judged as (
    select
        *,
        case
            when anonymous_user_id = 'backend' then 'server'
            when json_value(public_argument, '$.sourcegraph_operator') = 'true' then 'operator'
            when is_our_administrator then 'our administrator'
            when is_our_own then 'our own people'
        end as reason
    from delivery
)

select
    date(timestamp) as event_on,
    stream,
    site,
    name as event_name,
    reason,
    _object as raw_object,
    _line as raw_line,
    _item as raw_item
from judged
where reason is not null
