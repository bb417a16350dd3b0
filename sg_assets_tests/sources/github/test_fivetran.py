"""GitHub as Fivetran copied it is shown as we would have fetched it, put together from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.environment import load
from sg_assets.sources.github import github
from sg_assets.sources.github.connection import examine, examine_board
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.filled_tables import Row, google, of

GIVEN = {"SG_GITHUB_DATASET": "theirs"}
OURS = {name: raw.table for name, raw in of(github, GIVEN).items()}
AT, LATER = datetime(2022, 3, 1, 9, tzinfo=UTC), datetime(2022, 3, 2, 9, tzinfo=UTC)
TYPES = {
    "issue": {
        "id": "INT64", "number": "INT64", "title": "STRING", "body": "STRING", "state": "STRING", "locked": "BOOL",
        "pull_request": "BOOL", "repository_id": "INT64", "user_id": "INT64", "milestone_id": "INT64",
        "created_at": "TIMESTAMP", "updated_at": "TIMESTAMP", "closed_at": "TIMESTAMP", "state_reason": "STRING",
    },
    "pull_request": {
        "id": "INT64", "issue_id": "INT64", "base_ref": "STRING", "head_ref": "STRING", "merge_commit_sha": "STRING",
    },
    "repository": {
        "id": "INT64", "full_name": "STRING", "description": "STRING", "archived": "BOOL", "fork": "BOOL",
        "default_branch": "STRING", "language": "STRING", "created_at": "TIMESTAMP", "private": "BOOL",
    },
    "user": {"id": "INT64", "login": "STRING"},
    "milestone": {"id": "INT64", "title": "STRING"},
    "issue_assignee": {"issue_id": "INT64", "user_id": "INT64"},
    "issue_label": {"issue_id": "INT64", "label_id": "INT64"},
    "label": {"id": "INT64", "name": "STRING"},
    "issue_merged": {"issue_id": "INT64", "merged_at": "TIMESTAMP"},
}  # fmt: skip
THEIRS: Mapping[str, Sequence[Row]] = {
    "issue": [
        {"id": 1, "number": 7, "title": "Data", "state": "closed", "locked": False, "pull_request": False,
         "repository_id": 5, "user_id": 3, "milestone_id": 8, "created_at": AT, "closed_at": LATER,
         "state_reason": "completed"},
        {"id": 2, "number": 8, "title": "Fix", "state": "open", "pull_request": True, "repository_id": 5,
         "created_at": AT},
    ],
    "pull_request": [{"id": 20, "issue_id": 2, "base_ref": "main", "head_ref": "fix"}],
    "repository": [{"id": 5, "full_name": "acme/analytics", "archived": False, "private": True, "created_at": AT}],
    "user": [{"id": 3, "login": "ada"}, {"id": 4, "login": "bob"}],
    "milestone": [{"id": 8, "title": "Spring"}],
    "issue_assignee": [{"issue_id": 1, "user_id": 4}, {"issue_id": 1, "user_id": 3}],
    "issue_label": [{"issue_id": 1, "label_id": 10}, {"issue_id": 1, "label_id": 11}],
    "label": [{"id": 10, "name": "urgent"}, {"id": 11, "name": "data-request"}],
    "issue_merged": [{"issue_id": 2, "merged_at": AT}, {"issue_id": 2, "merged_at": LATER}],
}  # fmt: skip


def shown(name: str, **columns: str) -> list[Row]:
    types = {table: {**found, **(columns if table == name else {})} for table, found in TYPES.items()}
    places = {f"theirs.{table}": found for table, found in types.items()}
    return google(OURS[name], places, {f"theirs.{table}": rows for table, rows in THEIRS.items()})


def test_what_fivetran_copies_is_filled_and_the_board_is_fetched() -> None:
    assert set(OURS) == {"issue", "pull_request", "repository"}
    (left,) = [one for one in discovery.project(GIVEN).sources if one.name == "github"]
    assert list(left.tables) == ["raw_github.project_item"]
    assert left.examination is examine_board  # a token for the board alone is no illness
    assert github.examination is examine


def test_an_issue_has_what_is_in_tables_of_its_own() -> None:
    found, pull = sorted(shown("issue"), key=lambda row: str(row["id"]))
    assert (found["repository"], found["number"], found["title"]) == ("acme/analytics", 7, "Data")
    assert (found["author_id"], found["author_login"], found["milestone_title"]) == (3, "ada", "Spring")
    assert (found["assignee_logins"], found["label_names"]) == (["ada", "bob"], ["data-request", "urgent"])
    assert (found["url"], pull["url"]) == (
        "https://github.com/acme/analytics/issues/7",
        "https://github.com/acme/analytics/pull/8",
    )
    assert (found["created_at"], found["closed_at"], found["state_reason"]) == (AT, LATER, "completed")
    assert (found["node_id"], found["comments"], found["_deleted_at"]) == (None, None, None)
    assert (pull["is_pull_request"], pull["author_login"], pull["label_names"]) == (True, None, [])


def test_a_pull_request_is_its_issue_and_more() -> None:
    (found,) = shown("pull_request")
    assert (found["id"], found["number"], found["title"], found["state"]) == (20, 8, "Fix", "open")
    assert (found["base_ref"], found["head_ref"], found["merged_at"], found["is_draft"]) == ("main", "fix", LATER, None)
    (drafted,) = shown("pull_request", draft="BOOL")
    assert drafted["is_draft"] is None


def test_a_repository_has_its_name_now_and_who_may_see_it() -> None:
    (found,) = shown("repository")
    assert (found["name"], found["visibility"], found["topics"], found["stars"]) == (
        "acme/analytics",
        "private",
        [],
        None,
    )


def test_a_column_that_is_not_copied_is_named() -> None:
    types = {f"theirs.{name}": dict(found) for name, found in TYPES.items()}
    del types["theirs.issue"]["user_id"]
    with pytest.raises(WarehouseError, match=r"theirs\.issue has no column user_id"):
        google(OURS["issue"], types, {})


def test_every_table_of_theirs_counts_for_whether_one_of_ours_changed() -> None:
    origin = OURS["pull_request"].origin
    assert origin
    assert set(origin.tables) == {f"theirs.{name}" for name in TYPES}
    assert origin.tables[0] == "theirs.pull_request"


def test_without_a_token_only_the_board_is_not_connected(tmp_path: Path) -> None:
    env = load({"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_WAREHOUSE": "bigquery:p", **GIVEN})
    found = {one.name: env.connection(one) for one in discovery.project(GIVEN).sources if "github" in one.name}
    assert found["github_fivetran"].is_connected
    assert found["github"].reason == "github is not connected: SG_GITHUB_TOKEN not set"
