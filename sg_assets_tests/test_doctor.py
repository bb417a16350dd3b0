"""What is found out about sources that let us read, that do not, and that are not there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.discovery import System
from sg_assets.doctor import Diagnosis, examine
from sg_assets.environment import Environment, load
from sg_assets.examination import Finding, look
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.promise import HOURLY
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Source, Variable
from sg_assets_tests.scripted_vendor import Answer, scripted

SHOP = "shop"


def source(url: str = "https://shop.example", name: str = SHOP, **more: object) -> Source:
    def connect(base_url: str, _settings: Mapping[str, str]) -> Client:
        return Client(base_url, name=name)

    made = Source(name, "The shop.", "team:shop", HOURLY, connect, base_url=url, **more)  # pyrefly: ignore[bad-argument-type]

    @made.examine
    def ask(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
        yield look("orders", lambda: http.get_json("/orders"))
        yield look("people", lambda: http.get_json("/people"))
        yield Finding("calls", quota_left=http.get_json("/limits")["left"])

    return made


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return load({"SG_ENV": "production", "SG_HOME": str(tmp_path)})


def asked(
    env: Environment, sources: list[Source], told: Callable[[Diagnosis], None] = lambda _one: None
) -> list[Diagnosis]:
    return examine(env, {source.name: source for source in sources}, told)


def diagnosed(env: Environment, *answers: Answer) -> Diagnosis:
    with scripted(*answers) as vendor:
        (found,) = asked(env, [source(vendor.url)])
    return found


def test_a_source_that_lets_us_read_is_permitted_and_tells_its_quota(env: Environment) -> None:
    found = diagnosed(env, Answer.json([]), Answer.json([]), Answer.json({"left": 12}))
    assert (found.is_configured, found.is_reachable, found.is_permitted, found.quota_left) == (True, True, True, 12)
    assert [finding.subject for finding in found.findings] == ["orders", "people", "calls"]
    assert (found.detail, found.is_sick) == ("", False)


def test_a_refusal_of_one_object_is_told_and_the_others_are_asked(env: Environment) -> None:
    found = diagnosed(env, Answer.json([]), Answer(403, b"no scope"), Answer.json({"left": 12}))
    assert (found.is_reachable, found.is_permitted, found.quota_left) == (True, False, 12)
    assert [finding.is_permitted for finding in found.findings] == [True, False, True]
    assert "GET /people: 403 no scope" in found.detail
    assert found.is_sick


def test_a_refusal_of_everything_is_one_of_permissions(env: Environment) -> None:
    made = source()

    @made.examine
    def ask(_http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
        if made.tables == {}:
            raise SourceError(SHOP, "sign in", "400 invalid client", status=400)
        yield Finding("orders")

    (found,) = asked(env, [made])
    assert (found.is_reachable, found.is_permitted, found.detail) == (True, False, "shop: sign in: 400 invalid client")


def test_nobody_there_is_not_reachable_and_says_nothing_of_permissions(env: Environment) -> None:
    (found,) = asked(env, [source("http://127.0.0.1:9")])
    assert (found.is_configured, found.is_reachable, found.is_permitted) == (True, False, None)
    assert "no answer from 127.0.0.1:9" in found.detail
    assert found.is_sick


def test_something_else_that_answers_is_not_the_vendor(env: Environment) -> None:
    page = Answer(200, b"<html>Sign in</html>")
    assert "no complete JSON" in diagnosed(env, page, page, page).detail
    odd = diagnosed(env, Answer.json([]), Answer.json([]), Answer.json(["left"]))
    assert (odd.is_reachable, odd.is_permitted) == (False, None)
    assert "the answer has another shape than the vendor's: TypeError" in odd.detail


def test_a_limit_is_no_illness(env: Environment) -> None:
    found = diagnosed(env, Answer.json([]), Answer(429, b"slow down", {"Retry-After": "90"}))
    assert (found.is_reachable, found.is_permitted, found.is_sick) == (True, None, False)
    assert "come back at" in found.detail


def test_a_source_without_its_variables_is_not_configured_and_not_asked(env: Environment) -> None:
    (found,) = asked(env, [source(variables=(Variable("SG_SHOP_TOKEN", "Token."),))])
    assert (found.is_configured, found.is_reachable, found.is_permitted) == (False, None, None)
    assert found.detail == "shop is not connected: SG_SHOP_TOKEN not set"
    assert not found.is_sick


def test_an_address_that_is_none_is_a_sick_source_and_no_end_for_the_others(tmp_path: Path) -> None:
    env = load({"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_SHOP_URL": "shop"})
    with scripted(Answer.json([]), Answer.json([]), Answer.json({"left": 1})) as vendor:
        found = asked(env, [source(), source(vendor.url, "other")])
    assert [(one.source, one.is_reachable) for one in found] == [("shop", False), ("other", True)]
    assert "SG_SHOP_URL=shop: set it to an address" in found[0].detail


def test_sources_are_asked_at_the_same_time_and_told_of_as_they_are_done(env: Environment) -> None:
    both = threading.Barrier(2, timeout=10)
    told: list[str] = []

    def waiting(name: str) -> Source:
        made = source(name=name)

        @made.examine
        def ask(_http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
            both.wait()
            yield Finding("orders")

        return made

    found = asked(env, [waiting("a"), waiting("b")], lambda one: told.append(one.source))
    assert [one.source for one in found] == ["a", "b"] == sorted(told)


def test_an_error_that_ends_the_questions_keeps_what_was_found_before(env: Environment) -> None:
    made = source()

    @made.examine
    def ask(_http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
        yield Finding("orders", is_permitted=False, detail="no right")
        raise ComeBackLater(SHOP, datetime(2026, 11, 20, tzinfo=UTC), "too many calls")

    (found,) = asked(env, [made])
    assert found.is_permitted is False
    assert found.detail == "no right; shop: come back at 2026-11-20T00:00:00Z: too many calls"


def test_every_source_says_how_it_is_examined() -> None:
    assert [source.name for source in discovery.reached() if not (source.examination or source.is_only_watched)] == []


REACHED = [one for one in discovery.project().systems if not one.reached.is_only_watched]


@pytest.mark.parametrize("system", REACHED, ids=lambda system: system.name)
def test_the_stand_in_of_every_system_permits_and_refuses(system: System, tmp_path: Path) -> None:
    source = system.reached
    env = load({"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05"})
    (found,) = asked(env, [source])
    assert (found.is_reachable, found.is_permitted, found.detail, found.warnings) == (True, True, "", ())
    assert found.findings
    if source.name == "production_db":
        return  # a real Postgres, in which no fault can be switched on
    env.sandbox.faults.switch_on(Kind.FORBIDDEN, source.name)
    (refused,) = asked(env, [source])
    assert (refused.is_reachable, refused.is_permitted) == (True, False), refused.detail
    assert all(SourceError.__name__ not in finding.detail for finding in refused.findings)
