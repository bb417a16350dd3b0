/*
description: |
  One row per dashboard or look in Looker that is not in the bin: who owns it, when it was last used, and which tables
  it reads (key: content_type, content_id).

  A dashboard reads what its tiles read, the looks among them too; text has no tables. Tables are those of the explores
  behind, without a project. Of a dashboard that is written in LookML neither its use nor its tiles are told.
owner: team:analytics
promise: {cron: "35 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [content_type, content_id]
lookup: [operations.looker_access]
columns:
  content_type: {type: STRING, description: "`dashboard` or `look`."}
  content_id: {type: STRING, description: "Looker's id: the number in the address of its page."}
  title: {type: STRING, description: "Title."}
  folder: {type: STRING, description: "Name of the folder that it is in."}
  board_titles: {type: ARRAY<STRING>, description: "Boards that it is on, in alphabetical order."}
  owner_name:
    type: STRING
    class: personal
    description: "Who owns it; null where the owner has no account any more that can be used."
  is_lookml: {type: BOOL, description: "Whether it is a dashboard written in LookML."}
  created_at: {type: TIMESTAMP, description: "When it was made."}
  updated_at: {type: TIMESTAMP, description: "When it was last changed."}
  last_viewed_at: {type: TIMESTAMP, description: "When somebody last looked at it; null where nobody ever did."}
  last_used_at: {type: TIMESTAMP, description: "When it was last used in any way, by deliveries and programs too."}
  days_since_used:
    type: INT64
    description: "UTC days from then until today; from when it was made where it was never used."
  is_unused: {type: BOOL, description: "Whether these are 90 or more; null of a dashboard written in LookML."}
  view_count: {type: INT64, description: "How often somebody looked at it."}
  favorite_count: {type: INT64, description: "People who marked it."}
  delivery_count: {type: INT64, description: "Deliveries of it by schedule that are switched on."}
  explores: {type: ARRAY<STRING>, description: "Explores that it asks, as model::name, in alphabetical order."}
  tables_read: {type: ARRAY<STRING>, description: "Tables that these read, as dataset.table, in alphabetical order."}
*/
with
rule as (
    select 90 as unused_days
),

content as (
    select
        'dashboard' as content_type,
        id,
        title,
        folder_name,
        user_id,
        is_lookml,
        created_at,
        updated_at,
        last_viewed_at,
        last_accessed_at,
        view_count,
        favorite_count
    from raw_looker.dashboard
    where _deleted_at is null and not coalesce(is_deleted, false)
    union all
    select
        'look' as content_type,
        id,
        title,
        folder_name,
        user_id,
        false as is_lookml,
        created_at,
        updated_at,
        last_viewed_at,
        last_accessed_at,
        view_count,
        favorite_count
    from raw_looker.look
    where _deleted_at is null and not coalesce(is_deleted, false)
),

tile as (
    select *
    from raw_looker.dashboard_element
    where _deleted_at is null and not coalesce(is_deleted, false)
),

asked as (
    select
        'look' as content_type,
        id,
        explore
    from raw_looker.look
    where explore is not null
    union distinct
    select
        'dashboard' as content_type,
        tile.dashboard_id as id,
        explore
    from tile
    cross join unnest(tile.explores) as explore
    union distinct
    select
        'dashboard' as content_type,
        tile.dashboard_id as id,
        look.explore
    from tile
    inner join raw_looker.look on tile.look_id = look.id
    where look._deleted_at is null and look.explore is not null
),

explore_table as (
    select
        explore.id as explore,
        regexp_extract(replace(written, '`', ''), r'^(?:.*\.)?([^.]+\.[^.]+)$') as table_name
    from raw_looker.explore
    cross join unnest(explore.tables) as written
    where explore._deleted_at is null
),

explores as (
    select
        content_type,
        id,
        array_agg(explore order by explore) as explores
    from asked
    group by content_type, id
),

reads as (
    select
        asked.content_type,
        asked.id,
        explore_table.table_name
    from asked
    inner join explore_table on asked.explore = explore_table.explore
    where explore_table.table_name is not null
    group by asked.content_type, asked.id, explore_table.table_name
),

tables as (
    select
        content_type,
        id,
        array_agg(table_name order by table_name) as tables_read
    from reads
    group by content_type, id
),

pinned as (
    select
        'dashboard' as content_type,
        pinned_id as id,
        board.title
    from raw_looker.board
    cross join unnest(board.dashboard_ids) as pinned_id
    where board._deleted_at is null and board.deleted_at is null
    union distinct
    select
        'look' as content_type,
        pinned_id as id,
        board.title
    from raw_looker.board
    cross join unnest(board.look_ids) as pinned_id
    where board._deleted_at is null and board.deleted_at is null
),

boards as (
    select
        content_type,
        id,
        array_agg(title order by title) as board_titles
    from pinned
    where title is not null
    group by content_type, id
),

deliveries as (
    select
        if(look_id is null, 'dashboard', 'look') as content_type,
        coalesce(look_id, dashboard_id) as id,
        count(*) as delivery_count
    from raw_looker.scheduled_plan
    where _deleted_at is null and is_enabled
    group by content_type, id
),

used as (
    select
        *,
        greatest(coalesce(last_viewed_at, last_accessed_at), coalesce(last_accessed_at, last_viewed_at)) as last_used_at
    from content
)

select
    used.content_type,
    used.id as content_id,
    used.title,
    used.folder_name as folder,
    coalesce(boards.board_titles, []) as board_titles,
    looker_access.user_name as owner_name,
    coalesce(used.is_lookml, false) as is_lookml,
    used.created_at,
    used.updated_at,
    used.last_viewed_at,
    used.last_used_at,
    date_diff(current_date(), extract(date from coalesce(used.last_used_at, used.created_at)), day) as days_since_used,
    if(
        coalesce(used.is_lookml, false),
        null,
        date_diff(current_date(), extract(date from coalesce(used.last_used_at, used.created_at)), day)
        >= rule.unused_days
    ) as is_unused,
    used.view_count,
    used.favorite_count,
    coalesce(deliveries.delivery_count, 0) as delivery_count,
    coalesce(explores.explores, []) as explores,
    coalesce(tables.tables_read, []) as tables_read
from used
cross join rule
left join operations.looker_access on used.user_id = looker_access.user_id
left join boards on used.content_type = boards.content_type and used.id = boards.id
left join deliveries on used.content_type = deliveries.content_type and used.id = deliveries.id
left join explores on used.content_type = explores.content_type and used.id = explores.id
left join tables on used.content_type = tables.content_type and used.id = tables.id
