"""The NPS survey's answers: all of them once, then the newest until what is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sg_assets.rows import Shape
from sg_assets.sandbox.company.nps import Nps
from sg_assets.source import Pull
from sg_assets.sources.hubspot import hubspot
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.hubspot.conftest import NOW, Pulled, enveloped, pull

FORM = "/form-integrations/v1/submissions/forms/ee042306-491a-4b06-bd9c-1181774dfda0"
LAST_WEEK = (NOW - timedelta(days=2)).isoformat()
DOCUMENTED = {
    "results": [
        {
            "conversionId": "2e2a",
            "submittedAt": 1646129472345,
            "values": [
                {"name": "email", "value": "a@b.c", "objectTypeId": "0-1"},
                {"name": "nps_score", "value": "9", "objectTypeId": "0-1"},
                {"name": "user_is_authenticated", "value": "true", "objectTypeId": "0-1"},
                {"name": "nps_reason", "value": "", "objectTypeId": "0-1"},
                {"name": "favourite", "value": "blue", "objectTypeId": "0-1"},
            ],
            "pageUrl": "https://sourcegraph.example/survey/9",
        }
    ]
}


def pulled(world: World, cursor: dict[str, Any] | None = None) -> Pulled:
    fetch = hubspot.tables["raw_hubspot.form_submission"].fetch
    assert fetch
    with world.client(hubspot) as client:
        return Pulled(list(fetch(Pull(client, world.settings(hubspot), world.now, cursor))), client.calls)


def test_the_first_pull_gives_every_answer(world: World) -> None:
    answers = Nps(world.sandbox.company).answers(world.now)
    first = pulled(world)
    assert [(row["submitted_at"], row["site_id"], row.get("email"), row["nps_score"]) for row in first.rows] == [
        (one.at, one.site_id, one.email, one.score) for one in reversed(answers)
    ]
    fitted = Shape(hubspot.tables["raw_hubspot.form_submission"].table).fit(first.rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert len({row["id"] for row in first.rows}) == len(answers) > 100
    assert first.calls == -(-len(answers) // 40)


def test_later_pulls_end_at_what_is_known_and_lose_nothing(world: World) -> None:
    nps = Nps(world.sandbox.company)
    first = pulled(world)
    ids = {row["id"] for row in first.rows}
    cursor = first.cursor
    for days in (1, 3, 2):
        world.now += timedelta(days=days)
        news = pulled(world, cursor)
        cursor = news.cursor
        ids |= {row["id"] for row in news.rows}
        assert len(ids) == len(nps.answers(world.now))
        assert news.calls == 1
    assert cursor["listed_at"] == first.cursor["listed_at"]


def test_a_week_later_everything_is_read_again_to_miss_what_was_erased(world: World) -> None:
    first = pulled(world)
    world.now += timedelta(days=7)
    later = pulled(world, first.cursor)
    assert later.pages[-1].covers
    assert later.pages[-1].covers.column == "submitted_at"
    assert {row["id"] for row in first.rows} < {row["id"] for row in later.rows}


def test_a_first_reading_that_stopped_goes_on(world: World) -> None:
    whole = pulled(world).pages
    part = Pulled(whole[:2], 0)
    rest = pulled(world, part.cursor)
    assert [row["id"] for row in [*part.rows, *rest.rows]] == [row["id"] for page in whole for row in page.rows]


def test_a_submission_as_documented() -> None:
    with answering(lambda _asked: Answer.json(DOCUMENTED)) as vendor:
        rows = pull(vendor.url, "form_submission").rows
    assert (vendor.asked[0].path, vendor.asked[0].query) == (FORM, {"limit": "50"})
    fitted = Shape(hubspot.tables["raw_hubspot.form_submission"].table).fit(rows)
    assert (fitted.misfits, dict(fitted.unknown)) == ({}, {"favourite": 1})
    (row,) = fitted.table.to_pylist()
    assert (row["email"], row["nps_score"], row["nps_reason"], row["site_id"]) == ("a@b.c", 9, None, None)
    assert row["submitted_at"] == datetime(2022, 3, 1, 10, 11, 12, 345_000, UTC)
    assert row["user_is_authenticated"] is True


def test_its_id_does_not_depend_on_whether_hubspot_gave_one() -> None:
    without = {"results": [{k: v for k, v in DOCUMENTED["results"][0].items() if k != "conversionId"}]}
    with (
        answering(lambda _asked: Answer.json(DOCUMENTED)) as one,
        answering(lambda _asked: Answer.json(without)) as two,
    ):
        assert pull(one.url, "form_submission").rows[0]["id"] == pull(two.url, "form_submission").rows[0]["id"]


def vendor_of(total: int) -> Callable[[Asked], Answer]:
    """A form with an answer every hour, three at once."""
    answers = [
        {"submittedAt": int((NOW - timedelta(hours=i)).timestamp() * 1000), "values": [], "pageUrl": str(i)}
        for i in range(total)
    ]
    return lambda asked: Answer.json(enveloped(answers, 3, int(asked.query.get("after", 0))))


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int) -> None:
    with answering(vendor_of(total)) as vendor:
        rows = pull(vendor.url, "form_submission").rows
    assert [row["page_url"] for row in rows] == [str(i) for i in range(total)]
    assert len(vendor.asked) == max(1, -(-total // 3))


@pytest.mark.parametrize(("hours", "calls"), [(1, 1), (3, 2), (4, 2)])
def test_reading_ends_with_the_first_page_that_reaches_what_is_known(hours: int, calls: int) -> None:
    cursor = {"submitted_through": (NOW - timedelta(hours=hours)).isoformat(), "listed_at": LAST_WEEK}
    with answering(vendor_of(30)) as vendor:
        rows = pull(vendor.url, "form_submission", cursor).rows
    assert len(vendor.asked) == calls
    assert {str(i) for i in range(hours + 1)} <= {row["page_url"] for row in rows}  # a tie with the last pull is read
