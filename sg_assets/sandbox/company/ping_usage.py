"""The nested parts of a ping that tell what was used: the shapes of the server's row, under its names.

Numbers are plausible for the people of the instance, not derived one by one. Searches are in `ping_search.py`.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

Json = dict[str, object]


def midnight(day: date) -> str:
    """The beginning of a UTC day as Go writes it."""
    return f"{day.isoformat()}T00:00:00Z"


def week_start(day: date) -> date:
    """The Sunday that begins the week of a day."""
    return day - timedelta(days=day.isoweekday() % 7)


def batch_changes(chance: random.Random, users: int) -> Json:
    """Use of Batch Changes."""
    total = users // 3
    return {
        "ViewBatchChangeApplyPageCount": total // 2,
        "BatchChangesCount": total,
        "BatchChangesClosedCount": total // 2,
        "ChangesetSpecsCreatedCount": total * 17,
        "PublishedChangesetsCount": total * 9,
        "PublishedChangesetsMergedCount": total * 5,
        "CurrentMonthUsersCount": users // 15,
        "ActiveExecutorsCount": chance.randrange(4),
        "BulkOperationsCount": [{"Name": "MERGE", "Count": total // 2}, {"Name": "COMMENT", "Count": total // 4}],
        "BatchChangeStatsBySource": [
            {"Source": "local", "PublishedChangesetsCount": total * 9, "BatchChangesCount": total}
        ],
    }


def code_navigation(chance: random.Random, day: date, week_users: int) -> Json:
    """Use of code navigation in the week so far, keys in snake_case."""
    precise = int(week_users * 0.4)
    repositories = 40 + week_users * 3
    summaries = [
        {
            "action": action,
            "source": source,
            "language_id": language,
            "cross_repository": False,
            "waus": week_users // part,
            "total_actions": (week_users // part) * chance.randint(2, 9),
        }
        for part, (action, source, language) in enumerate((("hover", "search", "go"),), start=2)
    ]
    return {
        "start_time": midnight(week_start(day)),
        "waus": week_users // 2,
        "precise_waus": precise,
        "search_waus": week_users // 2,
        "event_summaries": summaries,
        "num_repositories": repositories,
        "num_repositories_with_upload_records": repositories // 4,
        "num_repositories_with_index_records": repositories // 8,
        "settings_page_view_count": week_users // 30,
    }


def growth(day: date, month_users: int, accounts: int) -> Json:
    """People who came, went and came back in the calendar month so far."""
    return {
        "DeletedUsers": accounts // 400,
        "CreatedUsers": accounts * day.day // 1500,
        "ResurrectedUsers": month_users // 12,
        "ChurnedUsers": max(0, accounts // 2 - month_users) // 4,
        "RetainedUsers": month_users - month_users // 12,
    }


def saved_searches(users: int) -> Json:
    """Use of saved searches."""
    return {
        "TotalSavedSearches": users // 4,
        "UniqueUsers": users // 9,
        "NotificationsSent": users // 2,
        "OrgSavedSearches": users // 30,
    }


def homepage_panels(chance: random.Random, week_users: int) -> Json:
    """Engagement with the panels of the home page; percentages are null where nobody saw them."""
    share = round(chance.random() * 40, 2) if week_users else None
    return {
        "RecentFilesClickedPercentage": share,
        "RecentSearchClickedPercentage": share,
        "NewSavedSearchesClickedPercentage": None,
        "TotalPanelViews": float(week_users * 4),
        "PercentUsersShown": share,
    }


def retention(day: date, accounts: int) -> Json:
    """A weekly cohort five weeks old; weeks that have not come yet are null."""
    cohort: Json = {"WeekStart": midnight(week_start(day) - timedelta(weeks=5)), "CohortSize": accounts // 60}
    cohort |= {f"Week{week}": round(0.9 / (1 + week * 0.35), 2) if week <= 5 else None for week in range(12)}
    return {"Weekly": [cohort]}


def code_monitoring(users: int) -> Json:
    """Use of code monitors."""
    monitors = users // 12
    return {
        "CodeMonitoringPageViews": monitors * 3,
        "EmailActionsTriggered": monitors * 6,
        "EmailActionsEnabled": monitors,
        "MonitorsEnabled": monitors,
        "MonitorsEnabledUniqueUsers": monitors // 2,
        "ReposMonitored": None,
        "TriggerRuns": monitors * 96,
        "P90TriggerRunTimeSeconds": 1.5,
    }


def notebooks(week_users: int) -> Json:
    """Use of notebooks."""
    views = week_users // 5
    return {
        "NotebookPageViews": views,
        "NotebooksListPageViews": views // 2,
        "NotebooksCreatedCount": views // 9,
        "NotebookAddedQueryBlocksCount": views // 2,
    }


def code_insights(day: date, week_users: int) -> Json:
    """Use of Code Insights in the week so far."""
    kinds = [
        {
            "InsightType": kind,
            "Additions": week_users // 40,
            "Edits": week_users // 50,
            "Removals": 0,
            "Hovers": week_users // 3,
        }
        for kind in ("SearchInsight",)
    ]
    return {
        "WeekStart": midnight(week_start(day)),
        "WeeklyUsageStatisticsByInsight": kinds,
        "InsightsPerDashboard": {"Avg": 2.5, "Max": 9, "Min": 0, "StdDev": 1.2, "Median": 2},
        "WeeklyInsightsPageViews": week_users // 4,
        "WeeklyInsightCreators": week_users // 60,
        "TotalDashboardCount": 1 + week_users // 40,
    }
