"""GitHub as Fivetran copies it: issues, pull requests and repositories, put together from the tables that it makes.

The names are those of Fivetran's schema and of the models that read it. It knows no board (Projects v2): that is still
fetched from GitHub, with a token of ours.
https://fivetran.com/docs/connectors/applications/github/connector-schema, https://github.com/fivetran/dbt_github
"""

from __future__ import annotations

from collections.abc import Mapping

from sg_assets.filling import Filler, Filling
from sg_assets.sources.github.connection import examine_board, github
from sg_assets.table import Part, Reach

VARIABLE = "SG_GITHUB_DATASET"
ITS_PAGE = (
    "concat('https://github.com/', repository.full_name, if({thread}.pull_request, '/pull/', '/issues/'), "
    "cast({thread}.number as string))"
)
"""An issue's address: the number of a pull request as an issue is that of the pull request."""
BESIDE = ("repository", "user", "milestone", "issue_assignee", "issue_label", "label")
JOINED = """
left join {repository} as repository on {thread}.repository_id = repository.id
left join {user} as author on {thread}.user_id = author.id
left join {milestone} as milestone on {thread}.milestone_id = milestone.id
left join (
    select given.issue_id, array_agg(person.login order by person.login) as logins
    from {issue_assignee} as given inner join {user} as person on given.user_id = person.id
    where person.login is not null
    group by given.issue_id
) as assigned on {thread}.id = assigned.issue_id
left join (
    select given.issue_id, array_agg(label.name order by label.name) as names
    from {issue_label} as given inner join {label} as label on given.label_id = label.id
    where label.name is not null
    group by given.issue_id
) as labelled on {thread}.id = labelled.issue_id
"""
"""What belongs to an issue, and is in tables of its own; `{thread}` is the issue."""
MERGED = """
left join (
    select issue_id, max(merged_at) as merged_at from {issue_merged} group by issue_id
) as merged on thread.id = merged.issue_id
"""
THREAD = {name: name for name in ("number", "title", "body", "state", "created_at", "updated_at", "closed_at")}


def _of(thread: str) -> Mapping[str, str]:
    """Columns that an issue, and a pull request with its issue, have from tables beside it."""
    return {
        "repository": "repository.full_name",
        "author_login": "author.login",
        "assignee_logins": "ifnull(assigned.logins, [])",
        "label_names": "ifnull(labelled.names, [])",
        "milestone_title": "milestone.title",
        "url": ITS_PAGE.replace("{thread}", thread),
    }


ISSUE = Part(
    "issue",
    fields={
        "id": "id", **THREAD, "author_id": "user_id", "is_pull_request": "pull_request", "is_locked": "locked",
        "state_reason": "state_reason",
    },
    computed=_of("t"),
    lacking={"state_reason": "cast(null as string)"},
    tail=JOINED.replace("{thread}", "t"),
    beside=BESIDE,
)  # fmt: skip
PULL_REQUEST = Part(
    "pull_request",
    fields={
        "id": "id", "is_draft": "draft", "merge_commit_sha": "merge_commit_sha", "base_ref": "base_ref",
        "head_ref": "head_ref",
    },
    computed={
        **{ours: f"thread.{theirs}" for ours, theirs in THREAD.items()},
        "author_id": "thread.user_id",
        **_of("thread"),
        "merged_at": "merged.merged_at",
    },
    lacking={"draft": "cast(null as bool)"},
    tail="inner join {issue} as thread on t.issue_id = thread.id" + JOINED.replace("{thread}", "thread") + MERGED,
    beside=("issue", "issue_merged", *BESIDE),
)  # fmt: skip
REPOSITORY = Part(
    "repository",
    fields={
        "id": "id", "name": "full_name", "description": "description", "is_archived": "archived", "is_fork": "fork",
        "default_branch": "default_branch", "language": "language", "created_at": "created_at",
        "stars": "watchers_count", "forks": "forks_count",
    },
    computed={"visibility": "if(t.private, 'private', 'public')"},
    lacking={"watchers_count": "cast(null as int64)", "forks_count": "cast(null as int64)"},
)  # fmt: skip
"""GitHub's `watchers_count` is the number of stars: https://docs.github.com/en/rest/activity/starring. What is internal
is private there, too."""

github.fillings |= {
    part.table: Filling(Filler.FIVETRAN, VARIABLE, (part,), Reach.TOLD, examine_board)
    for part in (ISSUE, PULL_REQUEST, REPOSITORY)
}
