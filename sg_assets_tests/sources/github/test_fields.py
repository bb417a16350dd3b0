"""What is taken of GitHub's answers is known, and what was added since is kept."""

from __future__ import annotations

from sg_assets.columns import Classification
from sg_assets.sandbox.company.github_threads import ANALYTICS, threads
from sg_assets.sandbox.github_shapes import issue, pull_request, repository
from sg_assets.sources.github import github
from sg_assets.sources.github.fields import REPOSITORY_FIELDS, THREAD_FIELDS, undeclared
from sg_assets_tests.sources.conftest import ANCHOR, World

HERE = "https://api.github.com"


def test_a_new_field_is_kept_and_links_are_not() -> None:
    came = {"id": 1, "html_url": "https://github.com", "sub_issue_count": 3}
    assert undeclared(came, THREAD_FIELDS) == {"sub_issue_count": 3}


def test_every_documented_field_is_known(world: World) -> None:
    found = list(threads(world.sandbox.company, ANALYTICS, ANCHOR))
    pull = next(one for one in found if one.is_pull_request)
    assert undeclared(issue(pull, ANCHOR, HERE), THREAD_FIELDS) == {}
    assert undeclared(pull_request(pull, ANCHOR, HERE), THREAD_FIELDS) == {}
    assert undeclared(repository(ANALYTICS, found, ANCHOR, ANCHOR, HERE), REPOSITORY_FIELDS) == {}


def test_names_and_free_text_of_people_are_personal() -> None:
    columns = {
        column.name: column.classification
        for table in ("issue", "pull_request")
        for column in github.tables[f"raw_github.{table}"].table.columns
    }
    personal = {name for name, kind in columns.items() if kind is Classification.PERSONAL}
    assert personal == {"author_login", "assignee_logins", "reviewer_logins", "body"}
    assert columns["author_id"] is Classification.PSEUDONYMOUS
