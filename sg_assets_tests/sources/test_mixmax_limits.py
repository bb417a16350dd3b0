"""Mixmax: what happens where more is wanted than a token, a list or a minute gives, and what has then landed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import raw
from sg_assets.discovery import Project
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.http import SourceError
from sg_assets.http.pace import pace
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox.faults import Kind
from sg_assets.session import Result
from sg_assets.source import Pull
from sg_assets.sources import mixmax as module
from sg_assets.sources.mixmax import mixmax
from sg_assets.sources.pings import pings
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.test_mixmax import SEQUENCE, SETTINGS, pull, recipient, vendor_of

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def another_minute() -> None:
    """What other tests asked does not count against Mixmax's limit."""
    pace.cache_clear()


class Team:
    """A production with nothing but Mixmax, at a vendor of the test's own."""

    def __init__(self, home: Path, url: str) -> None:
        self.project = Project.of([mixmax, pings], [])  # pings are kept by day, as Dagster wants of some table
        variables = {"SG_ENV": "production", "SG_HOME": str(home), "SG_MIXMAX_URL": url, **SETTINGS}
        self.env: Environment = load(variables)
        self.history = dg.DagsterInstance.ephemeral()
        self.now = NOON

    @property
    def state(self) -> TableState:
        """The newest state of the recipients."""
        with closing(self.env.open_warehouse()) as warehouse:
            return warehouse.states()["raw_mixmax.recipient"]

    def refresh(self, table: str) -> Account:
        self.now += HOUR
        order, target = Order(self.now, "refresh"), Target.refresh([table])
        return refresh(self.project, self.env, target, order, self.history, lambda _report, _total: None)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.env.read_copy().query(sql).rows

    def close(self) -> None:
        self.env.operations.close()
        self.history.dispose()


@pytest.fixture
def listed() -> list[dict[str, object]]:
    return [recipient(n, state="active") for n in range(8)]


