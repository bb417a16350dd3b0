/*
description: |
  One row per tag, trigger and variable of the company's websites, live or gone (key: container_id, kind, element_id).

  As it was last published. How it became so is in `marketing.tag_change`.
owner: team:marketing
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [container_id, kind, element_id]
columns:
  container_id: {type: STRING, description: "Number of the container."}
  container_name: {type: STRING, description: "Name of the container, usually that of its website."}
  container_public_id: {type: STRING, description: "Name by which websites load it: GTM-…"}
  kind: {type: STRING, description: "`tag`, `trigger` or `variable`."}
  element_id: {type: STRING, description: "Number of the tag, trigger or variable within its container."}
  element_name: {type: STRING, description: "Name of the tag, trigger or variable."}
  element_type: {type: STRING, description: "Its type: gaawe (Analytics event), awct (Ads conversion), html, …"}
  is_live: {type: BOOL, description: "Whether it is in what is published now; paused tags are."}
  is_paused: {type: BOOL, description: "Whether a tag fires no more for the time being; false for the others."}
  is_firing: {type: BOOL, description: "Whether a tag is live, not paused and has a live trigger; null for the others."}
  fired_by: {type: ARRAY<STRING>, description: "Names of the triggers that fire a tag, in alphabetical order."}
  fired_tag_count: {type: INT64, description: "Live tags that a trigger fires; null for the others."}
  last_saved_at: {type: TIMESTAMP, description: "When it was last saved; null where Tag Manager does not tell."}
  removed_at: {type: TIMESTAMP, description: "When it was first found live no more; null while it is live."}
  known_state_count: {type: INT64, description: "States in which we found it; 1 while it was not changed since."}
*/
with
newest as (
    select *
    from marketing.tag_state
    where is_newest
),

fires as (
    select
        tag.container_id,
        tag.element_id as tag_id,
        tag.gone_at is null as is_live_tag,
        trigger_id
    from newest as tag
    cross join unnest(tag.firing_trigger_ids) as trigger_id
    where tag.kind = 'tag'
),

named as (
    select
        fires.container_id,
        fires.tag_id,
        fires.trigger_id,
        fires.is_live_tag,
        firing.element_name,
        firing.element_id is not null and firing.gone_at is null as is_live_trigger
    from fires
    left join newest as firing
        on
            fires.container_id = firing.container_id
            and fires.trigger_id = firing.element_id
            and firing.kind = 'trigger'
),

by_tag as (
    select
        container_id,
        tag_id,
        array_agg(coalesce(element_name, trigger_id) order by coalesce(element_name, trigger_id)) as fired_by,
        logical_or(is_live_trigger) as has_live_trigger
    from named
    group by container_id, tag_id
),

by_trigger as (
    select
        container_id,
        trigger_id,
        countif(is_live_tag) as tag_count
    from named
    group by container_id, trigger_id
)

select
    newest.container_id,
    newest.container_name,
    newest.container_public_id,
    newest.kind,
    newest.element_id,
    newest.element_name,
    newest.element_type,
    newest.gone_at is null as is_live,
    newest.is_paused,
    if(
        newest.kind = 'tag',
        newest.gone_at is null and not newest.is_paused and coalesce(by_tag.has_live_trigger, false),
        null
    ) as is_firing,
    coalesce(by_tag.fired_by, []) as fired_by,
    if(newest.kind = 'trigger', coalesce(by_trigger.tag_count, 0), null) as fired_tag_count,
    newest.saved_at as last_saved_at,
    newest.gone_at as removed_at,
    newest.state_number as known_state_count
from newest
left join by_tag
    on newest.kind = 'tag' and newest.container_id = by_tag.container_id and newest.element_id = by_tag.tag_id
left join by_trigger
    on
        newest.kind = 'trigger'
        and newest.container_id = by_trigger.container_id
        and newest.element_id = by_trigger.trigger_id
