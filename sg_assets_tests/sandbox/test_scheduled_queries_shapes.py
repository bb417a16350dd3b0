"""How the Data Transfer Service shows scheduled queries: what a change does to them, and what it does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.scheduled_queries import SERVICE_ACCOUNT, ScheduledQueries, ScheduledQuery
from sg_assets.sandbox.scheduled_queries_changes import Change, Changes
from sg_assets.sandbox.scheduled_queries_shapes import Shapes
from sg_assets_tests.sandbox.world import DAY, NOW


@pytest.fixture
def shapes(company: Company, tmp_path: Path) -> Shapes:
    return Shapes(ScheduledQueries(company), Changes(tmp_path))


def named(shapes: Shapes, name: str) -> ScheduledQuery:
    return next(one for one in shapes.queries.all if one.name == name)


def test_a_handed_over_one_runs_as_the_service_account_from_then_on(shapes: Shapes) -> None:
    one = named(shapes, "latest answers")
    before = shapes.told(one, NOW)
    shapes.changes.add(Change(NOW, shapes.queries.resource(one), {}, SERVICE_ACCOUNT))
    after = shapes.told(one, NOW)
    assert before["ownerInfo"] == {"email": one.owner(NOW)}
    assert after["ownerInfo"] == {"email": SERVICE_ACCOUNT}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"ownerInfo", "updateTime", "userId"}
    newest = next(shapes.runs(one, NOW + DAY))
    assert newest.has_succeeded
    assert not next(shapes.runs(one, NOW)).has_succeeded
    assert shapes.run(one, newest, NOW + DAY)["state"] == "SUCCEEDED"


def test_changed_fields_are_shown_and_emptied_ones_are_left_out(shapes: Shapes) -> None:
    one = named(shapes, "users")
    fields = {"displayName": "people", "schedule": None, "disabled": True}
    shapes.changes.add(Change(NOW, shapes.queries.resource(one), fields))
    found = shapes.resource(one, NOW + timedelta(seconds=1))
    assert (found["displayName"], "schedule" in found, found["disabled"]) == ("people", False, True)
    assert found["params"]["query"] == one.query
