"""Delivery to one address: what is told there, in which order, and when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sg_assets.alerts.channel import Letter, NotDelivered, Receipt
from sg_assets.alerts.deliver import LONGEST_PAUSE, Courier
from sg_assets.alerts.routing import Owner, Routing
from sg_assets.message import Kind, Message, Severity
from sg_assets.outbox import Outbox
from sg_assets_tests.alerts.telling import (
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    MovableClock,
    life,
    message,
    outbox,
    routing,
)

HERE = "slack_bot:C0DATAALERTS"


@dataclass
class Postbox:
    """A channel that keeps what it takes; `refuse` is raised as long as it is there."""

    is_silent_on_growth: bool = False
    taken: list[Letter] = field(default_factory=list)
    refuse: Callable[[Message], NotDelivered | None] = lambda _message: None

    def send(self, letter: Letter) -> Receipt:
        if refusal := self.refuse(letter.message):
            raise refusal
        self.taken.append(letter)
        return {"number": str(len(self.taken))}

    def close(self) -> None:
        """Nothing to close."""

    @property
    def ids(self) -> list[str]:
        return [letter.message.id for letter in self.taken]


@dataclass
class Post:
    """An outbox, a postbox, and the courier between them."""

    box: Outbox
    postbox: Postbox
    courier: Courier
    clock: MovableClock


def post(folder: Path, table: Routing | None = None, *, is_silent: bool = False, is_new: bool = False) -> Post:
    clock, postbox, box = MovableClock(), Postbox(is_silent), outbox(folder)
    return Post(box, postbox, Courier(HERE, postbox, box, table or routing(HERE), clock, is_new=is_new), clock)


def test_messages_arrive_in_order_and_once(tmp_path: Path) -> None:
    made = post(tmp_path, is_silent=True)
    first, second = life("a/1"), life("b/1")
    made.box.add([first[0], second[0], first[1], first[2], second[1], second[2]])
    assert made.courier.deliver() == 6
    assert made.postbox.ids == ["a/1#1", "b/1#1", "a/1#2", "a/1#3", "b/1#2", "b/1#3"]
    assert made.courier.deliver() == 0
    assert made.postbox.taken[3].told == ({"number": "1"}, {"number": "3"})


def test_what_others_own_is_not_told_here_and_what_is_listed_nowhere_is_told_at_the_default(tmp_path: Path) -> None:
    table = Routing((HERE,), "team:analytics", owners={"team:sales": Owner(("log",))})
    made = post(tmp_path, table)
    made.box.add([message(incident="a/1", owner="team:sales"), message(incident="b/1", owner="somebody@example.com")])
    made.courier.deliver()
    assert made.postbox.ids == ["b/1#1"]
    assert made.box.undelivered(HERE) == []


def test_the_owner_is_mentioned_as_the_table_says(tmp_path: Path) -> None:
    made = post(tmp_path, routing(HERE, owners={"team:analytics": Owner((HERE,), "<!subteam^S1>")}))
    made.box.add([message(incident="a/1"), message(incident="b/1", owner="team:other")])
    made.box.add([message(2, Kind.RESOLVED, incident="a/1")])  # good news wakes nobody
    made.courier.deliver()
    assert [letter.mention for letter in made.postbox.taken] == ["<!subteam^S1>", "team:other", "team:analytics"]


def test_growth_waits_for_the_quiet_period_and_the_newest_of_it_says_it_all(tmp_path: Path) -> None:
    made = post(tmp_path, routing(HERE, quiet={Severity.ERROR: 15 * MINUTE}))
    made.box.add([message()])
    made.courier.deliver()
    for number, minutes in ((2, 5), (3, 10)):
        made.clock.now = NOON + minutes * MINUTE
        made.box.add([message(number, Kind.GROWN)])
        assert made.courier.deliver() == 0
    made.clock.now = NOON + 15 * MINUTE
    assert made.courier.deliver() == 1
    assert made.postbox.ids == ["raw_crm.account/1#1", "raw_crm.account/1#3"]


def test_what_got_worse_and_the_end_do_not_wait(tmp_path: Path) -> None:
    made = post(tmp_path, routing(HERE, quiet={Severity.ERROR: HOUR, Severity.WARNING: HOUR}))
    made.box.add([message(severity=Severity.WARNING)])
    made.courier.deliver()
    made.box.add([message(2, Kind.GROWN)])
    assert made.courier.deliver() == 1
    assert made.postbox.taken[-1].is_worse
    made.box.add([message(3, Kind.GROWN), message(4, Kind.RESOLVED, severity=Severity.INFO)])
    assert made.courier.deliver() == 1
    assert made.postbox.ids[-1] == "raw_crm.account/1#4"


def test_where_growth_disturbs_nobody_it_is_told_at_once(tmp_path: Path) -> None:
    made = post(tmp_path, routing(HERE, quiet={Severity.ERROR: HOUR}), is_silent=True)
    made.box.add(life("a/1", grown=3))
    assert made.courier.deliver() == 5


def test_a_new_address_starts_with_the_news(tmp_path: Path) -> None:
    made = post(tmp_path, is_new=True)
    old, late, last = life("a/1", at=NOON - 2 * HOUR)
    fresh = message(incident="b/1", at=NOON - MINUTE)
    made.box.add([old, late, fresh, message(3, Kind.RESOLVED, incident="a/1", at=NOON)])
    made.courier.deliver()
    assert made.postbox.ids == ["b/1#1"]  # the end of what was never told here is nobody's news
    made.clock.now = NOON + 2 * HOUR
    made.box.add([message(incident="c/1", at=NOON)])
    made.courier.deliver()
    assert made.postbox.ids == ["b/1#1", "c/1#1"]
    assert last.kind is Kind.RESOLVED


def test_after_a_week_nobody_is_told_any_more(tmp_path: Path) -> None:
    made = post(tmp_path)
    made.box.add([message(at=NOON - timedelta(days=8))])
    assert made.courier.deliver() == 0
    assert made.box.undelivered(HERE) == []


def test_a_message_that_is_refused_holds_up_its_own_incident_only(tmp_path: Path) -> None:
    made = post(tmp_path)
    made.box.add([*life("bad/1", grown=0), *life("good/1", grown=0)])
    made.postbox.refuse = lambda one: NotDelivered("no", is_this_message=True) if one.incident == "bad/1" else None
    made.courier.deliver()
    assert made.postbox.ids == ["good/1#1", "good/1#2"]
    assert made.courier.failing == (NOON, "no")
    made.postbox.refuse = lambda _one: None
    assert made.courier.deliver() == 0  # it is tried again after a pause
    made.clock.now += LONGEST_PAUSE
    made.courier.deliver()
    assert made.postbox.ids[2:] == ["bad/1#1", "bad/1#2"]
    assert made.courier.failing is None


def test_pauses_grow_to_a_minute_and_a_vendor_that_names_a_time_is_obeyed(tmp_path: Path) -> None:
    made = post(tmp_path)
    made.box.add([message()])
    tries: list[float] = []

    def refuse(_one: Message) -> NotDelivered:
        tries.append((made.clock.now - NOON) / SECOND)
        return NotDelivered("down", retry_at=NOON + HOUR if len(tries) == 8 else None)

    made.postbox.refuse = refuse
    while made.clock.now < NOON + HOUR + MINUTE:
        made.courier.deliver()
        made.clock.now += SECOND
    assert tries[:8] == [0, 2, 6, 14, 30, 62, 122, 182]
    assert tries[8] == 3600
