"""What GitHub's REST API gives: issues by their last change, pull requests from the newest change on, repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from sg_assets.columns import Column
from sg_assets.http import Client, Reply
from sg_assets.http.exchange import Request
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.github.connection import PERSONAL, PSEUDONYMOUS, github, repositories
from sg_assets.table import Mode, Window

PAGE = "100"
OVERLAP = timedelta(minutes=5)
"""How far before the last change that was seen the next pull begins: changes may be listed a little late."""
EPOCH = datetime(2008, 1, 1, tzinfo=UTC)
"""Before the first issue of all."""

Json = dict[str, Any]

THREAD = (
    Column("node_id", "STRING", "The same in GraphQL."),
    Column("repository", "STRING", "Repository, as owner/name."),
    Column("number", "INT64", "Number within the repository; issues and pull requests share one count."),
    Column("title", "STRING", "Title."),
    Column("body", "STRING", "Text, in Markdown; null where nothing was written.", PERSONAL),
    Column("state", "STRING", "open or closed."),
    Column("author_id", "INT64", "GitHub's id of the person who opened it.", PSEUDONYMOUS),
    Column("author_login", "STRING", "Login of the person who opened it.", PERSONAL),
    Column("assignee_logins", "ARRAY<STRING>", "Logins of the people who are to do it.", PERSONAL),
    Column("label_names", "ARRAY<STRING>", "Names of its labels."),
    Column("milestone_title", "STRING", "Title of its milestone."),
    Column("created_at", "TIMESTAMP", "When it was opened."),
    Column("updated_at", "TIMESTAMP", "When it was last changed; a move on a board is no change."),
    Column("closed_at", "TIMESTAMP", "When it was closed; null while it is open."),
    Column("url", "STRING", "Its page."),
)
"""What issues and pull requests have in common."""

ISSUE = (
    Column("id", "INT64", "GitHub's id of the issue; a pull request has another one as an issue."),
    *THREAD,
    Column("is_pull_request", "BOOL", "Whether it is the issue side of a pull request."),
    Column("state_reason", "STRING", "Why it is closed: completed, not_planned, …; reopened when it was opened again."),
    Column("comments", "INT64", "Number of comments."),
    Column("is_locked", "BOOL", "Whether only collaborators may comment."),
    Column("author_association", "STRING", "What the author is to the repository: MEMBER, CONTRIBUTOR, NONE, …"),
)
PULL_REQUEST = (
    Column("id", "INT64", "GitHub's id of the pull request."),
    *THREAD,
    Column("is_draft", "BOOL", "Whether it is not yet meant for review."),
    Column("merged_at", "TIMESTAMP", "When it was merged; null where it was not."),
    Column("merge_commit_sha", "STRING", "Commit that it was merged as; before that, a test merge."),
    Column("base_ref", "STRING", "Branch that it is to be merged into."),
    Column("head_ref", "STRING", "Branch that it comes from."),
    Column("reviewer_logins", "ARRAY<STRING>", "Logins of the people whose review is still asked for.", PERSONAL),
)
REPOSITORY = (
    Column("id", "INT64", "GitHub's id of the repository; stays when it is renamed."),
    Column("node_id", "STRING", "The same in GraphQL."),
    Column("name", "STRING", "Its name now, as owner/name."),
    Column("description", "STRING", "What it is for."),
    Column("visibility", "STRING", "public, private or internal."),
    Column("is_archived", "BOOL", "Whether it can only be read any more."),
    Column("is_fork", "BOOL", "Whether it is a fork."),
    Column("default_branch", "STRING", "Branch that pull requests are merged into by default."),
    Column("language", "STRING", "Language that most of it is written in."),
    Column("topics", "ARRAY<STRING>", "Its topics."),
    Column("stars", "INT64", "Number of stars."),
    Column("forks", "INT64", "Number of forks."),
    Column("open_issues", "INT64", "Number of open issues and pull requests together."),
    Column("size_kb", "INT64", "Size, in kilobytes."),
    Column("created_at", "TIMESTAMP", "When it was created."),
    Column("updated_at", "TIMESTAMP", "When its settings or its main branch last changed."),
    Column("pushed_at", "TIMESTAMP", "When something was last pushed."),
)


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
    return _undeclared(came, THREAD_FIELDS) | _thread(came) | named


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
    return _undeclared(came, THREAD_FIELDS) | _thread(came) | named


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
    return _undeclared(came, REPOSITORY_FIELDS) | named


def _undeclared(came: Json, known: str) -> dict[str, object]:
    """The fields that GitHub did not have when this was written; its many links are left out."""
    return {name: value for name, value in came.items() if name not in known.split() and not name.endswith("url")}


THREAD_FIELDS = """
_links active_lock_reason assignee assignees author_association auto_merge base body body_html body_text closed_at
closed_by comments created_at draft head id issue_dependencies_summary issue_field_values labels locked
merge_commit_sha merged_at milestone node_id number parent_issue performed_via_github_app pinned_comment pull_request
reactions repository requested_reviewers requested_teams state state_reason sub_issues_summary title type updated_at
user
"""
REPOSITORY_FIELDS = """
allow_auto_merge allow_forking allow_merge_commit allow_rebase_merge allow_squash_merge allow_update_branch archived
code_of_conduct created_at custom_properties default_branch delete_branch_on_merge description disabled fork forks
forks_count full_name has_discussions has_downloads has_issues has_pages has_projects has_pull_requests has_wiki
homepage id is_template language license master_branch merge_commit_message merge_commit_title name network_count
node_id open_issues open_issues_count organization owner parent permissions private pull_request_creation_policy
pushed_at security_and_analysis size source squash_merge_commit_message squash_merge_commit_title stargazers_count
subscribers_count temp_clone_token template_repository topics updated_at use_squash_pr_title_as_default visibility
watchers watchers_count web_commit_signoff_required
"""
