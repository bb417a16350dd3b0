/*
description: |
  One row per instance, UTC day, feature and period, counted by the last ping of the day (key: day_on, instance_id,
  feature, period).

  Counts are cumulative within the period, up to that ping: `day` (UTC), `week` (from Sunday), `month` (calendar).
  `total` is what an instance counts without saying a period. A count that a ping does not hold is null, and a feature
  of which it holds neither count has no row: unknown, which is not 0. Critical-only pings have no rows at all.

  The one table that reads the nested usage JSON. Which of its counts is the users, and which the uses, of a feature is
  written in the query; how many searches there were is the sum over the kinds of search, each search being of one kind.
  What was counted long ago and is deprecated now, latencies and percentages are left out.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [day_on, instance_id, feature, period]
partition: day_on
open_days: 7
cluster: [instance_id, feature]
columns:
  day_on: {type: DATE, description: "UTC day of the ping."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  feature: {type: STRING, description: "What was used, such as `search`, `regexp search` or `cody`."}
  period: {type: STRING, description: "`day`, `week`, `month`, or `total` where the ping does not say a period."}
  users: {type: INT64, description: "Different users of the feature in the period; null when not counted."}
  uses: {type: INT64, description: "How often it was used, or how much there is of it; null when not counted."}
*/
with
ping as (
    select
        ping.instance_id,
        ping.day_on,
        raw_ping.batch_changes_usage as batches,
        raw_ping.new_code_intel_usage as navigation,
        raw_ping.search_usage as search,
        raw_ping.saved_searches as saved,
        raw_ping.homepage_panels as panels,
        raw_ping.search_onboarding as tour,
        raw_ping.extensions_usage as extensions,
        raw_ping.code_insights_usage as insights,
        raw_ping.code_monitoring_usage as monitors,
        raw_ping.notebooks_usage as notebooks,
        raw_ping.code_host_integration_usage as host,
        raw_ping.ide_extensions_usage as editors,
        raw_ping.migrated_extensions_usage as migrated,
        raw_ping.own_usage as own,
        raw_ping.cody_usage as cody
    from pings.ping
    inner join raw_pings.ping as raw_ping
        on
            ping.raw_object = raw_ping._object
            and ping.raw_line = raw_ping._line
            and ping.raw_item = raw_ping._item
    where ping.is_last_of_day and not ping.is_critical_only
),

-- counts that have a place of their own in a ping; users and uses of a feature are added up in the end
plain as (
    select
        *,
        [
            struct(
                'code navigation' as feature,
                'week' as period,
                json_value(navigation, '$.waus') as users,
                cast(null as string) as uses
            ),
            struct('precise code navigation', 'week', json_value(navigation, '$.precise_waus'), null),
            struct('search-based code navigation', 'week', json_value(navigation, '$.search_waus'), null),
            struct('cross-repository code navigation', 'week', json_value(navigation, '$.xrepo_waus'), null),
            struct('code insights', 'week', json_value(insights, '$.WeeklyInsightsUniquePageViews'), null),
            struct('code insights', 'week', null, json_value(insights, '$.WeeklyInsightsPageViews')),
            struct('code insight creation', 'week', json_value(insights, '$.WeeklyInsightCreators'), null),
            struct('code insight dashboards', 'total', null, json_value(insights, '$.TotalDashboardCount')),
            struct('Sourcegraph extensions', 'week', json_value(extensions, '$.NonDefaultExtensionUsers'), null),
            struct('batch changes', 'month', json_value(batches, '$.CurrentMonthUsersCount'), null),
            struct('batch changes', 'total', null, json_value(batches, '$.BatchChangesCount')),
            struct('published changesets', 'total', null, json_value(batches, '$.PublishedChangesetsCount')),
            struct('merged changesets', 'total', null, json_value(batches, '$.PublishedChangesetsMergedCount')),
            struct('code monitoring', 'total', null, json_value(monitors, '$.CodeMonitoringPageViews')),
            struct('code monitors', 'total', json_value(monitors, '$.MonitorsEnabledUniqueUsers'), null),
            struct('code monitors', 'total', null, json_value(monitors, '$.MonitorsEnabled')),
            struct('code monitor e-mails', 'total', json_value(monitors, '$.EmailActionsTriggeredUniqueUsers'), null),
            struct('code monitor e-mails', 'total', null, json_value(monitors, '$.EmailActionsTriggered')),
            struct('notebooks', 'total', null, json_value(notebooks, '$.NotebookPageViews')),
            struct('notebook creation', 'total', null, json_value(notebooks, '$.NotebooksCreatedCount')),
            struct('saved searches', 'total', json_value(saved, '$.UniqueUsers'), null),
            struct('saved searches', 'total', null, json_value(saved, '$.TotalSavedSearches')),
            struct('git blame', 'total', json_value(migrated, '$.GitBlameEnabledUniqueUsers'), null),
            struct('git blame', 'total', null, json_value(migrated, '$.GitBlameEnabled')),
            struct('search export', 'total', json_value(migrated, '$.SearchExportPerformedUniqueUsers'), null),
            struct('search export', 'total', null, json_value(migrated, '$.SearchExportPerformed')),
            struct('search tour', 'total', null, json_value(tour, '$.TotalOnboardingTourViews')),
            struct('home page panels', 'total', null, json_value(panels, '$.TotalPanelViews'))
        ] as parts
    from ping
),

