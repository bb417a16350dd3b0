from datetime import date

from sg_assets.sandbox.company import ping_search

DAY = date(2026, 11, 18)


def test_periods_begin_with_day_week_and_month() -> None:
    assert ping_search.starts(DAY) == {
        "Daily": "2026-11-18T00:00:00Z",
        "Weekly": "2026-11-15T00:00:00Z",
        "Monthly": "2026-11-01T00:00:00Z",
    }


def test_nobody_searches_more_than_there_are_and_latencies_need_a_search() -> None:
    period = ping_search.search_period("x", 40)
    assert period["TotalUsers"] == 40
    assert period["Literal"] == {"UserCount": 36, "EventsCount": 216, "EventLatencies": ping_search.LATENCIES}
    quiet = ping_search.search_period("x", 0)
    assert quiet["Literal"] == {"UserCount": 0, "EventsCount": 0, "EventLatencies": None}


def test_editors_integrations_and_cody_tell_day_week_and_month() -> None:
    vscode = ping_search.editors(DAY, 8, 16, 40)["IDEs"][0]  # pyrefly: ignore[bad-index]
    assert [vscode[name]["SearchesPerformed"]["UniquesCount"] for name in ("Day", "Week", "Month")] == [1, 2, 5]
    assert ping_search.integration_period("x", 30)["BrowserExtension"] == {"UniquesCount": 5, "TotalCount": 55}
    cody = ping_search.cody(DAY, 4, 8, 40)
    assert [cody[name]["TotalUsers"]["UserCount"] for name in ("Daily", "Weekly", "Monthly")] == [1, 2, 10]  # pyrefly: ignore[bad-index]


def test_ownership_is_in_snake_case_and_small_parts_may_be_null() -> None:
    own = ping_search.own(40)
    assert own["repos_count"] == {"total": 80, "with_ownership": 2, "with_ingested_ownership": None}
    assert "GitBlameEnabled" in ping_search.migrated_extensions(40)
