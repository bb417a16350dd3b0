"""How GitHub's REST API writes repositories, issues and pull requests: field names, nesting and nulls as documented.

https://docs.github.com/en/rest/issues/issues, /rest/pulls/pulls and /rest/repos/repos. Most of the many links that a
body carries are left out.
"""

from __future__ import annotations

from datetime import datetime

from sg_assets.sandbox.company.data_requests import COMMENT
from sg_assets.sandbox.company.github_threads import ANALYTICS, Repository, Thread
from sg_assets.sandbox.company.staff import Employee

Json = dict[str, object]
REQUEST_LABEL, URGENT_LABEL, TRIAGED_LABEL = "data-request", "urgent", "team/analytics"


def stamp(at: datetime | None) -> str | None:
    """A time as GitHub writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def user(one: Employee, here: str) -> Json:
    """A person, as far as every body shows one."""
    login = one.github_login
    return {
        "login": login,
        "id": 5_000_000 + one.number,
        "node_id": f"U_kgDO{one.number:06x}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{5_000_000 + one.number}?v=4",
        "url": f"{here}/users/{login}",
        "html_url": f"https://github.com/{login}",
        "type": "User",
        "site_admin": False,
    }


def label(name: str, here: str, repository: str) -> Json:
    """A label."""
    return {
        "id": 208_045_946 + len(name),
        "node_id": f"LA_kwDO{len(name):04x}",
        "url": f"{here}/repos/{repository}/labels/{name}",
        "name": name,
        "description": None,
        "color": "f29513",
        "default": False,
    }


def issue(thread: Thread, at: datetime, here: str) -> Json:
    """A thread as the issues API shows it: pull requests are issues too, with a key of their own."""
    name, number = thread.repository.name, thread.number
    is_closed = thread.is_closed(at)
    shown: Json = {
        "id": thread.id,
        "node_id": thread.node_id,
        "url": f"{here}/repos/{name}/issues/{number}",
        "repository_url": f"{here}/repos/{name}",
        "html_url": f"https://github.com/{name}/{'pull' if thread.is_pull_request else 'issues'}/{number}",
        "number": number,
        "state": "closed" if is_closed else "open",
        "state_reason": _reason(thread) if is_closed and not thread.is_pull_request else None,
        "title": thread.title,
        "body": _body(thread, at),
        "user": user(thread.author, here),
        "labels": [label(each, here, name) for each in _labels(thread, at)],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": thread.comments(at),
        "author_association": "MEMBER",
        "created_at": stamp(thread.created_at),
        "updated_at": stamp(thread.updated_at(at)),
        "closed_at": stamp(thread.closed_at) if is_closed else None,
        "closed_by": None,
        "performed_via_github_app": None,
        "reactions": {"url": f"{here}/repos/{name}/issues/{number}/reactions", "total_count": 0},
        "timeline_url": f"{here}/repos/{name}/issues/{number}/timeline",
    }
    if thread.assignee and thread.is_triaged(at):
        shown |= {"assignee": user(thread.assignee, here), "assignees": [user(thread.assignee, here)]}
    if thread.is_pull_request:
        url = f"{here}/repos/{name}/pulls/{number}"
        merged = stamp(thread.closed_at) if is_closed and thread.is_done else None
        shown |= {"draft": False, "pull_request": {"url": url, "diff_url": f"{url}.diff", "merged_at": merged}}
    return shown


def pull_request(thread: Thread, at: datetime, here: str) -> Json:
    """A pull request as its own API shows it, where it has another id than as an issue."""
    name, number = thread.repository.name, thread.number
    is_closed = thread.is_closed(at)
    author = user(thread.author, here)

    def end(ref: str) -> Json:
        repo = {"id": thread.repository.id, "full_name": name} if ref == "main" else None  # a fork may be gone
        return {"label": f"sourcegraph:{ref}", "ref": ref, "sha": f"{thread.id:040x}", "user": author, "repo": repo}

    return {
        "id": thread.id + 500_000_000_000,
        "node_id": thread.node_id,
        "url": f"{here}/repos/{name}/pulls/{number}",
        "html_url": f"https://github.com/{name}/pull/{number}",
        "issue_url": f"{here}/repos/{name}/issues/{number}",
        "number": number,
        "state": "closed" if is_closed else "open",
        "locked": False,
        "title": thread.title,
        "user": author,
        "body": _body(thread, at),
        "labels": [],
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "created_at": stamp(thread.created_at),
        "updated_at": stamp(thread.updated_at(at)),
        "closed_at": stamp(thread.closed_at) if is_closed else None,
        "merged_at": stamp(thread.closed_at) if is_closed and thread.is_done else None,
        "merge_commit_sha": f"{thread.id:040x}",
        "draft": number % 17 == 0,
        "head": end(f"{thread.author.github_login}/change-{number}"),
        "base": end("main"),
        "author_association": "MEMBER",
        "auto_merge": None,
    }


def repository(one: Repository, company_threads: list[Thread], anchor: datetime, at: datetime, here: str) -> Json:
    """A repository."""
    archived = one.archived is not None and anchor + one.archived <= at
    pushed = max((thread.updated_at(at) for thread in company_threads), default=anchor + one.begins)
    return {
        "id": one.id,
        "node_id": f"R_kgDO{one.id:x}",
        "name": one.name.partition("/")[2],
        "full_name": one.name,
        "private": one is ANALYTICS,
        "visibility": "private" if one is ANALYTICS else "public",
        "owner": {"login": one.name.partition("/")[0], "id": 3_979_584, "type": "Organization", "site_admin": False},
        "html_url": f"https://github.com/{one.name}",
        "url": f"{here}/repos/{one.name}",
        "description": None if one is ANALYTICS else f"The repository {one.name}",
        "fork": False,
        "archived": archived,
        "disabled": False,
        "is_template": False,
        "default_branch": "main",
        "language": None if one is ANALYTICS else "Go",
        "topics": [],
        "license": None,
        "stargazers_count": 0 if one is ANALYTICS else 9_700,
        "watchers_count": 0 if one is ANALYTICS else 9_700,
        "forks_count": 0 if one is ANALYTICS else 1_200,
        "open_issues_count": sum(not thread.is_closed(at) for thread in company_threads),
        "size": 4_096,
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "created_at": stamp(anchor + one.begins),
        "updated_at": stamp(pushed),
        "pushed_at": stamp(pushed),
        "permissions": {"admin": False, "push": False, "pull": True},
    }


def _reason(thread: Thread) -> str:
    return "completed" if thread.is_done else "not_planned"


def _body(thread: Thread, at: datetime) -> str | None:
    if thread.request is not None:
        return thread.request.body(is_edited=thread.is_edited(at))
    if thread.is_pull_request:
        return None if thread.number % 7 == 0 else "What it does.\r\n\r\n## Test plan\r\n\r\nSee the tests."
    return None if thread.number % 11 == 0 else f"Seen again today.\r\n\r\n{COMMENT}"


def _labels(thread: Thread, at: datetime) -> list[str]:
    found = []
    if thread.request is not None:
        found += [REQUEST_LABEL, URGENT_LABEL] if thread.request.is_urgent else [REQUEST_LABEL]
    return [*found, TRIAGED_LABEL] if thread.is_triaged(at) else found