periodic as (
    select
        *,
        [
            struct(
                'day' as period,
                json_query(search, '$.Daily') as search,
                json_query(host, '$.Day') as host,
                json_query(cody, '$.Daily') as cody
            ),
            struct('week', json_query(search, '$.Weekly'), json_query(host, '$.Week'), json_query(cody, '$.Weekly')),
            struct('month', json_query(search, '$.Monthly'), json_query(host, '$.Month'), json_query(cody, '$.Monthly'))
        ] as parts
    from ping
),

by_period as (
    select
        periodic.instance_id,
        periodic.day_on,
        periodic.own,
        periodic.editors,
        part.*
    from periodic
    cross join unnest(periodic.parts) as part
),

-- the objects of a period, in which users and uses have one name or another
listed as (
    select
        instance_id,
        day_on,
        period,
        [
            struct('search' as feature, search as counts, false as is_kind_of_search),
            struct('literal search', json_query(search, '$.Literal'), true),
            struct('regexp search', json_query(search, '$.Regexp'), true),
            struct('structural search', json_query(search, '$.Structural'), true),
            struct('commit search', json_query(search, '$.Commit'), true),
            struct('diff search', json_query(search, '$.Diff'), true),
            struct('file search', json_query(search, '$.File'), true),
            struct('symbol search', json_query(search, '$.Symbol'), true),
            struct('search with or', json_query(search, '$.OperatorOr'), false),
            struct('search with and', json_query(search, '$.OperatorAnd'), false),
            struct('search with not', json_query(search, '$.OperatorNot'), false),
            struct('search in a context', json_query(search, '$.NonGlobalContext'), false),
            struct('browser extension', json_query(host, '$.BrowserExtension'), false),
            struct('native integration', json_query(host, '$.NativeIntegration'), false),
            struct('cody', json_query(cody, '$.TotalUsers'), false),
            struct('cody code generation', json_query(cody, '$.CodeGenerationRequests'), false),
            struct('cody explanation', json_query(cody, '$.ExplanationRequests'), false),
            struct('search for owners', json_query(own, '$.select_file_owners_search'), false),
            struct('search for owned files', json_query(own, '$.file_has_owner_search'), false),
            struct('ownership panel', json_query(own, '$.ownership_panel_opened'), false)
        ] as objects
    from by_period
),

object as (
    select
        listed.instance_id,
        listed.day_on,
        listed.period,
        part.*
    from listed
    cross join unnest(listed.objects) as part
    union all
    select
        by_period.instance_id,
        by_period.day_on,
        by_period.period,
        concat(lower(json_value(editor, '$.IdeKind')), ' extension') as feature,
        case by_period.period
            when 'day' then json_query(editor, '$.Day.SearchesPerformed')
            when 'week' then json_query(editor, '$.Week.SearchesPerformed')
            else json_query(editor, '$.Month.SearchesPerformed')
        end as counts,
        false as is_kind_of_search
    from by_period
    cross join unnest(json_query_array(by_period.editors, '$.IDEs')) as editor
),

by_object as (
    select
        instance_id,
        day_on,
        feature,
        period,
        coalesce(
            json_value(counts, '$.UserCount'),
            json_value(counts, '$.UniquesCount'),
            json_value(counts, '$.TotalUsers'),
            case period
                when 'day' then json_value(counts, '$.dau')
                when 'week' then json_value(counts, '$.wau')
                else json_value(counts, '$.mau')
            end
        ) as users,
        coalesce(json_value(counts, '$.EventsCount'), json_value(counts, '$.TotalCount')) as uses,
        is_kind_of_search
    from object
),

found as (
    select * except (is_kind_of_search)
    from by_object
    union all
    select
        instance_id,
        day_on,
        'search' as feature,
        period,
        null as users,
        uses
    from by_object
    where is_kind_of_search
    union all
    select
        plain.instance_id,
        plain.day_on,
        part.*
    from plain
    cross join unnest(plain.parts) as part
    union all
    select
        ping.instance_id,
        ping.day_on,
        feature,
        'week' as period,
        null as users,
        json_value(summary, '$.total_actions') as uses
    from ping
    cross join unnest(json_query_array(ping.navigation, '$.event_summaries')) as summary
    cross join
        unnest([
            'code navigation',
            case json_value(summary, '$.source')
                when 'precise' then 'precise code navigation'
                when 'search' then 'search-based code navigation'
            end
        ]) as feature
    union all
    select
        ping.instance_id,
        ping.day_on,
        'open in editor' as feature,
        'total' as period,
        json_value(opening, '$.ClickedUniqueUsers') as users,
        json_value(opening, '$.Clicked') as uses
    from ping
    cross join unnest(json_query_array(ping.migrated, '$.OpenInEditor')) as opening
)

select
    day_on,
    instance_id,
    feature,
    period,
    sum(safe_cast(regexp_extract(users, r'^\d+') as int64)) as users,
    sum(safe_cast(regexp_extract(uses, r'^\d+') as int64)) as uses
from found
where feature is not null and (regexp_contains(users, r'^\d') or regexp_contains(uses, r'^\d'))
group by day_on, instance_id, feature, period
