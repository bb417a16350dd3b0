from typing import Any

import pytest
import requests

from sg_assets.sandbox.company.github_board import items
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.github import TOKEN
from sg_assets.sandbox.github_graphql import schema
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import NOW

DOCUMENTED = """
query($org:String!,$n:Int!,$after:String){organization(login:$org){projectV2(number:$n){id title
 items(first:100,after:$after){totalCount pageInfo{hasNextPage endCursor}
 nodes{id type isArchived createdAt updatedAt content{__typename
  ... on Issue{id number title url state repository{nameWithOwner}} ... on DraftIssue{id title}}
  fieldValues(first:50){nodes{__typename
   ... on ProjectV2ItemFieldSingleSelectValue{name optionId field{... on ProjectV2FieldCommon{name}}}
   ... on ProjectV2ItemFieldDateValue{date} ... on ProjectV2ItemFieldNumberValue{number}
   ... on ProjectV2ItemFieldTextValue{text} ... on ProjectV2ItemFieldIterationValue{title startDate duration}}}}}}}
 rateLimit{cost remaining resetAt}}
"""
BOARD: dict[str, object] = {"org": "sourcegraph", "n": 63}


def ask(url: str, query: str, variables: dict[str, object] | None = None) -> dict[str, Any]:
    body = {"query": query, "variables": variables or {}}
    answer = requests.post(f"{url}/github/graphql", json=body, headers={"Authorization": f"token {TOKEN}"}, timeout=20)
    assert answer.status_code == 200
    return dict(answer.json())


def all_items(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = ask(url, DOCUMENTED, {**BOARD, "after": after})["data"]["organization"]["projectV2"]["items"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_the_documented_query_gives_the_board_page_by_page(url: str, sandbox: Sandbox) -> None:
    first = ask(url, DOCUMENTED, BOARD)["data"]
    board = first["organization"]["projectV2"]
    assert (board["title"], len(board["items"]["nodes"])) == ("Analytics", 40)
    assert first["rateLimit"]["cost"] == 1
    found = all_items(url)
    assert [node["id"] for node in found] == [item.id for item in items(sandbox.company, NOW)]
    assert board["items"]["totalCount"] == len(found)


def test_every_type_of_item_and_of_value_occurs(url: str) -> None:
    found = all_items(url)
    assert {node["type"] for node in found} == {"ISSUE", "PULL_REQUEST", "DRAFT_ISSUE", "REDACTED"}
    assert all((node["content"] is None) == (node["type"] == "REDACTED") for node in found)
    kinds = {value["__typename"] for node in found for value in node["fieldValues"]["nodes"]}
    assert kinds == {
        f"ProjectV2ItemField{kind}Value" for kind in ("SingleSelect", "Text", "Number", "Date", "Iteration", "User")
    }


def test_the_content_of_a_transferred_issue_is_elsewhere(url: str) -> None:
    issues = [node["content"] for node in all_items(url) if node["type"] == "ISSUE"]
    assert {issue["repository"]["nameWithOwner"] for issue in issues} == {
        "sourcegraph/analytics",
        "sourcegraph/sourcegraph",
    }
    assert {issue["state"] for issue in issues} == {"OPEN", "CLOSED"}


@pytest.mark.parametrize(
    ("query", "variables", "kind"),
    [
        (DOCUMENTED, {"org": "nobody", "n": 63}, "NOT_FOUND"),
        (DOCUMENTED, {"org": "sourcegraph", "n": 1}, "NOT_FOUND"),
        (DOCUMENTED.replace("first:100,", ""), BOARD, "MISSING_PAGINATION_BOUNDARIES"),
        (DOCUMENTED.replace("first:100", "first:101"), BOARD, "EXCESSIVE_PAGINATION"),
        ("{ nothing }", {}, "INVALID"),
    ],
)
def test_errors_come_in_good_answers(url: str, query: str, variables: dict[str, object], kind: str) -> None:
    assert ask(url, query, variables)["errors"][0]["type"] == kind


def test_a_list_may_be_empty_and_a_row_come_twice(url: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "github", match="items", count=1)
    ids = [node["id"] for node in all_items(url)]
    assert len(ids) == len(set(ids)) + 1
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "github", match="items", count=1)
    assert all_items(url) == []


def test_items_cannot_be_asked_for_by_their_last_change() -> None:
    asked = schema().get_type("ProjectV2")
    assert set(asked.fields["items"].args) == {"first", "after"}  # pyrefly: ignore[missing-attribute]
