import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR

COLUMNS = [
    "remote_ip", "remote_site_version", "remote_site_id", "license_key", "has_update", "unique_users_today",
    "site_activity", "batch_changes_usage", "code_intel_usage", "new_code_intel_usage", "search_usage",
    "growth_statistics", "saved_searches", "homepage_panels", "retention_statistics", "repositories",
    "repository_size_histogram", "search_onboarding", "dependency_versions", "extensions_usage", "code_insights_usage",
    "code_insights_critical_telemetry", "code_monitoring_usage", "notebooks_usage", "code_host_versions",
    "code_host_integration_usage", "ide_extensions_usage", "migrated_extensions_usage", "own_usage", "installer_email",
    "auth_providers", "ext_services", "builtin_signup_allowed", "access_request_enabled", "deploy_type",
    "total_user_accounts", "total_repos", "has_external_url", "has_repos", "ever_searched", "ever_find_refs", "os",
    "active_today", "timestamp", "has_cody_enabled", "cody_usage",
]  # fmt: skip
USAGE = [name for name in COLUMNS if name.endswith("_usage") or name in {"growth_statistics", "saved_searches"}]


@pytest.fixture(scope="module")
def rows(company: Company) -> PingRows:
    return PingRows(company)


def ping(rows: PingRows, case: str, at: datetime = ANCHOR - 6 * HOUR) -> dict[str, Any]:
    instance = rows.company.instances_of(rows.company.case(case))[0]
    found: dict[str, Any] = json.loads(rows.row(instance, at))
    return found


def test_a_row_has_every_column_of_the_published_schema(rows: PingRows) -> None:
    for case in ("full", "critical", "old managed"):
        assert list(ping(rows, case)) == COLUMNS


def test_counts_and_booleans_are_text_and_lists_are_joined(rows: PingRows) -> None:
    row = ping(rows, "full")
    assert row["total_user_accounts"].isdigit()
    assert row["unique_users_today"].isdigit()
    assert row["has_repos"] == "true"
    assert row["has_update"] in {"true", "false"}
    assert row["ext_services"].split(",")[0] == "GITHUB"
    assert row["timestamp"] == "2026-11-20T18:00:00Z"


def test_a_critical_ping_says_little_in_the_servers_own_way(rows: PingRows) -> None:
    row = ping(rows, "critical")
    assert {name: row[name] for name in USAGE} == {name: {} for name in USAGE}
    activity = row["site_activity"]
    assert (activity["DAUs"], activity["WAUs"]) == ([], [])
    assert activity["MAUs"][0]["UserCount"] > 0
    for name in ("builtin_signup_allowed", "has_external_url", "has_repos", "ever_searched", "ever_find_refs"):
        assert row[name] == "false"
    assert (row["auth_providers"], row["ext_services"], row["unique_users_today"]) == ("", "", "0")


def test_what_is_critical_is_always_sent(rows: PingRows) -> None:
    row = ping(rows, "critical")
    for name in (
        "remote_site_id",
        "license_key",
        "installer_email",
        "deploy_type",
        "total_user_accounts",
        "remote_site_version",
    ):
        assert row[name]
    assert row["repositories"]["GitDirBytes"] > 0
    assert row["dependency_versions"]["postgresVersion"]
    assert "TotalInsights" in row["code_insights_critical_telemetry"]


def test_what_an_instance_sends_changes_with_its_telemetry(rows: PingRows) -> None:
    assert ping(rows, "critical to full", ANCHOR - 12 * DAY)["search_usage"] == {}
    assert ping(rows, "critical to full", ANCHOR - 8 * DAY)["search_usage"]["Daily"]


def test_the_key_changes_after_a_renewal(rows: PingRows) -> None:
    assert ping(rows, "renewed", ANCHOR - 25 * DAY)["license_key"] != ping(rows, "renewed")["license_key"]
    assert ping(rows, "no licence key")["license_key"] == ""


def test_only_five_sends_what_came_with_five(rows: PingRows) -> None:
    assert ping(rows, "cloud")["remote_site_version"].startswith("5.")
    assert ping(rows, "cloud")["site_activity"]["RMAUs"]
    assert ping(rows, "cloud")["own_usage"]
    assert "RMAUs" not in ping(rows, "old managed")["site_activity"]
    assert ping(rows, "old managed")["own_usage"] == {}


def test_users_of_every_ping_are_coherent(rows: PingRows) -> None:
    times, company = PingTimes(rows.company), rows.company
    for instance in company.instances[::7]:
        previous: dict[str, int] = {}
        for place in range(0, 40 * 24, 5):
            for at in times.in_hour(instance, ANCHOR - 35 * DAY + place * HOUR):
                row = json.loads(rows.row(instance, at))
                activity = row["site_activity"]
                month = activity["MAUs"][0]
                assert month["UserCount"] == month["RegisteredUserCount"] + month["AnonymousUserCount"]
                assert month["RegisteredUserCount"] <= int(row["total_user_accounts"])
                assert month["StartTime"] == f"{at:%Y-%m}-01T00:00:00Z"
                if instance.pings_at(at) is Pings.FULL:
                    day, week = activity["DAUs"][0]["UserCount"], activity["WAUs"][0]["UserCount"]
                    assert int(row["unique_users_today"]) == day <= week
                    assert day <= month["UserCount"]
                    assert row["search_usage"]["Daily"]["TotalUsers"] <= day
                    assert row["search_usage"]["Weekly"]["TotalUsers"] <= week
                if previous.get("month") == at.month:
                    assert month["UserCount"] >= previous["users"]
                previous = {"month": at.month, "users": month["UserCount"]}


def test_a_full_ping_is_about_5_kilobytes(rows: PingRows) -> None:
    sizes = [
        len(rows.row(one, ANCHOR - HOUR)) for one in rows.company.instances if one.pings_at(ANCHOR - HOUR) is Pings.FULL
    ]
    assert 4500 < sum(sizes) / len(sizes) < 7000


def test_a_row_does_not_depend_on_those_made_before_it(rows: PingRows) -> None:
    instance = rows.company.instances[9]
    at = ANCHOR - 3 * DAY + timedelta(minutes=17)
    for other in rows.company.instances[:20]:
        rows.row(other, at)
    assert PingRows(rows.company).row(instance, at) == rows.row(instance, at)
