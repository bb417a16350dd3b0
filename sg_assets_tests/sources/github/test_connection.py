"""How GitHub is reached: its limits in all their disguises, its refusals, and the doctor."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import ComeBackLater, Fail, Reply, Retry, SourceError
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.github import connection
from sg_assets.sources.github.connection import ask, board, connect, examine, github, repositories, rule
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {
    "SG_GITHUB_TOKEN": "s3cret",
    "SG_GITHUB_ORGANIZATION": "acme",
    "SG_GITHUB_PROJECT": "63",
    "SG_GITHUB_REPOSITORIES": "acme/data, acme/web,,acme/data",
}
LIMITED = {"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}


def refusal(status: int, message: str, **headers: str) -> Reply:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode())


def reset_in(seconds: int) -> str:
    return str(int((NOW + timedelta(seconds=seconds)).timestamp()))


@pytest.mark.parametrize("status", [403, 429])
def test_limits_come_as_403_and_429_and_say_in_different_ways_how_long(status: int) -> None:
    secondary = refusal(status, "You have exceeded a secondary rate limit.", retry_after="17")
    assert rule(secondary, NOW) == Retry(17.0, is_limit=True)
    silent = refusal(status, "You have exceeded a secondary rate limit. Please wait a few minutes.")
    assert rule(silent, NOW) == Retry(60.0, is_limit=True)
    primary = refusal(status, "Sorry.", x_ratelimit_remaining="0", x_ratelimit_reset=reset_in(1200))
    assert rule(primary, NOW) == Retry(1200.0, is_limit=True)
    assert rule(refusal(status, "API rate limit exceeded for user ID 1."), NOW) == Retry(3600.0, is_limit=True)


def test_a_limit_in_a_good_answer_of_graphql_is_one() -> None:
    reply = Reply(200, {"x-ratelimit-reset": reset_in(30)}, b"").with_value({"errors": [LIMITED]})
    assert rule(reply, NOW) == Retry(30.0, is_limit=True)
    assert rule(Reply(200, {}, b"").with_value({"errors": [{"type": "NOT_FOUND"}]}), NOW) is None
    assert rule(Reply(200, {}, b"[]").with_value([]), NOW) is None


def test_other_refusals_are_no_limits() -> None:
    assert rule(refusal(403, "Resource not accessible by personal access token"), NOW) is None
    assert isinstance(rule(refusal(404, "Not Found"), NOW), Fail)
    assert isinstance(rule(refusal(410, "Issues are disabled for this repo"), NOW), Fail)
    assert rule(Reply(502, {}, b"<html>Unicorn!</html>"), NOW) is None
    assert rule(Reply(502, {}, b"[]"), NOW) is None
    heavy = Reply(502, {}, json.dumps({"data": None, "errors": [{"message": "Something went wrong"}]}).encode())
    assert isinstance(rule(heavy, NOW), Fail)


def test_an_hours_limit_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "github")
    with world.client(github) as client, pytest.raises(ComeBackLater) as caught:
        client.get_json("/repos/sourcegraph/analytics")
    assert timedelta(minutes=59) < caught.value.at - datetime.now(UTC) < timedelta(minutes=61)
    assert world.waits == []


def test_what_is_sent_with_every_request() -> None:
    with scripted(Answer.json({})) as vendor, connect(vendor.url, SETTINGS) as client:
        client.get_json("/rate_limit")
    sent = vendor.asked[0].headers
    assert sent["Authorization"] == "Bearer s3cret"
    assert sent["Accept"] == "application/vnd.github+json"
    assert sent["X-GitHub-Api-Version"] == "2022-11-28"
    assert sent["User-Agent"] == "sg-assets"


def test_the_settings_name_repositories_and_a_board() -> None:
    assert repositories(SETTINGS) == ["acme/data", "acme/web"]
    assert board(SETTINGS) == {"org": "acme", "n": 63}
    with pytest.raises(SourceError, match=r"its number is 'x'. Set SG_GITHUB_PROJECT to a number"):
        board(SETTINGS | {"SG_GITHUB_PROJECT": "x"})


@pytest.mark.parametrize(
    ("kind", "status"), [("INSUFFICIENT_SCOPES", 403), ("FORBIDDEN", 403), ("NOT_FOUND", 404), ("OTHER", None)]
)
def test_an_error_in_a_good_answer_is_one_even_beside_data(kind: str, status: int | None) -> None:
    answer = {"data": {"organization": None}, "errors": [{"type": kind, "message": "Your token lacks read:project."}]}
    with (
        scripted(Answer.json(answer)) as vendor,
        connect(vendor.url, SETTINGS) as client,
        pytest.raises(SourceError, match=r"POST /graphql: Your token lacks read:project\. Check") as caught,
    ):
        ask(client, "{ organization }", {})
    assert caught.value.status == status


def test_a_wrong_token_says_so_and_does_not_show_it(world: World) -> None:
    settings = dict(world.settings(github)) | {"SG_GITHUB_TOKEN": "wr0ng"}
    with connect(f"{world.url}/github", settings) as client, pytest.raises(SourceError) as caught:
        client.get_json("/repos/sourcegraph/analytics")
    assert "401" in str(caught.value)
    assert "Bad credentials" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


def test_the_doctor_looks_at_each_repository_and_the_board_and_tells_what_is_left(world: World) -> None:
    with world.client(github) as client:
        found = list(examine(client, world.settings(github)))
    assert [one.subject for one in found[:2]] == ["sourcegraph/analytics issues", "sourcegraph/analytics pulls"]
    assert found[6].subject == "read:project"
    assert all(one.is_permitted for one in found)
    assert [one.quota_left for one in found[-2:]] == [4999, 4999]


def test_the_doctor_names_what_is_not_permitted(world: World) -> None:
    changed = {"SG_GITHUB_REPOSITORIES": "sourcegraph/secret", "SG_GITHUB_PROJECT": "7"}
    with world.client(github) as client:
        found = list(examine(client, {**world.settings(github), **changed}))
    assert [one.is_permitted for one in found] == [False, False, False, True, True]
    assert "may not read" in found[0].detail
    assert "read:project" in found[2].detail


def test_the_rates_are_the_secondary_limits() -> None:
    assert [(rate.calls, rate.seconds, rate.path) for rate in connection.POINTS] == [
        (2000, 60.0, "/graphql"),
        (900, 60.0, ""),
    ]
