/*
description: |
  One row per state in which a tag, trigger or variable was live (key: container_id, kind, element_id, fingerprint).

  The one place where Tag Manager's three lists are cleaned; what is live now is in `marketing.tag_inventory`, what was
  changed in `marketing.tag_change`. Of versions published and replaced between two readings (daily) only the last one
  was found. A fingerprint is the time of saving in milliseconds; one that is no number gives no time.
owner: team:marketing
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [container_id, kind, element_id, fingerprint]
columns:
  container_id: {type: STRING, description: "Number of the container."}
  container_name: {type: STRING, description: "Name of the container, usually that of its website."}
  container_public_id: {type: STRING, description: "Name by which websites load it: GTM-…"}
  kind: {type: STRING, description: "`tag`, `trigger` or `variable`."}
  element_id: {type: STRING, description: "Number of the tag, trigger or variable within its container."}
  fingerprint: {type: STRING, description: "Mark of the state: another one whenever it is saved."}
  state_number: {type: INT64, description: "Which of its states that we found this is, from 1."}
  is_newest: {type: BOOL, description: "Whether it is the newest one that we found."}
  saved_at: {type: TIMESTAMP, description: "When it was saved in this state; null where the fingerprint is no time."}
  gone_at: {type: TIMESTAMP, description: "When it was first found live no more; null while it is live."}
  element_name: {type: STRING, description: "Name of the tag, trigger or variable."}
  element_type: {type: STRING, description: "Its type: gaawe (Analytics event), awct (Ads conversion), html, …"}
  is_paused: {type: BOOL, description: "Whether a tag fires no more for the time being; false for the others."}
  firing_trigger_ids: {type: ARRAY<STRING>, description: "Triggers that fire a tag; empty for the others."}
  settings_sha256:
    type: STRING
    description: "SHA-256 of all its other settings that we keep: another one where any of them is."
*/
with
element as (
    select
        container_id,
        'tag' as kind,
        tag_id as element_id,
        fingerprint,
        name,
        type,
        is_paused,
        firing_trigger_ids,
        array_to_string(blocking_trigger_ids, ',') as blocked_by,
        firing_option,
        folder_id,
        notes,
        parameters,
        settings,
        _deleted_at
    from raw_google_tag_manager.tag
    union all
    select
        container_id,
        'trigger' as kind,
        trigger_id as element_id,
        fingerprint,
        name,
        type,
        false as is_paused,
        cast([] as array<string>) as firing_trigger_ids,
        '' as blocked_by,
        '' as firing_option,
        folder_id,
        notes,
        parameters,
        settings,
        _deleted_at
    from raw_google_tag_manager.trigger
    union all
    select
        container_id,
        'variable' as kind,
        variable_id as element_id,
        fingerprint,
        name,
        type,
        false as is_paused,
        cast([] as array<string>) as firing_trigger_ids,
        '' as blocked_by,
        '' as firing_option,
        folder_id,
        notes,
        parameters,
        settings,
        _deleted_at
    from raw_google_tag_manager.variable
),

timed as (
    select
        *,
        safe_cast(fingerprint as int64) as saved_millis
    from element
),

numbered as (
    select
        *,
        row_number() over state as state_number,
        lead(fingerprint) over state is null as is_newest
    from timed
    window state as (partition by container_id, kind, element_id order by saved_millis, fingerprint)
)

select
    numbered.container_id,
    container.name as container_name,
    container.public_id as container_public_id,
    numbered.kind,
    numbered.element_id,
    numbered.fingerprint,
    numbered.state_number,
    numbered.is_newest,
    timestamp_millis(numbered.saved_millis) as saved_at,
    numbered._deleted_at as gone_at,
    numbered.name as element_name,
    numbered.type as element_type,
    coalesce(numbered.is_paused, false) as is_paused,
    coalesce(numbered.firing_trigger_ids, []) as firing_trigger_ids,
    to_hex(sha256(concat(
        coalesce(numbered.blocked_by, ''),
        ' ',
        coalesce(numbered.firing_option, ''),
        ' ',
        coalesce(numbered.folder_id, ''),
        ' ',
        coalesce(numbered.notes, ''),
        ' ',
        if(numbered.parameters is null, '', to_json_string(numbered.parameters)),
        ' ',
        if(numbered.settings is null, '', to_json_string(numbered.settings))
    ))) as settings_sha256
from numbered
left join raw_google_tag_manager.container on numbered.container_id = container.container_id
