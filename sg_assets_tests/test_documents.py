"""The JSON of the command line: exactly the agreed fields, each with its type."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from sg_assets import documents
from sg_assets.account import Account
from sg_assets.columns import Classification, Column
from sg_assets.estimate import Estimate
from sg_assets.freshness.notes import Note
from sg_assets.freshness.plan import Action, Plan, Step
from sg_assets.freshness.roots import Root
from sg_assets.freshness.verdict import State, Verdict
from sg_assets.heartbeat import Heartbeat
from sg_assets.promise import HOUR, Frozen, Promise
from sg_assets.session import Report, Result
from sg_assets.table import Delivery, Input, Table
from sg_assets.warehouse.readcopy import Answer

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)
PROMISE = Promise("0 15 * * *", warn=26 * HOUR, fail=30 * HOUR, timezone="America/Los_Angeles")
TOLD = {"cron": "0 15 * * *", "timezone": "America/Los_Angeles", "warn_seconds": 93600, "fail_seconds": 108000}
MAIL = Column("mail", "STRING", "Address.", Classification.PERSONAL)


def test_a_derived_table() -> None:
    table = Table(
        "crm.account", "One row.", "team:x", (MAIL,), ("mail",), PROMISE, Path("/a/b.sql"),
        inputs=(Input("raw_crm.account"),), partition="on",
    )  # fmt: skip
    assert sent(documents.table(table)) == {
        "table": "crm.account",
        "kind": "derived",
        "delivery": None,
        "source": None,
        "deps": ["raw_crm.account"],
        "owner": "team:x",
        "description": "One row.",
        "promise": TOLD,
        "partitioned": True,
        "key": ["mail"],
        "columns": [{"name": "mail", "type": "STRING", "description": "Address.", "class": "personal"}],
        "file": "/a/b.sql",
    }


def test_a_frozen_raw_table_has_a_source_and_no_promise() -> None:
    delivery = Delivery.FROZEN
    table = Table("raw_crm.old", "", "x", (), (), Frozen("gone"), Path("crm.py"), delivery=delivery, source="crm")
    found = sent(documents.table(table))
    assert (found["kind"], found["delivery"], found["source"], found["promise"]) == ("raw", "frozen", "crm", None)
    assert (found["deps"], found["partitioned"]) == ([], False)


def test_a_status_of_a_table_that_is_late_and_noted() -> None:
    note = Note("7", ("m.t",), "ada", "moved", NOON - HOUR, NOON + HOUR)
    verdict = Verdict(
        "m.t", State.LATE, "team:x", since=NOON - HOUR, data_through=NOON - 31 * HOUR, lag=31 * HOUR,
        counted_lag=timedelta(hours=31, milliseconds=500), promise=PROMISE,
        roots=(Root("raw_m.t", ("m.t", "raw_m.t")),), note=note, next_expected=NOON + HOUR, reason="because",
    )  # fmt: skip
    assert sent(documents.status(NOON, [verdict], [Heartbeat("watch", NOON - HOUR, is_running=False)])) == {
        "evaluated_at": "2025-06-05T12:00:00Z",
        "tables": [
            {
                "table": "m.t",
                "state": "late",
                "since": "2025-06-05T11:00:00Z",
                "data_through": "2025-06-04T05:00:00Z",
                "lag_seconds": 111600.0,
                "counted_lag_seconds": 111600.5,
                "promise": TOLD,
                "roots": [{"table": "raw_m.t", "path": ["m.t", "raw_m.t"]}],
                "note": {
                    "id": "7",
                    "tables": ["m.t"],
                    "author": "ada",
                    "reason": "moved",
                    "from": "2025-06-05T11:00:00Z",
                    "until": "2025-06-05T13:00:00Z",
                    "ended_at": None,
                },
                "reason": "because",
                "owner": "team:x",
                "next_expected": "2025-06-05T13:00:00Z",
            }
        ],
        "watch": {"last_run": "2025-06-05T11:00:00Z", "is_running": False},
    }


def test_what_is_not_known_of_a_table_is_null() -> None:
    found = sent(documents.verdict(Verdict("m.t", State.NEVER_LANDED, "team:x")))
    known = {"table": "m.t", "state": "never_landed", "roots": [], "owner": "team:x", "reason": ""}
    assert found == {**dict.fromkeys(found), **known}


def test_an_account_of_a_refresh() -> None:
    reports = (
        Report("m.a", Result.BUILT, 5, 0.25, NOON, "never built"),
        Report("m.b", Result.BLOCKED, reason="m.a failed in this run"),
    )
    assert sent(documents.account(Account("run", 1.5, reports))) == {
        "run_id": "run",
        "seconds": 1.5,
        "tables": [
            {
                "table": "m.a",
                "result": "built",
                "rows": 5,
                "seconds": 0.25,
                "data_through": "2025-06-05T12:00:00Z",
                "reason": "never built",
            },
            {
                "table": "m.b",
                "result": "blocked",
                "rows": None,
                "seconds": 0.0,
                "data_through": None,
                "reason": "m.a failed in this run",
            },
        ],
    }
    assert sent(documents.account(Account(None, 0.0, ()))) == {"run_id": None, "seconds": 0.0, "tables": []}


def test_a_plan() -> None:
    steps = (Step("m.a", Action.BUILD, "never built", (date(2025, 6, 1),)), Step("m.b", Action.PULL, "requested"))
    made = Plan(steps, {"m.c": "m.b never landed"})
    first = {"table": "m.a", "action": "build", "reason": "never built", "partitions": ["2025-06-01"], "seconds": 1.5}
    days: list[str] = []
    second = {"table": "m.b", "action": "pull", "reason": "requested", "partitions": days, "seconds": None}
    waiting = [{"table": "m.c", "reason": "m.b never landed"}]
    free = {"bytes": None, "price_usd": None}
    assert sent(documents.plan(made, {"m.a": 1.5, "m.b": None}, {})) == {
        "seconds": 1.5, **free, "tables": [first | free, second | free], "waiting": waiting
    }  # fmt: skip
    paid = {"bytes": 2**39, "price_usd": 3.125}
    costs = {"m.a": Estimate(2**39), "m.b": Estimate(None, "not known")}
    assert sent(documents.plan(made, {"m.a": 1.5, "m.b": None}, costs)) == {
        "seconds": 1.5, **paid, "tables": [first | paid, second | free], "waiting": waiting
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (9007199254740993, 9007199254740993),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (date(2025, 6, 1), "2025-06-01"),
        (datetime(2025, 6, 1, 2, tzinfo=timezone(2 * HOUR)), "2025-06-01T00:00:00Z"),
        (["a", None, Decimal("1.0")], ["a", None, "1.0"]),
        ({"at": date(2025, 6, 1)}, {"at": "2025-06-01"}),
    ],
)
def test_values_of_a_query_are_json_without_loss(value: object, expected: object) -> None:
    answer = Answer(NOON, (("x", "ANY"),), [(value,)])
    assert sent(documents.answer(answer)) == {
        "as_of": "2025-06-05T12:00:00Z",
        "columns": [{"name": "x", "type": "ANY"}],
        "rows": [[expected]],
    }


def sent(document: Mapping[str, object]) -> Mapping[str, object]:
    """A document as a strict reader of JSON gets it."""
    found = json.loads(json.dumps(document, allow_nan=False))
    assert isinstance(found, dict)
    return found
