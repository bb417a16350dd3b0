"""How listings of GitHub are read page by page, what is asked, and what an answer of the documented shape becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.source import Page, Pull
from sg_assets.sources.github import github
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering, scripted

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {
    "SG_GITHUB_TOKEN": "s3cret",
    "SG_GITHUB_ORGANIZATION": "acme",
    "SG_GITHUB_PROJECT": "63",
    "SG_GITHUB_REPOSITORIES": "acme/data",
}
Json = dict[str, Any]


def rows_of(pages: list[Page]) -> list[dict[str, object]]:
    return [dict(row) for page in pages for row in page.rows]


def issue(number: int, updated: str = "2026-11-20T10:00:00Z", **more: object) -> Json:
    """An issue in GitHub's documented shape, of which only what says something is written out."""
    return {
        "id": 1_000 + number, "node_id": f"I_{number}", "number": number, "state": "open", "state_reason": None,
        "url": f"https://api.github.com/repos/acme/data/issues/{number}", "title": f"Issue {number}",
        "repository_url": "https://api.github.com/repos/acme/data", "html_url": f"https://github.com/acme/data/{number}",
        "body": "I'm having a problem with this.", "user": {"login": "octocat", "id": 1, "type": "User"},
        "labels": [{"id": 208045946, "name": "bug", "color": "f29513", "default": True}, "plain"],
        "assignee": None, "assignees": [], "milestone": {"number": 1, "title": "v1.0", "state": "open"},
        "locked": True, "active_lock_reason": "too heated", "comments": 0, "closed_at": None, "closed_by": None,
        "created_at": "2011-04-22T13:33:48Z", "updated_at": updated, "author_association": "COLLABORATOR",
        "reactions": {"total_count": 0}, "performed_via_github_app": None,
    } | more  # fmt: skip


def pull(vendor: Vendor, table: str, cursor: Mapping[str, object] | None = None, now: datetime = NOW) -> list[Page]:
    fetch = github.tables[f"raw_github.{table}"].fetch
    assert fetch
    with github.connect(vendor.url, SETTINGS) as client:
        return list(fetch(Pull(client, SETTINGS, now, cursor)))


def listing(rows: list[Json], size: int) -> Callable[[Asked], Answer]:
    """GitHub's list of issues by their last change, in pages of another host."""

    def answer(asked: Asked) -> Answer:
        kept = sorted((row for row in rows if row["updated_at"] >= asked.query.get("since", "")), key=_place)
        page = int(asked.query.get("page", "1"))
        shown = Answer.json(kept[(page - 1) * size : page * size])
        query = "&".join(f"{name}={value}" for name, value in {**asked.query, "page": page + 1}.items())
        link = f'<https://api.github.com/repositories/9/issues?{query}>; rel="next"'
        return Answer(200, shown.body, {"Link": link} if kept[page * size :] else {})

    return answer


