"""The items of the analytics team's board, of which only GitHub's GraphQL API tells.

It cannot be asked for what changed, so the board is read in full each time. How a query is sent is in `connection.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from sg_assets.columns import Column
from sg_assets.http import SourceError
from sg_assets.source import Page, Pull
from sg_assets.sources.github.connection import ask, board, github
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


@github.pull(columns=PROJECT_ITEM, key=("id",), mode=Mode.SNAPSHOT)
def project_item(pull: Pull) -> Iterator[Page]:
    """One row per item of the analytics team's board, archived ones included; what was taken off it says so."""
    place, after = board(pull.settings), None
    first = PAGE
    while True:
        try:
            data = ask(pull.http, ITEMS, {**place, "first": first, "after": after})
        except SourceError as error:
            if error.status not in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT} or first // 2 < LEAST_PAGE:
                raise
            first //= 2  # what GitHub says of a query that takes it too long
            continue
        project = (data["organization"] or {}).get("projectV2")
        if project is None:
            came, advice = f"no board {place}", "Check the variables of GitHub, and that the token has read:project."
            raise SourceError(pull.http.name, "POST /graphql", came, advice, HTTPStatus.NOT_FOUND)
        about = {"project_id": project["id"], "project_number": place["n"], "project_title": project["title"]}
        page = project["items"]
        yield Page([about | _item(node) for node in page["nodes"] if node is not None])
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
