"""What is sent to an outside system and what its ledger says, in runs of a small project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from sg_assets import ledger as ledger_module
from sg_assets.destination import Destination, Receipt, Send
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.plan import Target, plan
from sg_assets.freshness.verdict import State
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.promise import Promise
from sg_assets.session import Result
from sg_assets.source import Source, Variable
from sg_assets.warehouse.state import Change
from sg_assets_tests.mini import DAY, HOUR, NOON, TODAY, Mini, results, thing

LEDGER = "sent_shop.thing"
ROWS = f"select id, name, sent_at, is_accepted, detail from {LEDGER} order by sent_at, id"
PROMISE = Promise("45 * * * *", warn=5 * HOUR, fail=9 * HOUR)


@dataclass
class Shop:
    """An outside system: `told` is what it was sent, `refuses` names that it does not take.

    `goes_wrong` are errors by the name before which they happen, `forgets` those of whom no receipt is given.
    """

    told: list[tuple[object, object]] = field(default_factory=list)
    refuses: set[object] = field(default_factory=set)
    goes_wrong: dict[object, Exception] = field(default_factory=dict)
    forgets: set[object] = field(default_factory=set)

    def take(self, row: Mapping[str, object]) -> Receipt:
        if error := self.goes_wrong.pop(row["name"], None):
            raise error
        self.told.append((row["id"], row["name"]))
        is_refused = row["name"] in self.refuses
        return Receipt(row, is_accepted=not is_refused, detail="no" if is_refused else None)


def destination(shop: Shop, **more: object) -> Destination:
    def connect(url: str, _settings: Mapping[str, str]) -> Client:
        return Client(url, name="shop")

    wanted = (Variable("SG_SHOP_WRITE", "Write there."),)
    made = Destination(Source("shop", "The shop.", "team:shop", PROMISE, connect, "http://127.0.0.1:1", wanted))
    options = {"key": ("id",), "sent": ("name",)} | more

    @made.sends("m.left", **options)  # pyrefly: ignore[bad-argument-type]
    def thing(send: Send) -> Iterator[Sequence[Receipt]]:
        """One row per thing that the shop was told."""
        for batch in send.batches(1):
            yield [shop.take(row) for row in batch if row["name"] not in shop.forgets]

    return made


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def selling(mini: Mini, shop: Shop) -> Mini:
    """The small project with a shop that its things are sent to, nothing of which was ever run."""
    mini.destinations = [destination(shop)]
    mini.set("SG_SHOP_WRITE")
    return mini


def deliver(mini: Mini, *rows: Mapping[str, object]) -> Mapping[str, Result]:
    """Later, the vendor has these things, too, and everything is brought up to date."""
    mini.later(HOUR)
    mini.vendor.things = list(rows)
    return results(mini.refresh("raw_mini.thing", LEDGER))


def test_everything_is_sent_once_and_the_ledger_says_what_when_and_with_which_result(selling: Mini, shop: Shop) -> None:
    assert results(selling.refresh(LEDGER))[LEDGER] is Result.BUILT
    assert shop.told == [(1, "bolt"), (2, "nut")]
    assert selling.rows(ROWS) == [(1, "bolt", NOON, True, None), (2, "nut", NOON, True, None)]
    state = selling.states[LEDGER]
    assert (state.change, state.data_through) == (Change.LAND, selling.states["m.left"].data_through)
    assert results(selling.refresh(LEDGER)) == {}
    assert len(shop.told) == 2


def test_only_what_is_new_or_changed_is_sent(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    deliver(selling, thing(1, "bolt", TODAY), thing(2, "screw", TODAY), thing(3, "nail", TODAY))
    assert shop.told[2:] == [(2, "screw"), (3, "nail")]
    assert selling.event(LEDGER).metadata["rows_sent"].value == 2
    assert len(selling.rows(ROWS)) == 4


def test_nothing_is_sent_where_the_data_only_reaches_further(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    again = deliver(selling, *selling.vendor.things)
    assert (again["m.left"], again[LEDGER]) == (Result.SKIPPED, Result.SKIPPED)
    state = selling.states[LEDGER]
    assert (state.change, state.data_through, len(shop.told)) == (Change.CARRY, NOON + HOUR, 2)


def test_what_is_again_as_it_was_once_before_is_sent_again(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    deliver(selling, thing(1, "screw", TODAY))
    deliver(selling, thing(1, "bolt", TODAY))
    assert [name for id_, name in shop.told if id_ == 1] == ["bolt", "screw", "bolt"]


def test_a_step_that_fails_halfway_keeps_what_was_sent_and_sends_the_rest_with_the_next_try(
    selling: Mini, shop: Shop
) -> None:
    shop.goes_wrong["nut"] = ComeBackLater("shop", NOON + 2 * HOUR, "too much")
    assert results(selling.refresh(LEDGER))[LEDGER] is Result.FAILED
    assert selling.rows(ROWS) == [(1, "bolt", NOON, True, None)]
    state = selling.states[LEDGER]
    assert (state.change, state.data_through) == (Change.PART, None)
    assert results(selling.refresh(LEDGER)) == {LEDGER: Result.BUILT}
    assert shop.told == [(1, "bolt"), (2, "nut")]
    assert selling.states[LEDGER].data_through == NOON


def test_a_failure_after_the_first_time_leaves_it_stale(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    shop.goes_wrong["screw"] = SourceError("shop", "POST /thing", "400 no", status=400)
    failed = deliver(selling, thing(3, "nail", TODAY), thing(4, "screw", TODAY))
    assert failed[LEDGER] is Result.FAILED
    assert shop.told[2:] == [(3, "nail")]
    assert LEDGER in selling.facts.failing
    assert results(selling.refresh(LEDGER)) == {LEDGER: Result.BUILT}
    assert shop.told[3:] == [(4, "screw")]


def test_what_was_not_written_down_is_sent_again(selling: Mini, shop: Shop) -> None:
    shop.goes_wrong["nut"] = ZeroDivisionError("as if the process had been killed")
    assert results(selling.refresh(LEDGER))[LEDGER] is Result.BUILT  # at the second try
    assert shop.told == [(1, "bolt"), (1, "bolt"), (2, "nut")]


def test_receipts_are_written_down_before_they_have_waited_long(
    selling: Mini, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "PART_SECONDS", -1.0)
    shop.goes_wrong["nut"] = ZeroDivisionError("as if the process had been killed")
    selling.refresh(LEDGER)
    assert shop.told == [(1, "bolt"), (2, "nut")]


def test_a_refused_row_is_noted_and_sent_again_only_once_it_changed(selling: Mini, shop: Shop) -> None:
    shop.refuses.add("nut")
    selling.refresh(LEDGER)
    assert selling.rows(ROWS)[1] == (2, "nut", NOON, False, "no")
    assert selling.event(LEDGER).metadata["rows_refused"].value == 1
    deliver(selling, thing(2, "nut", TODAY), thing(3, "nail", TODAY))
    assert shop.told[2:] == [(3, "nail")]
    deliver(selling, thing(2, "screw", TODAY))
    assert shop.told[3:] == [(2, "screw")]


def test_in_full_everything_is_sent_again_and_the_ledger_keeps_what_was_sent_before(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    selling.later(HOUR)
    assert results(selling.refresh(LEDGER, full=True))[LEDGER] is Result.BUILT
    assert len(shop.told) == len(selling.rows(ROWS)) == 4


def test_by_hand_only_what_is_not_in_the_ledger_is_sent(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    selling.later(HOUR)
    assert selling.run(LEDGER).success
    assert len(shop.told) == 2


def test_a_function_that_gives_no_receipt_of_a_row_fails_and_says_so(selling: Mini, shop: Shop) -> None:
    shop.forgets.add("nut")
    selling.refresh(LEDGER)
    assert "gave no receipt of 1 rows" in selling.facts.failing[LEDGER]
    assert [row[1] for row in selling.rows(ROWS)] == ["bolt"]


def test_rows_that_repeat_a_key_are_not_sent_at_all(selling: Mini, shop: Shop) -> None:
    selling.change_sql("left", "select name, id from raw_mini.thing", "select name, 1 as id from raw_mini.thing")
    selling.refresh(LEDGER)
    assert "1 rows of m.left repeat id; nothing was sent" in selling.facts.failing[LEDGER]
    assert shop.told == []


def test_nothing_is_sent_before_somebody_allows_it(mini: Mini, shop: Shop) -> None:
    mini.destinations = [destination(shop)]
    assert results(mini.refresh(LEDGER))[LEDGER] is Result.BLOCKED
    assert LEDGER not in results(mini.refresh())
    verdict = evaluate(mini.facts)[LEDGER]
    assert (verdict.state, verdict.reason) == (State.NOT_CONNECTED, "shop is not connected: SG_SHOP_WRITE not set")
    assert not mini.run(LEDGER).success
    assert shop.told == []
    mini.set("SG_SHOP_WRITE")
    assert results(mini.refresh(LEDGER)) == {LEDGER: Result.BUILT}
    mini.set("SG_DISCONNECTED", "sent_shop")
    mini.later(DAY)
    assert evaluate(mini.facts)[LEDGER].state is State.NOT_CONNECTED


def test_a_shop_that_is_not_told_is_late_by_itself(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    selling.later(10 * HOUR)
    selling.vendor.things = [thing(3, "screw", TODAY)]
    shop.goes_wrong["screw"] = SourceError("shop", "POST /thing", "403 no", status=403)
    selling.refresh("raw_mini.thing", LEDGER)
    verdict = evaluate(selling.facts)[LEDGER]
    assert verdict.state is State.LATE
    assert [root.table for root in verdict.roots] == [LEDGER]


def test_the_keeper_sends_when_its_cadence_comes(selling: Mini) -> None:
    selling.refresh(LEDGER)
    selling.vendor.things = [thing(3, "screw", TODAY)]
    selling.later(timedelta(minutes=40))
    selling.refresh("m.left", "raw_mini.thing")
    assert LEDGER not in {step.table for step in plan(selling.facts, Target.keeper()).steps}
    selling.later(timedelta(minutes=6))
    assert LEDGER in {step.table for step in plan(selling.facts, Target.keeper()).steps}


def test_what_is_told_is_given_and_not_noted(mini: Mini, shop: Shop) -> None:
    mini.destinations = [destination(shop, sent=(), told=("name",))]
    mini.set("SG_SHOP_WRITE")
    mini.refresh(LEDGER)
    assert shop.told == [(1, "bolt"), (2, "nut")]
    assert mini.rows(f"select * from {LEDGER} order by id") == [(1, NOON, True, None), (2, NOON, True, None)]


def test_a_column_that_is_sent_from_now_on_is_sent_of_every_row(selling: Mini, shop: Shop) -> None:
    selling.refresh(LEDGER)
    other = selling.project.destinations[0]
    other.sendings["thing"] = replace(other.sendings["thing"], sent=("name", "size"))
    selling.change_sql("left", "select name, id from raw_mini.thing", "select name, id, 5 as size from raw_mini.thing")
    selling.change_sql("left", "  id: {type", "  size: {type: INT64, description: Size.}\n  id: {type")
    selling.later(HOUR)
    assert results(selling.refresh(LEDGER))[LEDGER] is Result.BUILT
    assert len(shop.told) == 4
    assert selling.rows(f"select size from {LEDGER} order by sent_at, id") == [(None,), (None,), (5,), (5,)]
