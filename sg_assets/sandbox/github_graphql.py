"""GitHub's GraphQL API, as far as boards need it, with its errors in answers that are good HTTP.

Types and arguments follow https://docs.github.com/en/graphql/reference; every list must be asked for with `first`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from sg_assets.sandbox.company.github_board import ORGANIZATION, PROJECT, TITLE, Item, items, sprint
from sg_assets.sandbox.company.github_threads import ELSEWHERE, PRODUCT
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.github_shapes import stamp
from sg_assets.sandbox.sandbox import Sandbox

SOURCE = "github"
MOST = 100
NOT_FOUND, NO_BOUNDS, TOO_MANY = "NOT_FOUND", "MISSING_PAGINATION_BOUNDARIES", "EXCESSIVE_PAGINATION"
Node = dict[str, Any]

SCHEMA = """
scalar DateTime
scalar Date
scalar URI
enum ProjectV2ItemType { DRAFT_ISSUE ISSUE PULL_REQUEST REDACTED }
enum ProjectV2ItemOrderField { POSITION }
enum IssueState { OPEN CLOSED }
type Query {
  organization(login: String!): Organization
  rateLimit: RateLimit
}
type RateLimit { cost: Int! limit: Int! remaining: Int! resetAt: DateTime! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Organization { login: String! projectV2(number: Int!): ProjectV2 }
type Repository { nameWithOwner: String! }
type ProjectV2 {
  id: ID! title: String! number: Int!
  items(first: Int, after: String): ProjectV2ItemConnection!
}
type ProjectV2ItemConnection { totalCount: Int! pageInfo: PageInfo! nodes: [ProjectV2Item] }
type ProjectV2Item {
  id: ID! type: ProjectV2ItemType! isArchived: Boolean! createdAt: DateTime! updatedAt: DateTime!
  content: ProjectV2ItemContent
  fieldValues(first: Int): ProjectV2ItemFieldValueConnection!
}
type ProjectV2ItemFieldValueConnection { totalCount: Int! nodes: [ProjectV2ItemFieldValue] }
union ProjectV2ItemContent = DraftIssue | Issue | PullRequest
type DraftIssue { id: ID! title: String! }
type Issue { id: ID! number: Int! title: String! url: URI! state: IssueState! repository: Repository! }
type PullRequest { id: ID! number: Int! title: String! url: URI! repository: Repository! }
interface ProjectV2FieldCommon { id: ID! name: String! }
type ProjectV2Field implements ProjectV2FieldCommon { id: ID! name: String! }
type ProjectV2SingleSelectField implements ProjectV2FieldCommon { id: ID! name: String! }
type ProjectV2IterationField implements ProjectV2FieldCommon { id: ID! name: String! }
union ProjectV2FieldConfiguration = ProjectV2Field | ProjectV2SingleSelectField | ProjectV2IterationField
union ProjectV2ItemFieldValue = ProjectV2ItemFieldSingleSelectValue | ProjectV2ItemFieldTextValue
  | ProjectV2ItemFieldNumberValue | ProjectV2ItemFieldDateValue | ProjectV2ItemFieldIterationValue
  | ProjectV2ItemFieldUserValue
interface ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration!
}
type ProjectV2ItemFieldSingleSelectValue implements ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration! name: String optionId: String
}
type ProjectV2ItemFieldTextValue implements ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration! text: String
}
type ProjectV2ItemFieldNumberValue implements ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration! number: Float
}
type ProjectV2ItemFieldDateValue implements ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration! date: Date
}
type ProjectV2ItemFieldIterationValue implements ProjectV2ItemFieldValueCommon {
  createdAt: DateTime! updatedAt: DateTime! field: ProjectV2FieldConfiguration!
  title: String! startDate: Date! duration: Int!
}
type ProjectV2ItemFieldUserValue { field: ProjectV2FieldConfiguration! }
"""


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema(SCHEMA)


@dataclass(frozen=True)
class Graph:
    """What the API shows at one instant: nodes are mappings whose functions the GraphQL library calls when asked."""

    sandbox: Sandbox
    at: datetime
    limits: Node

    def answer(self, asked: Mapping[str, Any]) -> Node:
        """The answer to a query: `data`, and `errors` with the types that GitHub gives them."""
        root = {"organization": self.organization, "rateLimit": self.limits}
        result = graphql_sync(schema(), str(asked.get("query")), root, variable_values=asked.get("variables") or {})
        errors = [
            {"type": (e.extensions or {}).get("type", "INVALID"), "path": e.path, "message": e.message}
            for e in result.errors or ()
        ]
        return {"data": result.data} | ({"errors": errors} if errors else {})

    def organization(self, _info: object, *, login: str) -> Node:
        """An organisation and its boards."""
        if login != ORGANIZATION:
            raise _error(NOT_FOUND, f"Could not resolve to an Organization with the login of '{login}'.")
        return {"login": login, "projectV2": self.project}

    def project(self, _info: object, *, number: int) -> Node:
        """A board, by its number."""
        if number != PROJECT:
            raise _error(NOT_FOUND, f"Could not resolve to a ProjectV2 with the number {number}.")

        def shown(_info: object, first: int | None = None, after: str | None = None) -> Node:
            return self._page("items", [self._item(one) for one in items(self.sandbox.company, self.at)], first, after)

        return {"id": "PVT_kwDOADy5QM4AAD8", "title": TITLE, "number": number, "items": shown}

    def _page(self, connection: str, nodes: Sequence[Node], first: int | None, after: str | None) -> Node:
        first = _size(connection, first)
        ids = [str(node["id"]) for node in nodes]
        start = ids.index(after) + 1 if after in ids else 0
        end = start + min(first, self.sandbox.page_size)
        shown, faults = list(nodes[start:end]), self.sandbox.faults
        if faults.take(Kind.EMPTY_LIST, SOURCE, connection):
            shown, end = [], len(nodes)
        if start and shown and faults.take(Kind.REPEATED_ROW, SOURCE, connection):
            shown = [nodes[start - 1], *shown]
        page = {"hasNextPage": end < len(nodes), "endCursor": str(shown[-1]["id"]) if shown else None}
        return {"totalCount": len(nodes), "pageInfo": page, "nodes": shown}

    def _item(self, one: Item) -> Node:
        values = _values(one, self.sandbox.company.anchor, self.at)
        content = _content(one, self.at)
        kinds = {"Issue": "ISSUE", "PullRequest": "PULL_REQUEST", "DraftIssue": "DRAFT_ISSUE"}
        return {
            "id": one.id,
            "type": kinds[content["__typename"]] if content else "REDACTED",
            "isArchived": one.is_archived(self.at),
            "createdAt": stamp(one.created_at),
            "updatedAt": stamp(one.updated_at(self.at)),
            "content": content,
            "fieldValues": lambda _info, first=None: {
                "totalCount": len(values),
                "nodes": values[: _size("fieldValues", first)],
            },
        }


def _content(one: Item, at: datetime) -> Node | None:
    """What an item is about; nothing of what may not be seen."""
    if one.thread is None:
        return {"__typename": "DraftIssue", "id": f"DI_{one.id}", "title": one.title} if one.title else None
    thread = one.thread
    name, number, node_id = thread.repository.name, thread.number, thread.node_id
    if thread.is_transferred and not thread.is_there(at):
        name, number, node_id = PRODUCT.name, ELSEWHERE + number, f"{node_id}_moved"
    kind, path = ("PullRequest", "pull") if thread.is_pull_request else ("Issue", "issues")
    return {
        "__typename": kind,
        "id": node_id,
        "number": number,
        "title": thread.title,
        "url": f"https://github.com/{name}/{path}/{number}",
        "state": "CLOSED" if thread.is_closed(at) else "OPEN",
        "repository": {"nameWithOwner": name},
    }


def _values(one: Item, anchor: datetime, at: datetime) -> list[Node]:
    """The values of an item's fields: every item has its title, and the team fills in the rest when it looks at it."""
    if one.title is None:
        return []
    found = [_value("Text", "Title", one.created_at, text=one.title)]
    status, moved = one.status(at), one.moved_at(at)
    if status is None or moved is None:
        return found
    first = one.moves[0][0]
    found.append(_value("SingleSelect", "Status", first, moved, name=status, optionId=f"{len(status):08x}"))
    found.append(_value("SingleSelect", "Priority", first, name=one.priority, optionId="c0ffee00"))
    found.append({"__typename": "ProjectV2ItemFieldUserValue", "field": _field("ProjectV2Field", "Assignees")})
    if one.estimate is not None:
        found.append(_value("Number", "Estimate", first, number=one.estimate))
    if one.due_on is not None:
        found.append(_value("Date", "Due", first, date=one.due_on.isoformat()))
    title, starts, days = sprint(anchor, first)
    return [*found, _value("Iteration", "Sprint", first, title=title, startDate=starts.isoformat(), duration=days)]


def _value(kind: str, field: str, created: datetime, updated: datetime | None = None, **value: object) -> Node:
    types = {"SingleSelect": "ProjectV2SingleSelectField", "Iteration": "ProjectV2IterationField"}
    times = {"createdAt": stamp(created), "updatedAt": stamp(updated or created)}
    typename = f"ProjectV2ItemField{kind}Value"
    return {"__typename": typename, "field": _field(types.get(kind, "ProjectV2Field"), field), **times, **value}


def _field(kind: str, name: str) -> Node:
    return {"__typename": kind, "id": f"PVTF_{name}", "name": name}


def _size(connection: str, first: int | None) -> int:
    """How many nodes are asked for.

    Raises:
        GraphQLError: none is said, or too many.
    """
    if first is None:
        text = f"You must provide a `first` or `last` value to properly paginate the `{connection}` connection."
        raise _error(NO_BOUNDS, text)
    if not 1 <= first <= MOST:
        text = (
            f"Requesting {first} records on the `{connection}` connection exceeds the `first` limit of {MOST} records."
        )
        raise _error(TOO_MANY, text)
    return first


def _error(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})
