from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.data_requests import Question
from sg_assets.sandbox.company.github_threads import ANALYTICS, HANDBOOK, threads
from sg_assets.sandbox.github_shapes import REQUEST_LABEL, TRIAGED_LABEL, issue, pull_request, repository, stamp
from sg_assets_tests.sandbox.world import ANCHOR

HERE = "https://api.github.com"


def test_an_issue_says_what_became_of_it(company: Company) -> None:
    one = next(t for t in threads(company, ANALYTICS, ANCHOR) if t.request and t.is_closed(ANCHOR) and t.is_done)
    before, after = issue(one, one.created_at, HERE), issue(one, ANCHOR, HERE)
    assert (before["state"], before["closed_at"], before["assignees"]) == ("open", None, [])
    assert (after["state"], after["state_reason"]) == ("closed", "completed")
    assert after["closed_at"] == stamp(one.closed_at)
    assert after["assignees"] == [after["assignee"]] != [None]


def test_a_request_is_told_by_its_label_and_one_that_was_looked_at_too(company: Company) -> None:
    one = next(t for t in threads(company, ANALYTICS, ANCHOR) if t.request and t.triaged_at)
    assert one.triaged_at
    early = issue(one, one.triaged_at - timedelta(seconds=1), HERE)["labels"]
    late = issue(one, one.triaged_at, HERE)["labels"]
    assert isinstance(early, list)
    assert isinstance(late, list)
    assert REQUEST_LABEL in [each["name"] for each in early]
    assert [each["name"] for each in late] == [*(each["name"] for each in early), TRIAGED_LABEL]


def test_the_body_is_that_of_the_request(company: Company) -> None:
    one = next(t for t in threads(company, ANALYTICS, ANCHOR) if t.request and len(t.request.answered) == 4)
    body = str(issue(one, ANCHOR, HERE)["body"])
    assert all(f"### {question}\r\n" in body for question in Question)


def test_a_pull_request_has_two_ends_of_which_one_may_be_gone(company: Company) -> None:
    one = next(t for t in threads(company, ANALYTICS, ANCHOR) if t.is_pull_request)
    shown = pull_request(one, ANCHOR, HERE)
    assert isinstance(shown["base"], dict)
    assert isinstance(shown["head"], dict)
    assert shown["base"]["repo"]["full_name"] == "sourcegraph/analytics"
    assert shown["head"]["repo"] is None
    assert "pull_request" in issue(one, ANCHOR, HERE)


def test_a_repository_may_be_archived(company: Company) -> None:
    found = list(threads(company, HANDBOOK, ANCHOR))
    shown = repository(HANDBOOK, found, ANCHOR, ANCHOR, HERE)
    assert (shown["archived"], shown["full_name"], shown["private"]) == (True, "sourcegraph/about", False)
    assert repository(ANALYTICS, [], ANCHOR, ANCHOR, HERE)["visibility"] == "private"
