"""HubSpot through real runs into DuckDB: weeks of it, with what vanishes marked and nothing built for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets.discovery import Project
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox import server
from sg_assets.sandbox.company.marketing import WAYS, Marketing, State
from sg_assets.sandbox.sandbox import Sandbox, stand_in_of
from sg_assets.session import Result
from sg_assets.sources.hubspot import hubspot
from sg_assets.sources.pings import pings

ANCHOR = datetime(2025, 6, 1, tzinfo=UTC)
PROJECT = Project.of([hubspot, pings], [])
"""Pings are not connected; they are there because a project has tables that are kept day by day."""


@dataclass
class Team:
    """A production with HubSpot alone, whose stand-in shows the time of the run."""

    env: Environment
    history: dg.DagsterInstance
    sandbox: Sandbox
    now: datetime = ANCHOR + timedelta(hours=12)

    def refresh(self, later: timedelta = timedelta(0)) -> Account:
        self.now += later
        order = Order(self.now, "refresh")
        return refresh(
            PROJECT, self.env, Target.refresh(hubspot.tables), order, self.history, lambda _report, _of: None
        )

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.env.read_copy().query(sql).rows]

    @property
    def truth(self) -> State:
        return Marketing(self.sandbox.company).at(self.now)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """What there is before the first run."""
    teams: list[Team] = []
    sandbox = Sandbox(3, ANCHOR, 0.05, lambda: teams[0].now, tmp_path / "vendor")
    vendor = server.start(sandbox)
    settings = {"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_HUBSPOT_URL": f"{vendor.url}/hubspot"}
    try:
        with dg.DagsterInstance.ephemeral() as history:
            teams.append(Team(load({**settings, **stand_in_of("hubspot").settings}), history, sandbox))
            yield teams[0]
    finally:
        vendor.stop()


def test_weeks_of_hubspot(team: Team) -> None:
    assert {report.table: report.reason for report in team.refresh().tables if report.result is not Result.BUILT} == {}
    for kind in ("contact", "company", "deal", "owner"):
        records = team.truth.records[kind].values()
        ids = team.rows(f"select id, is_archived from raw_hubspot.{kind}")
        assert sorted(ids) == sorted((one.id, one.archived_at is not None) for one in records)
    associations = team.rows("select from_object, from_id, to_id, type_id from raw_hubspot.association")
    assert sorted(associations) == sorted(joined(team.truth))
    before = versions(team)
    team.refresh(timedelta(seconds=1))
    assert versions(team) == before

    known = team.truth.records["contact"].keys()
    team.refresh(timedelta(days=7))
    erased = known - team.truth.records["contact"].keys()
    gone = {id_ for (id_,) in team.rows("select id from raw_hubspot.contact where _deleted_at is not null")}
    assert gone == erased != set()
    living = {id_ for (id_,) in team.rows("select id from raw_hubspot.contact where _deleted_at is null")}
    assert living == team.truth.records["contact"].keys()
    weight = "case when nps_score >= 9 then 1 when nps_score <= 6 then -1 else 0 end"
    month = "date_trunc(date(submitted_at), month)"
    months = team.rows(f"select {month}, avg({weight}) from raw_hubspot.form_submission group by 1")
    assert {row[0]: row[1] for row in months} == pytest.approx(Marketing(team.sandbox.company).nps.by_month(team.now))


def joined(state: State) -> list[tuple[object, ...]]:
    return [
        (origin, id_, other, way.type_id)
        for origin, target in WAYS
        for id_, others in state.associated(origin, target).items()
        for other, ways in others
        for way in ways
    ]


def versions(team: Team) -> dict[str, str]:
    """The content version of each table."""
    states = team.env.operations.states(team.env.warehouse_id)
    return {name: states[name].content_version for name in hubspot.tables}
