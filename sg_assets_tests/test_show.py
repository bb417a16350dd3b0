"""What people see: complete, plain, and at most 80 columns wide, whatever the data holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets import discovery, show
from sg_assets.account import Account
from sg_assets.asset_spec import describe_promise
from sg_assets.estimate import Estimate
from sg_assets.freshness.plan import Action, Plan, Step
from sg_assets.freshness.roots import Root
from sg_assets.freshness.verdict import State, Verdict
from sg_assets.session import Report, Result
from sg_assets.warehouse.readcopy import Answer

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONGEST = max(discovery.graph().tables, key=len)
MARKUP = "a [bold]word[/bold] ['x'] [/]"


@pytest.fixture(autouse=True)
def narrow_and_plain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pipe; whatever a test printed was plain and fitted."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    yield
    lost = capsys.readouterr()
    assert lost.out + lost.err == "", "a test looks at what it printed by `printed`"


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> "Printed":
    return Printed(capsys)


class Printed:
    """Gives what was printed since the last time, and sees to it that it fits."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *, on_error: bool = False) -> str:
        out, err = self.capsys.readouterr()
        text, other = (err, out) if on_error else (out, err)
        assert other == ""
        assert "\x1b" not in text
        assert [line for line in text.splitlines() if len(line) > 80] == []
        return text


def test_an_account_counts_what_became_of_tables(printed: Printed) -> None:
    show.account(
        Account("run", 1.25, (Report("a", Result.BUILT), Report("b", Result.BUILT), Report("c", Result.FAILED)))
    )
    assert printed() == "2 built, 1 failed in 1.2 s\n"
    show.account(Account(None, 0.04, ()))
    assert printed() == "nothing to do: everything that was asked for is up to date in 0.0 s\n"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (None, ""),
        (timedelta(seconds=59), "0m"),
        (timedelta(hours=3, minutes=4), "3h 4m"),
        (timedelta(days=2, minutes=4), "2d 4m"),
        (timedelta(days=400, hours=5, minutes=6), "400d 5h"),
    ],
)
def test_a_span_is_said_in_its_largest_units(span: timedelta | None, expected: str) -> None:
    assert show.ago(span) == expected


def test_verdicts_come_worst_first_with_the_reasons_of_those_that_are_not_fresh(printed: Printed) -> None:
    fresh = Verdict("m.fresh", State.FRESH, "x", data_through=NOON, lag=timedelta(0), next_expected=NOON)
    late = replace(
        fresh, table=LONGEST, state=State.LATE, lag=400 * DAY + timedelta(hours=23, minutes=59),
        roots=(Root("m.a", ("m.a",)),), reason="complete to a while ago, because of raw_salesforce.opportunity",
    )  # fmt: skip
    others = [replace(fresh, table=f"m.{state}", state=state) for state in State if state not in {"late", "fresh"}]
    show.verdicts([fresh, *others, late], NOON)
    lines = printed().splitlines()
    states = [line.split()[1] for line in lines[1:8]]
    assert states == ["late", "never_landed", "late_soon", "noted", "not_connected", "fresh", "frozen"]
    assert lines[1].split() == [LONGEST, "late", "06-05", "12:00", "400d", "23h", "12:00"]
    assert lines[8].startswith(f"{LONGEST}: complete to")
    assert [line for line in lines if line.startswith(("m.fresh:", "m.frozen:"))] == []
    assert lines[-2:] == [
        "1 fresh, 1 late soon, 1 late, 1 never landed, 1 noted, 1 frozen, 1 not connected", "at 2025-06-05 12:00:00 UTC"
    ]  # fmt: skip


def test_what_is_so_only_because_of_others_is_named_together(printed: Printed) -> None:
    root = Verdict("raw.a", State.LATE, "team:a", since=NOON, roots=(Root("raw.a", ("raw.a",)),), reason="it failed")
    below = [
        Verdict(f"d.t{n}", State.LATE, "x", since=NOON, roots=(Root("raw.a", (f"d.t{n}", "raw.a")),), reason="because")
        for n in range(500)
    ]
    show.verdicts([root, *below], NOON)
    lines = printed().splitlines()
    assert lines[502:] == [
        "raw.a: it failed; late since 06-05 12:00:00; team:a",
        "late because of raw.a: d.t0, d.t1, d.t10, d.t100, d.t101 and 495 more",
        "501 late at 2025-06-05 12:00:00 UTC",
    ]
    show.verdicts(below[:1], NOON)
    assert "d.t0: because; late since" in printed(), "its root is not shown"
    show.verdicts([root, below[0]], NOON, in_detail=True)
    assert "        d.t0 <- raw.a\n" in printed()


def test_a_plan_says_what_why_which_days_and_how_long(printed: Printed) -> None:
    days = tuple(date(2025, 6, 1) + n * DAY for n in range(3))
    steps = (Step("m.a", Action.BUILD, "why", days), Step("m.b", Action.PULL, "requested", days[:1]))
    show.plan(Plan(steps, {"m.c": "m.b never landed"}), {"m.a": 2.25, "m.b": None}, {})
    assert [" ".join(line.split()) for line in printed().splitlines()] == [
        "build m.a 2.2 s why (3 days, 2025-06-01 to", "2025-06-03)", "pull m.b requested (2025-06-01)",
        "waits m.c m.b never landed", "2 tables, about 2 s, and 1 that never ran before",
    ]  # fmt: skip
    show.plan(Plan(), {}, {})
    assert printed() == "nothing to do: everything that was asked for is up to date\n"


def test_a_plan_that_is_paid_for_says_what_it_costs_and_of_which_tables_that_is_not_known(printed: Printed) -> None:
    steps = (Step("m.a", Action.BUILD, "why"), Step("m.b", Action.PULL, "requested"))
    show.plan(Plan(steps), {}, {"m.a": Estimate(3 * 2**38), "m.b": Estimate(None, "not known")})
    assert [" ".join(line.split()) for line in printed().splitlines()] == [
        "build m.a 4.6875 USD why", "pull m.b ? USD requested",
        "2 tables, about 0 s, and 2 that never ran before",
        "768.00 GiB are read, 4.6875 USD at 6.25 USD per TiB",
        "and what is read for 1 tables of which that is not known before",
    ]  # fmt: skip


def test_every_real_table_fits_in_the_list_and_on_its_own(printed: Printed) -> None:
    graph = discovery.graph()
    show.tables(graph)
    assert [line.split()[0] for line in printed().splitlines()] == list(graph.order)
    for table in graph:
        found = replace(table, file=table.file.relative_to(discovery.TABLES.parents[1]))
        show.table(found, describe_promise(table.promise))
        text = printed()
        assert text.startswith(f"{table.name}  ({table.owner})\n")
        assert all(column.name in text for column in table.columns)


def test_rows_of_a_query_are_shown_as_they_are(printed: Printed) -> None:
    show.answer(Answer(NOON, (("[a]", "STRING"), ("n", "INT64")), [(MARKUP, 1), ("x" * 200, None)]))
    text = printed()
    assert "[a]" in text
    assert MARKUP in text
    assert text.count("x") > 200
    assert text.splitlines()[-1] == "2 rows, as of 2025-06-05 12:00:00 UTC"
    show.answer(Answer(None, (("n", "INT64"),), []))
    assert printed().splitlines()[-1] == "0 rows, as of before anything was built"
