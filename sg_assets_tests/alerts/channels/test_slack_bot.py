from dataclasses import replace

import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.channels.slack_bot import SlackBot
from sg_assets.message import Kind, Severity
from sg_assets.sandbox.faults import Kind as Fault
from sg_assets.sandbox.slack import TOKEN
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import HOUR, letter, life, message

CHANNEL = "C0DATAALERTS"


def bot(vendors: Served, channel: str = CHANNEL, token: str = TOKEN) -> SlackBot:
    return SlackBot(f"{vendors.url}/slack/api", token, channel)


def test_an_incident_is_one_message_that_is_edited_and_its_end_is_said_below(vendors: Served) -> None:
    opened, grown, resolved = life("raw_crm.account/1")
    slack = bot(vendors)
    receipt = slack.send(letter(opened))
    assert slack.send(letter(grown, receipt)) == receipt
    (only,) = vendors.slack.all()
    assert only.edits == 1
    assert "grown raw_crm.account/1 2" in only.text

    slack.send(letter(resolved, receipt, receipt))

    first, below = vendors.slack.all()
    assert "resolved raw_crm.account/1 3" in first.text
    assert first.blocks[0]["text"]["text"].startswith(":large_green_circle:")
    assert (below.thread_ts, below.is_broadcast) == (first.ts, False)
    assert "resolved" in below.text
    assert receipt == {"channel": CHANNEL, "ts": first.ts}


def test_what_got_worse_is_said_below_and_in_the_channel_because_an_edit_notifies_nobody(vendors: Served) -> None:
    slack = bot(vendors)
    receipt = slack.send(letter(message(severity=Severity.WARNING)))
    slack.send(letter(message(2, Kind.GROWN), receipt, is_worse=True))
    first, below = vendors.slack.all()
    assert first.edits == 1
    assert (below.thread_ts, below.is_broadcast) == (first.ts, True)


def test_the_owner_is_mentioned_and_everything_else_is_harmless_text(vendors: Served) -> None:
    bot(vendors).send(letter(message(lines=["<!channel> & <b>bold</b>", "*stars*"])))
    (only,) = vendors.slack.all()
    assert "<!subteam^S0TEST>" in only.text
    assert "&lt;!channel&gt; &amp; &lt;b&gt;" in only.text
    assert "<http://127.0.0.1:3000/assets/raw_crm/account?view=overview|the asset>" in str(only.blocks[-1])


@pytest.mark.parametrize("lines", [["x" * 20_000], ["y" * 299] * 12, ["<" * 5000] * 11, ["z & \n z"] * 40])
def test_a_message_of_any_size_stays_within_the_limits(vendors: Served, lines: list[str]) -> None:
    slack = bot(vendors)
    long = replace(message(lines=lines), title="t<" * 200)
    receipt = slack.send(letter(long))
    slack.send(letter(replace(long, number=2, kind=Kind.GROWN), receipt))
    (only,) = vendors.slack.all()
    assert only.blocks


def test_a_message_that_may_have_arrived_is_looked_for_before_it_is_posted_again(vendors: Served) -> None:
    slack = bot(vendors)
    for number in range(205):  # more than a page of other messages since
        vendors.slack.post(CHANNEL, {"text": f"chatter {number}"}, vendors.clock.now)
    receipt = slack.send(letter(message()))
    for number in range(205):
        vendors.slack.post(CHANNEL, {"text": f"chatter {number}"}, vendors.clock.now)
    before = len(vendors.slack.all())
    assert slack.send(letter(message(), again=True)) == receipt
    assert len(vendors.slack.all()) == before
    assert slack.send(letter(message(incident="another/1"), again=True)) != receipt


def test_the_end_that_may_have_been_said_is_not_said_twice(vendors: Served) -> None:
    slack = bot(vendors)
    opened, _, resolved = life("raw_crm.account/1")
    receipt = slack.send(letter(opened))
    slack.send(letter(resolved, receipt))
    slack.send(letter(resolved, receipt, again=True))
    assert [one.thread_ts for one in vendors.slack.all()] == [None, receipt["ts"]]


def test_a_message_that_somebody_deleted_is_posted_anew(vendors: Served) -> None:
    gone = {"channel": CHANNEL, "ts": "1.000001"}
    receipt = bot(vendors).send(letter(message(2, Kind.GROWN), gone))
    (only,) = vendors.slack.all()
    assert receipt["ts"] == only.ts


@pytest.mark.parametrize(
    ("channel", "token", "word"),
    [
        ("C0NOWHERE", TOKEN, "channel_not_found"),
        ("C0OLDNEWS", TOKEN, "is_archived"),
        ("C0PRIVATE", TOKEN, "not_in_channel"),
        (CHANNEL, "xoxb-wrong-secret", "invalid_auth"),
    ],
)
def test_a_refusal_with_status_200_is_one(vendors: Served, channel: str, token: str, word: str) -> None:
    with pytest.raises(NotDelivered, match=word) as raised:
        bot(vendors, channel, token).send(letter())
    assert not raised.value.is_this_message
    assert "secret" not in str(raised.value)


def test_a_limit_says_when_to_come_back(vendors: Served) -> None:
    vendors.sandbox.faults.switch_on(Fault.TOO_MANY_REQUESTS, "slack", count=1, retry_after=3600)
    with pytest.raises(NotDelivered, match="ratelimited") as raised:
        bot(vendors).send(letter())
    assert raised.value.retry_at is not None
    assert vendors.slack.all() == []


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.CUT_BODY])
def test_a_post_whose_answer_is_unclear_is_not_repeated_blindly(vendors: Served, fault: Fault) -> None:
    vendors.sandbox.faults.switch_on(fault, "slack", count=1)
    slack = bot(vendors)
    with pytest.raises(NotDelivered, match="slack"):
        slack.send(letter())
    assert len(vendors.slack.all()) == (fault is Fault.CUT_BODY)  # it was taken, only the answer was cut
    slack.send(letter(again=True))
    assert len(vendors.slack.all()) == 1


def test_a_server_that_is_not_there_is_said(vendors: Served) -> None:
    slack = SlackBot("http://127.0.0.1:9", TOKEN, CHANNEL)
    with pytest.raises(NotDelivered, match="no answer") as raised:
        slack.send(letter(message(at=vendors.clock.now - HOUR)))
    slack.close()
    assert TOKEN not in str(raised.value)
