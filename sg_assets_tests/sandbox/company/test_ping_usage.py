import json
import random
from datetime import date

from sg_assets.sandbox.company import ping_usage

DAY = date(2026, 11, 18)  # a Wednesday


def test_weeks_begin_on_sunday_and_days_at_midnight() -> None:
    assert ping_usage.week_start(DAY) == date(2026, 11, 15)
    assert ping_usage.week_start(date(2026, 11, 15)) == date(2026, 11, 15)
    assert ping_usage.midnight(DAY) == "2026-11-18T00:00:00Z"


def test_every_part_is_json_and_speaks_of_nobody_where_nobody_is() -> None:
    chance = random.Random(1)
    quiet = [
        ping_usage.batch_changes(chance, 0),
        ping_usage.growth(DAY, 0, 0),
        ping_usage.saved_searches(0),
        ping_usage.code_monitoring(0),
        ping_usage.notebooks(0),
    ]
    for part in quiet:
        json.dumps(part)
        assert {value for key, value in part.items() if key.endswith(("Users", "UniqueUsers"))} <= {0}


def test_percentages_are_null_where_nobody_saw_the_panels() -> None:
    assert ping_usage.homepage_panels(random.Random(1), 0)["PercentUsersShown"] is None
    assert ping_usage.homepage_panels(random.Random(1), 9)["PercentUsersShown"] is not None


def test_keys_are_those_of_the_server() -> None:
    assert "waus" in ping_usage.code_navigation(random.Random(1), DAY, 5)  # snake_case
    assert "CreatedUsers" in ping_usage.growth(DAY, 5, 9)
    cohort = ping_usage.retention(DAY, 100)["Weekly"][0]  # pyrefly: ignore[bad-index]
    assert cohort["WeekStart"] == "2026-10-11T00:00:00Z"
    assert (cohort["Week5"], cohort["Week6"]) == (0.33, None)


def test_people_who_stayed_are_never_more_than_those_of_the_month() -> None:
    growth = ping_usage.growth(DAY, 50, 80)
    assert int(str(growth["RetainedUsers"])) + int(str(growth["ResurrectedUsers"])) == 50


def test_insights_are_of_their_week() -> None:
    assert ping_usage.code_insights(DAY, 5)["WeekStart"] == "2026-11-15T00:00:00Z"
