"""What GitHub's REST API gives: issues by their last change, pull requests from the newest change on, repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from sg_assets.http import Client, Reply
from sg_assets.http.exchange import Request
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.github.connection import github, repositories
from sg_assets.sources.github.fields import (
    ISSUE,
    PULL_REQUEST,
    REPOSITORY,
    REPOSITORY_FIELDS,
    THREAD_FIELDS,
    undeclared,
)
from sg_assets.table import Mode, Window

PAGE = "100"
OVERLAP = timedelta(minutes=5)
"""How far before the last change that was seen the next pull begins: changes may be listed a little late."""
EPOCH = datetime(2008, 1, 1, tzinfo=UTC)  # before the first issue of all
Json = dict[str, Any]


@github.pull(columns=ISSUE, key=("id",), mode=Mode.WINDOW)
def issue(pull: Pull) -> Iterator[Page]:
    """One row per issue of the declared repositories, open or closed, and per pull request, which is an issue too.

    Deleted and transferred issues just vanish, so once a day all are listed again; those that are gone then say so.
    """
    through, listed_on, today = _through(pull), (pull.cursor or {}).get("listed_on"), f"{pull.now:%Y-%m-%d}"
    is_again = listed_on is not None and listed_on != today
    for name in repositories(pull.settings):
        for found in _changed(pull.http, name, None if is_again else through.get(name)):
            through |= {name: max([through.get(name, ""), *(each["updated_at"] for each in found)])}
            cursor = {"through": dict(through)} | ({"listed_on": listed_on} if listed_on else {})
            yield Page([_issue(each) for each in found], None if is_again else cursor)
    everything = Window("created_at", EPOCH, pull.now) if is_again else None
    yield Page([], {"through": through, "listed_on": today}, covers=everything)


@github.pull(columns=PULL_REQUEST, key=("id",))
def pull_request(pull: Pull) -> Iterator[Page]:
    """One row per pull request of the declared repositories, whatever became of it; none is ever deleted."""
    through = _through(pull)
    for name in repositories(pull.settings):
        begin = _overlapping(through.get(name))
        params = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PAGE}
        for reply in _pages(pull.http, f"/repos/{name}/pulls", params):
            found: list[Json] = reply.value
            through |= {name: max([through.get(name, ""), *(each["updated_at"] for each in found)])}
            yield Page([_pull_request(each) for each in found])
            if found and found[-1]["updated_at"] < begin:
                break
    yield Page([], {"through": through})  # the newest come first: only now is everything had


@github.pull(columns=REPOSITORY, key=("id",), mode=Mode.SNAPSHOT)
def repository(pull: Pull) -> Iterator[Page]:
    """One row per declared repository, under the name that it has now."""
    yield Page([_repository(pull.http.get_json(f"/repos/{name}")) for name in repositories(pull.settings)])


def _through(pull: Pull) -> dict[str, str]:
    """The last change that was seen, by repository, of those that are read."""
    seen = cast("Mapping[str, str]", (pull.cursor or {}).get("through", {}))
    return {name: seen[name] for name in repositories(pull.settings) if name in seen}


def _overlapping(through: str | None) -> str:
    """Where to begin, so that nothing is lost; before everything without a last change."""
    return f"{datetime.fromisoformat(through) - OVERLAP:%Y-%m-%dT%H:%M:%SZ}" if through else ""


def _changed(http: Client, name: str, through: str | None) -> Iterator[list[Json]]:
    """The issues of a repository that changed since, the oldest change first.

    An issue that changes meanwhile moves to the end of the list, and the others move up over the border of a page. So
    the next page is not asked for by its number, but from the last change on, unless a page has only one change time.
    """
    path, since = f"/repos/{name}/issues", _overlapping(through)
    asked = {"state": "all", "sort": "updated", "direction": "asc", "per_page": PAGE}
    following: Mapping[str, str] | None = asked | ({"since": since} if since else {})
    while following is not None:
        reply = http.send(Request("GET", path, params=following))
        found: list[Json] = reply.value
        yield found
        following = _next(reply)
        if following is not None and found and found[-1]["updated_at"] > since:
            since = found[-1]["updated_at"]
            following = asked | {"since": since}


def _pages(http: Client, path: str, params: Mapping[str, str]) -> Iterator[Reply]:
    """A listing, page by page."""
    following: Mapping[str, str] | None = params
    while following is not None:
        reply = http.send(Request("GET", path, params=following))
        yield reply
        following = _next(reply)


def _next(reply: Reply) -> dict[str, str] | None:
    """The parameters of the next page, from the header `Link`, whose address may be another than ours; None at the end.

    https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    for link in reply.headers.get("Link", "").split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return dict(parse_qsl(urlsplit(address.strip(" <>")).query))
    return None


def _issue(came: Json) -> Row:
    named = {
        "repository": "/".join(came["repository_url"].split("/")[-2:]),
        "is_pull_request": "pull_request" in came,
        "is_locked": came.get("locked"),
        **{name: came.get(name) for name in ("id", "state_reason", "comments", "author_association")},
    }
    return undeclared(came, THREAD_FIELDS) | _thread(came) | named


def _pull_request(came: Json) -> Row:
    named = {
        "id": came["id"],
        "repository": came["base"]["repo"]["full_name"],
        "is_draft": came.get("draft"),
        "base_ref": came["base"]["ref"],
        "head_ref": came["head"]["ref"],
        "reviewer_logins": [each["login"] for each in came.get("requested_reviewers") or ()],
        "merged_at": came.get("merged_at"),
        "merge_commit_sha": came.get("merge_commit_sha"),
    }
    return undeclared(came, THREAD_FIELDS) | _thread(came) | named


def _thread(came: Json) -> dict[str, object]:
    author = came.get("user") or {}  # a person who deleted their account is shown as null, or as ghost
    return {
        **{n: came.get(n) for n in ("node_id", "number", "title", "body", "state")},
        **{n: came.get(n) for n in ("created_at", "updated_at", "closed_at")},
        "author_id": author.get("id"),
        "author_login": author.get("login"),
        "assignee_logins": [each["login"] for each in came.get("assignees") or ()],
        "label_names": [each if isinstance(each, str) else each["name"] for each in came.get("labels") or ()],
        "milestone_title": (came.get("milestone") or {}).get("title"),
        "url": came.get("html_url"),
    }


def _repository(came: Json) -> Row:
    named = {
        "name": came["full_name"],
        "is_archived": came.get("archived"),
        "is_fork": came.get("fork"),
        "stars": came.get("stargazers_count"),
        "forks": came.get("forks_count"),
        "open_issues": came.get("open_issues_count"),
        "size_kb": came.get("size"),
        **{n: came.get(n) for n in ("id", "node_id", "description", "visibility", "default_branch", "language")},
        **{n: came.get(n) for n in ("topics", "created_at", "updated_at", "pushed_at")},
    }
    return undeclared(came, REPOSITORY_FIELDS) | named
