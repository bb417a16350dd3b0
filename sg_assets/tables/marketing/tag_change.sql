/*
description: |
  One row per change of a tag, trigger or variable (key: container_id, kind, element_id, change_number).

  For who asks why a number on a website jumped: what was published around then. The first row of each is `first found`:
  it may be older than our first reading. Later ones say what is different; the last one that it was removed, if it was.
owner: team:marketing
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [container_id, kind, element_id, change_number]
columns:
  container_id: {type: STRING, description: "Number of the container."}
  container_name: {type: STRING, description: "Name of the container, usually that of its website."}
  kind: {type: STRING, description: "`tag`, `trigger` or `variable`."}
  element_id: {type: STRING, description: "Number of the tag, trigger or variable within its container."}
  change_number: {type: INT64, description: "Which change of it this is that we know of, from 1."}
  change: {type: STRING, description: "`first found`, `changed`, `paused`, `resumed` or `removed`."}
  changed_at:
    type: TIMESTAMP
    description: "When it was saved so; of a removal, when we first found it gone, up to a day later."
  element_name: {type: STRING, description: "Its name after the change; before it, of a removal."}
  former_name: {type: STRING, description: "Its name before the change, where that is another one."}
  element_type: {type: STRING, description: "Its type: gaawe (Analytics event), awct (Ads conversion), html, …"}
  what_changed:
    type: ARRAY<STRING>
    description: "Of `name`, `type`, `paused`, `triggers`, `settings`: what is different; empty when saved unchanged."
*/
with
compared as (
    select
        *,
        array_to_string(firing_trigger_ids, ',') as triggers,
        lag(element_name) over state as former_name,
        lag(element_type) over state as former_type,
        lag(is_paused) over state as was_paused,
        lag(array_to_string(firing_trigger_ids, ',')) over state as former_triggers,
        lag(settings_sha256) over state as former_settings
    from marketing.tag_state
    window state as (partition by container_id, kind, element_id order by state_number)
)

select
    container_id,
    container_name,
    kind,
    element_id,
    state_number as change_number,
    case
        when state_number = 1 then 'first found'
        when is_paused and not was_paused then 'paused'
        when was_paused and not is_paused then 'resumed'
        else 'changed'
    end as change,
    saved_at as changed_at,
    element_name,
    if(state_number > 1 and former_name != element_name, former_name, null) as former_name,
    element_type,
    if(
        state_number = 1,
        cast([] as array<string>),
        array(
            select part
            from
                unnest([
                    if(coalesce(former_name, '') != coalesce(element_name, ''), 'name', ''),
                    if(coalesce(former_type, '') != coalesce(element_type, ''), 'type', ''),
                    if(was_paused != is_paused, 'paused', ''),
                    if(coalesce(former_triggers, '') != coalesce(triggers, ''), 'triggers', ''),
                    if(coalesce(former_settings, '') != coalesce(settings_sha256, ''), 'settings', '')
                ]) as part
                with offset as place
            where part != ''
            order by place
        )
    ) as what_changed
from compared
union all
select
    container_id,
    container_name,
    kind,
    element_id,
    state_number + 1 as change_number,
    'removed' as change,
    gone_at as changed_at,
    element_name,
    cast(null as string) as former_name,
    element_type,
    cast([] as array<string>) as what_changed
from compared
where is_newest and gone_at is not null
