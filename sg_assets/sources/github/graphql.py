"""What only GitHub's GraphQL API tells: the items of the analytics team's board, and which issues still exist.

Neither can be asked for what changed, so both are read in full each time. How a query is sent is in `connection.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from sg_assets.columns import Column
from sg_assets.http import Client, SourceError
from sg_assets.promise import DAILY
from sg_assets.source import Page, Pull
from sg_assets.sources.github.connection import ask, board, github, repositories
from sg_assets.table import Mode

PAGE = 100
LEAST_PAGE = 12
"""Under so many nodes at once a query that takes GitHub too long is given up."""
STATUS = "Status"
"""The field of the board whose values are its columns."""

Node = dict[str, Any]

ITEMS = """
query($org: String!, $n: Int!, $first: Int!, $after: String) {
  organization(login: $org) { projectV2(number: $n) { id title items(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id type isArchived createdAt updatedAt
      content {
        __typename
        ... on Issue { id number title url state repository { nameWithOwner } }
        ... on PullRequest { id number title url repository { nameWithOwner } }
        ... on DraftIssue { id title }
      }
      fieldValues(first: 50) { nodes {
        __typename
        ... on ProjectV2ItemFieldValueCommon { createdAt updatedAt field { ... on ProjectV2FieldCommon { name } } }
        ... on ProjectV2ItemFieldSingleSelectValue { name }
        ... on ProjectV2ItemFieldTextValue { text }
        ... on ProjectV2ItemFieldNumberValue { number }
        ... on ProjectV2ItemFieldDateValue { date }
        ... on ProjectV2ItemFieldIterationValue { title startDate duration }
      } }
    }
  } } }
}
"""
ISSUES = """
query($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) { nameWithOwner issues(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id number }
  } }
}
"""

PROJECT_ITEM = (
    Column("id", "STRING", "GitHub's id of the item on its board."),
    Column("project_id", "STRING", "GitHub's id of the board."),
    Column("project_number", "INT64", "Number of the board in its organisation."),
    Column("project_title", "STRING", "Title of the board."),
    Column("type", "STRING", "ISSUE, PULL_REQUEST, DRAFT_ISSUE, or REDACTED where the token may not see the content."),
    Column("is_archived", "BOOL", "Whether it was put away."),
    Column("created_at", "TIMESTAMP", "When it came onto the board."),
    Column("updated_at", "TIMESTAMP", "When the item, not its content, was last changed."),
    Column("content_id", "STRING", "GraphQL id of the issue or pull request: its node_id; null where it is redacted."),
    Column("repository", "STRING", "Repository of the content, as owner/name; null of a draft."),
    Column("number", "INT64", "Number of the content in its repository; null of a draft."),
    Column("title", "STRING", "Title of the content."),
    Column("url", "STRING", "Page of the content."),
    Column("content_state", "STRING", "OPEN or CLOSED, of an issue."),
    Column("status", "STRING", "Column of the board in which it is; null as long as nobody looked at it."),
    Column("status_set_at", "TIMESTAMP", "When it first got a status: when it was triaged."),
    Column("status_changed_at", "TIMESTAMP", "When its status last changed."),
    Column("field_values", "JSON", "Values of the board's other fields, by name; an iteration as its parts."),
)
EXISTING_ISSUE = (
    Column("node_id", "STRING", "GitHub's id of the issue in GraphQL."),
    Column("repository", "STRING", "Repository, as owner/name."),
    Column("number", "INT64", "Number within the repository."),
)


@github.pull(columns=PROJECT_ITEM, key=("id",), mode=Mode.SNAPSHOT)
def project_item(pull: Pull) -> Iterator[Page]:
    """One row per item of the analytics team's board, archived ones included; what was taken off it says so."""
    place = board(pull.settings)
    for project, nodes in _listed(pull.http, ITEMS, place, ("organization", "projectV2"), "items"):
        about = {"project_id": project["id"], "project_number": place["n"], "project_title": project["title"]}
        yield Page([about | _item(node) for node in nodes])


@github.pull(columns=EXISTING_ISSUE, key=("node_id",), mode=Mode.SNAPSHOT, promise=DAILY)
def existing_issue(pull: Pull) -> Iterator[Page]:
    """One row per issue that exists in a declared repository, pull requests apart; a deleted or moved one says so."""
    for full_name in repositories(pull.settings):
        owner, _, name = full_name.partition("/")
        for found, nodes in _listed(pull.http, ISSUES, {"owner": owner, "name": name}, ("repository",), "issues"):
            where = found["nameWithOwner"]
            yield Page([{"node_id": n["id"], "repository": where, "number": n["number"]} for n in nodes])


def _listed(
    http: Client, query: str, variables: Mapping[str, object], path: tuple[str, ...], connection: str
) -> Iterator[tuple[Node, list[Node]]]:
    """A connection, page by page: what it belongs to, and its nodes. Pages are halved where GitHub takes too long.

    Raises:
        SourceError: what it belongs to is not there, or GitHub takes too long for even a few nodes.
    """
    first, after = PAGE, None
    while True:
        try:
            found: Any = ask(http, query, {**variables, "first": first, "after": after})
        except SourceError as error:
            if error.status not in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT} or first // 2 < LEAST_PAGE:
                raise
            first //= 2
            continue
        for name in path:
            found = (found or {}).get(name)
        if found is None:
            came, advice = (
                f"no {path[-1]} of {dict(variables)}",
                "Check the variables of GitHub, and the token's rights.",
            )
            raise SourceError(http.name, "POST /graphql", came, advice, HTTPStatus.NOT_FOUND)
        page = found[connection]
        yield found, [node for node in page["nodes"] if node is not None]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _item(node: Node) -> dict[str, object]:
    content = node["content"] or {}
    values = {value["field"]["name"]: value for value in node["fieldValues"]["nodes"] if value.get("field")}
    status = values.pop(STATUS, {})
    return {
        "id": node["id"],
        "type": node["type"],
        "is_archived": node["isArchived"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "content_id": content.get("id"),
        "repository": (content.get("repository") or {}).get("nameWithOwner"),
        "number": content.get("number"),
        "title": content.get("title"),
        "url": content.get("url"),
        "content_state": content.get("state"),
        "status": status.get("name"),
        "status_set_at": status.get("createdAt"),
        "status_changed_at": status.get("updatedAt"),
        "field_values": {name: _plain(value) for name, value in values.items()},
    }


def _plain(value: Node) -> object:
    """The value of a field, whichever of its types it has; only an iteration has several parts."""
    if value["__typename"] == "ProjectV2ItemFieldIterationValue":
        return {part: value[part] for part in ("title", "startDate", "duration")}
    return next((value[part] for part in ("name", "text", "number", "date") if part in value), None)