@pytest.fixture
def team(tmp_path: Path, listed: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setattr(raw, "RETRIES", dg.RetryPolicy(max_retries=raw.RETRIES.max_retries))  # without the pauses
    with answering(vendor_of(lambda: listed)) as vendor:
        made = Team(tmp_path / "team", vendor.url)
        yield made
        made.close()


def test_who_was_taken_out_of_a_sequence_stays_and_says_so(team: Team, listed: list[dict[str, object]]) -> None:
    assert [report.result for report in team.refresh("raw_mixmax.recipient").tables] == [Result.BUILT]
    del listed[3]
    listed[0]["state"] = "completed"
    team.refresh("raw_mixmax.recipient")
    assert team.rows("select count(*) from raw_mixmax.recipient where _deleted_at is null") == [(7,)]
    assert team.rows("select email from raw_mixmax.recipient where _deleted_at is not null") == [
        ("ada3@customer.example",)
    ]
    assert team.rows("select state, count(*) from raw_mixmax.recipient group by state order by state") == [
        ("active", 7),
        ("completed", 1),
    ]


def test_nothing_new_leaves_the_table_as_it_was(team: Team) -> None:
    team.refresh("raw_mixmax.recipient")
    before = team.state
    team.refresh("raw_mixmax.recipient")
    after = team.state
    assert after.content_version == before.content_version
    assert (before.data_through, after.data_through) == (NOON + HOUR, NOON + 2 * HOUR)


def test_a_sequence_with_more_than_can_be_reached_is_an_alarm_and_all_else_has_landed(
    team: Team, listed: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REACHABLE", 6)
    monkeypatch.setattr(module, "PAGE", 4)
    for _ in range(2):
        (report,) = team.refresh("raw_mixmax.recipient").tables
        assert report.result is Result.FAILED
        assert "6 recipients or more in Sales leads - second batch" in report.reason
        assert "a note on raw_mixmax.recipient" in report.reason
        listed.insert(0, recipient(50, state="active"))
    assert team.rows("select count(*), countif(_deleted_at is null) from raw_mixmax.recipient") == [(7, 7)]
    assert (team.state.change, team.state.data_through) == (Change.PART, None)


def test_the_last_record_that_can_be_reached_is_asked_for_as_the_vendor_wants_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REACHABLE", 10)
    monkeypatch.setattr(module, "PAGE", 4)
    with answering(vendor_of(lambda: [recipient(n) for n in range(12)])) as vendor, pytest.raises(SourceError):
        pull(vendor.url, "recipient")
    asked = [one.query for one in vendor.asked if one.path.endswith("/recipients")]
    assert [(one["offset"], one["limit"]) for one in asked] == [("0", "4"), ("3", "4"), ("6", "4")]
    assert all(int(one["offset"]) + int(one["limit"]) <= 10 for one in asked)


@pytest.mark.parametrize("has_flag", [True, False])
@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
def test_every_page_boundary_of_sequences(total: int, has_flag: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    rows = [SEQUENCE | {"_id": f"{n:024}"} for n in range(total)]

    def answer(asked: Asked) -> Answer:
        at = int(asked.query.get("next", 0))
        page: dict[str, object] = {"results": rows[at : at + 2]}
        if has_flag:
            page |= {"hasNext": bool(rows[at + 2 :])}
        if has_flag or rows[at + 2 :]:
            page |= {"next": str(at + 2)}
        return Answer.json(page)

    with answering(answer) as vendor:
        (page,) = pull(vendor.url, "sequence")
    assert [row["id"] for row in page.rows] == [row["_id"] for row in rows]
    assert len(vendor.asked) == 2 * max(1, -(-total // 2))  # of two users


def test_what_is_asked_carries_the_token_in_a_header_only() -> None:
    with answering(vendor_of(list)) as vendor:
        pull(vendor.url, "recipient")
    assert [one.headers["X-API-Token"] for one in vendor.asked] == ["t0ken-1", "t0ken-2", "t0ken-1"]
    assert all("apiToken" not in one.query and "includeVariables" not in one.query for one in vendor.asked)


def test_a_token_that_is_refused_is_named_by_its_place_and_not_shown(world: World) -> None:
    settings = {"SG_MIXMAX_TOKENS": world.settings(mixmax)["SG_MIXMAX_TOKENS"].split(",")[0] + ",s3cret"}
    fetch = mixmax.tables["raw_mixmax.user"].fetch
    assert fetch
    with (
        mixmax.connect(f"{world.url}/mixmax", settings) as client,
        pytest.raises(SourceError, match=r"401 .*Invalid API token.*Token 2 of 2 in SG_MIXMAX_TOKENS") as caught,
    ):
        list(fetch(Pull(client, settings, world.now)))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (Answer(403, b'{"message":"This feature needs another plan"}'), "403 .*another plan.* is not allowed"),
        (Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), "text/html"),
        (Answer(200, b'{"results":[{"_id":'), "no complete JSON"),
    ],
)
def test_an_answer_that_is_none_says_what_was_asked_and_what_came(
    answer: Answer, came: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sg_assets.http.client.TRIES", 1)
    with answering(lambda _asked: answer) as vendor, pytest.raises(SourceError, match=came) as caught:
        pull(vendor.url, "sequence")
    assert str(caught.value).startswith("mixmax: GET /v1/sequences: ")


def test_the_limit_is_one_for_all_tokens(world: World) -> None:
    with world.client(mixmax) as client:
        for _ in range(module.RATE.calls):
            assert pace(client.base_url, module.RATE).take() == 0
        assert pace(client.base_url, module.RATE).take() > 50


def test_the_doctor_asks_for_each_token(world: World) -> None:
    assert mixmax.examination
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "mixmax", match="*/sequences", count=1)
    with world.client(mixmax) as client:
        found = list(mixmax.examination(client, world.settings(mixmax)))
    assert [one.subject for one in found][:2] == ["token 1: /v1/users/me", "token 1: /v1/sequences"]
    assert [one.is_permitted for one in found].count(False) == 1
    assert len(found) == 16
