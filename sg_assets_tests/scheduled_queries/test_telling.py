"""What people read of scheduled queries: within 80 columns where nothing in it is longer, and all that is needed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sg_assets.scheduled_queries import telling
from sg_assets.scheduled_queries.audit import Audited, LastRun, Readers
from sg_assets.scheduled_queries.draft import Draft
from sg_assets.scheduled_queries.importing import Imported
from sg_assets.scheduled_queries.looker import Content
from sg_assets.scheduled_queries.mending import Mended
from sg_assets.scheduled_queries.statements import Statements
from sg_assets_tests.scheduled_queries.examples import SERVICE_ACCOUNT, config

AT = datetime(2026, 11, 21, 10, 37, tzinfo=UTC)
ONE = Audited(
    config("select 1", ownerInfo={"email": "ada@example.com"}, disabled=True),
    is_owned=False,
    last_run=LastRun("FAILED", AT, "no [such] user"),
    statements=Statements(("a.b",), (), is_understood=False),
    writes=("out.b",),
    readers=Readers(("x.y",), ("Other",), ("dashboard: D",)),
)


def test_an_audited_one_says_whose_it_is_how_it_ran_and_who_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    telling.audited([ONE], SERVICE_ACCOUNT, Content(AT))
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert " ".join(shown.split()) == (
        "not ours Title of c (c) switched off, runs as ada@example.com in us, every 24 hours "
        "last run FAILED at 2026-11-21 10:37 UTC: no [such] user writes out.b "
        "its SQL was not understood in whole: it may read and write more read by tables: x.y "
        f"read by scheduled queries: Other read by Looker: dashboard: D 1 not ours; ours: {SERVICE_ACCOUNT}"
    )


def test_what_looker_reads_is_said_to_be_unknown_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    telling.audited([], "", Content())
    assert " ".join(capsys.readouterr().out.split()) == (
        "no scheduled queries; ours: any service account who reads them in Looker is not known: "
        "operations.looker_content was not built yet"
    )
    document = json.loads(json.dumps(telling.document([ONE], [], "p", "", AT, Content())))
    assert document["queries"][0]["read_by"]["looker"] is None


def test_what_became_of_those_handed_over(capsys: pytest.CaptureFixture[str]) -> None:
    telling.mended([Mended(ONE, SERVICE_ACCOUNT), Mended(ONE, "ada@example.com", "403")])
    assert capsys.readouterr().out.splitlines() == [
        f"Title of c: runs as {SERVICE_ACCOUNT} now",
        "Title of c: not handed over: 403",
    ]
    document = telling.document([ONE], [Mended(ONE, SERVICE_ACCOUNT)], "p", SERVICE_ACCOUNT, AT, Content())
    (query,) = json.loads(json.dumps(document))["queries"]
    assert (query["owner"], query["owned_by_service_account"], query["fixed"]) == (SERVICE_ACCOUNT, True, True)


def test_imported_ones_say_what_is_left_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("tables/out/b.sql")
    made = Draft("out.b", "", ("raw_a.person",), None, ("type of the column x",), ("a remark",))
    telling.imported([Imported(config("select 1"), made, file), Imported(config("select 1"), problem="it cannot")])
    shown = " ".join(capsys.readouterr().out.split())
    assert "incomplete Title of c: tables/out/b.sql reads raw_a.person fill in NOT_TOLD: type of the column x" in shown
    assert "a remark refused Title of c: it cannot Next: `sg-assets refresh out.b`" in shown
    document = telling.imported_document(Imported(config("select 1"), problem="it cannot"))
    assert (document["result"], document["file"], document["problem"]) == ("refused", None, "it cannot")