def _place(row: Json) -> tuple[str, int]:
    return row["updated_at"], row["number"]


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int) -> None:
    rows = [issue(n, f"2026-11-20T10:00:{n:02}Z") for n in range(total)]
    with answering(listing(rows, 3)) as vendor:
        pages = pull(vendor, "issue")
    assert {row["number"] for row in rows_of(pages)} == set(range(total))
    assert len(vendor.asked) == max(1, -(-(total - 1) // 2))  # each page begins with the last row of the one before


def test_issues_with_the_same_time_fill_more_than_a_page() -> None:
    rows = [issue(n) for n in range(8)] + [issue(8, "2026-11-20T11:00:00Z")]
    with answering(listing(rows, 3)) as vendor:
        pages = pull(vendor, "issue")
    assert {row["number"] for row in rows_of(pages)} == set(range(9))


def test_an_issue_that_changes_while_it_is_read_hides_no_other() -> None:
    rows = [issue(n, f"2026-11-20T10:00:{n:02}Z") for n in range(9)]
    give = listing(rows, 3)

    def answer(asked: Asked) -> Answer:
        given = give(asked)
        if rows[0]["updated_at"].startswith("2026-11-20"):
            rows[0] |= {"updated_at": "2026-11-21T00:00:00Z"}  # all others move up by one
        return given

    with answering(answer) as vendor:
        pages = pull(vendor, "issue")
    assert {row["number"] for row in rows_of(pages)} == set(range(9))


def test_what_is_asked_first_and_later() -> None:
    with answering(listing([issue(1)], 3)) as vendor:
        cursor = pull(vendor, "issue")[-1].cursor
        pull(vendor, "issue", cursor)
    first, second = (asked.query for asked in vendor.asked)
    assert first == {"state": "all", "sort": "updated", "direction": "asc", "per_page": "100"}
    assert second == {**first, "since": "2026-11-20T09:55:00Z"}
    assert cursor == {"through": {"acme/data": "2026-11-20T10:00:00Z"}, "listed_on": "2026-11-21"}


def test_the_documented_answer_becomes_a_row() -> None:
    with answering(listing([issue(7, sub_issue_count=3)], 3)) as vendor:
        (row,) = rows_of(pull(vendor, "issue"))
    assert (row["repository"], row["milestone_title"], row["is_locked"]) == ("acme/data", "v1.0", True)
    assert (row["label_names"], row["sub_issue_count"]) == (["bug", "plain"], 3)
    assert row["url"] == "https://github.com/acme/data/7"


def pull_request(number: int) -> Json:
    """A pull request in GitHub's documented shape; the later its number, the later its change."""
    end = {"label": "acme:main", "ref": "main", "sha": "6dcb09b", "user": None, "repo": {"full_name": "acme/data"}}
    return issue(number, f"2026-11-20T10:{number:02}:00Z") | {
        "id": number, "base": end, "head": end | {"ref": "topic", "repo": None}, "merged_at": "2011-01-26T19:01:12Z",
        "merge_commit_sha": "e5bd391", "requested_reviewers": [{"login": "other_user", "id": 2}], "draft": True,
        "requested_teams": [], "auto_merge": None, "_links": {},
    }  # fmt: skip


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
def test_pull_requests_are_read_from_the_newest_change_on_until_they_are_known(total: int) -> None:
    rows = [pull_request(n) for n in range(total)][::-1]

    def answer(asked: Asked) -> Answer:
        page = int(asked.query.get("page", "1"))
        link = {"Link": f'<https://x.example/y?page={page + 1}>; rel="next"'} if rows[page * 2 :] else {}
        return Answer(200, Answer.json(rows[page * 2 - 2 : page * 2]).body, link)

    with answering(answer) as vendor:
        pages = pull(vendor, "pull_request")
        assert {row["number"] for row in rows_of(pages)} == set(range(total))
        assert len(vendor.asked) == max(1, -(-total // 2))
        vendor.asked.clear()
        rows.insert(0, pull_request(20))
        later = pull(vendor, "pull_request", pages[-1].cursor)
    assert next(iter(rows_of(later)))["number"] == 20
    assert len(vendor.asked) <= 5  # those of the last five minutes are read again
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)


def test_the_documented_pull_request_becomes_a_row() -> None:
    with scripted(Answer.json([pull_request(3)])) as vendor:
        (row,) = rows_of(pull(vendor, "pull_request"))
    assert (row["base_ref"], row["head_ref"], row["repository"]) == ("main", "topic", "acme/data")
    assert (row["is_draft"], row["reviewer_logins"]) == (True, ["other_user"])
    fitted = Shape(github.tables["raw_github.pull_request"].table).fit([row])
    assert (fitted.misfits, fitted.unknown) == ({}, {})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(200, b"<html>hello</html>", {"Content-Type": "text/html"}), "no complete JSON"),
        (Answer(200, b'[{"id": 1', {"Content-Type": "application/json"}), "no complete JSON"),
        (Answer.json({"message": "Resource not accessible by personal access token"}, 403), "not allowed to read"),
        (Answer.json({"message": "Issues are disabled for this repo"}, 410), "take it out of SG_GITHUB_REPOSITORIES"),
        (Answer.json({"message": "Validation Failed", "errors": []}, 422), "422"),
    ],
)
def test_one_clear_error_names_the_request_and_what_to_do(answer: Answer, told: str) -> None:
    fetch = github.tables["raw_github.issue"].fetch
    assert fetch
    with scripted(answer) as vendor, github.connect(vendor.url, SETTINGS) as client:
        client.sleep = lambda _: None  # pyrefly: ignore[missing-attribute]
        with pytest.raises(SourceError, match="github: GET /repos/acme/data/issues") as caught:
            list(fetch(Pull(client, SETTINGS, NOW)))
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)
