"""The nested parts of a ping that are told by day, week and month: searches, integrations, editors, Cody."""

from __future__ import annotations

from datetime import date

from sg_assets.sandbox.company.ping_usage import Json, midnight, week_start

EVENT_KINDS = (("Literal", 0.9), ("Regexp", 0.3))
COUNT_KINDS = (("OperatorOr", 0.1),)
LATENCIES = {"P50": 212.5, "P90": 940.0, "P99": 3120.25}


def starts(day: date) -> dict[str, str]:
    """When the day, the week and the month of a day began, as Go writes it."""
    return {"Daily": midnight(day), "Weekly": midnight(week_start(day)), "Monthly": midnight(day.replace(day=1))}


def search_period(start: str, users: int) -> Json:
    """Searches of one period; the latencies were measured only where somebody searched."""
    period: Json = {"StartTime": start, "TotalUsers": users}
    for kind, share in EVENT_KINDS:
        count = int(users * share)
        latencies = LATENCIES if count else None
        period[kind] = {"UserCount": count, "EventsCount": count * 6, "EventLatencies": latencies}
    for kind, share in COUNT_KINDS:
        count = int(users * share)
        period[kind] = {"UserCount": count, "EventsCount": count * 3}
    return period


def integration_period(start: str, users: int) -> Json:
    """Use of the browser extension and the native integrations in one period."""

    def use(count: int) -> Json:
        return {"UniquesCount": count, "TotalCount": count * 11}

    return {"StartTime": start, "BrowserExtension": use(users // 6), "NativeIntegration": use(users // 15)}


def editors(day: date, day_users: int, week_users: int, month_users: int) -> Json:
    """Use of the editor extension."""
    begin = starts(day)

    def use(start: str, users: int) -> Json:
        count = users // 8
        return {"StartTime": start, "SearchesPerformed": {"UniquesCount": count, "TotalCount": count * 4}}

    today = use(begin["Daily"], day_users) | {
        "UserState": {"Installs": 0, "Uninstalls": 0},
        "RedirectsCount": day_users // 9,
    }
    vscode = {
        "IdeKind": "vscode",
        "Month": use(begin["Monthly"], month_users),
        "Week": use(begin["Weekly"], week_users),
        "Day": today,
    }
    return {"IDEs": [vscode]}


def migrated_extensions(week_users: int) -> Json:
    """Use of git blame, open in editor and search export."""
    users = week_users // 7
    return {
        "GitBlameEnabled": users * 2,
        "GitBlameEnabledUniqueUsers": users,
        "SearchExportPerformed": users // 4,
        "OpenInEditor": [{"IdeKind": "vscode", "Clicked": users, "ClickedUniqueUsers": users // 2}],
    }


def own(week_users: int) -> Json:
    """Use of code ownership, keys in snake_case."""
    users = week_users // 20
    return {
        "feature_flag_on": users > 0,
        "repos_count": {"total": 40 + week_users, "with_ownership": users, "with_ingested_ownership": None},
        "ownership_panel_opened": {"dau": users // 4, "wau": users, "mau": users * 2},
        "assigned_owners_count": users // 2,
    }


def cody(day: date, day_users: int, week_users: int, month_users: int) -> Json:
    """Use of Cody by day, week and month."""

    def use(start: str, users: int) -> Json:
        count = users // 4
        return {"StartTime": start, "TotalUsers": {"UserCount": count, "EventsCount": count * 7}}

    sizes = {"Daily": day_users, "Weekly": week_users, "Monthly": month_users}
    return {name: use(start, sizes[name]) for name, start in starts(day).items()}
