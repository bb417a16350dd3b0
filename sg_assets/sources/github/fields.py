"""What we take of GitHub's issues, pull requests and repositories, and the documented fields that we leave.

REST sends everything; a field that is in neither was added by GitHub since, and is kept until somebody declares it.
https://docs.github.com/en/rest/issues/issues, /rest/pulls/pulls and /rest/repos/repos
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sg_assets.columns import Classification, Column

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS

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

THREAD_FIELDS = frozenset(
    re.findall(
        r"\w+",
        """
_links active_lock_reason assignee assignees author_association auto_merge base body body_html body_text closed_at
closed_by comments created_at draft head id issue_dependencies_summary issue_field_values labels locked
merge_commit_sha merged_at milestone node_id number parent_issue performed_via_github_app pinned_comment pull_request
reactions repository requested_reviewers requested_teams state state_reason sub_issues_summary title type updated_at
user
""",
    )
)
REPOSITORY_FIELDS = frozenset(
    re.findall(
        r"\w+",
        """
allow_auto_merge allow_forking allow_merge_commit allow_rebase_merge allow_squash_merge allow_update_branch archived
code_of_conduct created_at custom_properties default_branch delete_branch_on_merge description disabled fork forks
forks_count full_name has_discussions has_downloads has_issues has_pages has_projects has_pull_requests has_wiki
homepage id is_template language license master_branch merge_commit_message merge_commit_title name network_count
node_id open_issues open_issues_count organization owner parent permissions private pull_request_creation_policy
pushed_at security_and_analysis size source squash_merge_commit_message squash_merge_commit_title stargazers_count
subscribers_count temp_clone_token template_repository topics updated_at use_squash_pr_title_as_default visibility
watchers watchers_count web_commit_signoff_required
""",
    )
)


def undeclared(came: Mapping[str, object], known: frozenset[str]) -> dict[str, object]:
    """The fields that GitHub did not have when this was written; its many links are left out."""
    return {name: value for name, value in came.items() if name not in known and not name.endswith("url")}
