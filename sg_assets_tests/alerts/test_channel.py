from sg_assets.alerts.channel import NotDelivered
from sg_assets_tests.alerts.telling import NOON, letter


def test_a_refusal_says_why_when_to_come_back_and_whether_others_may_pass() -> None:
    refusal = NotDelivered("ratelimited", retry_at=NOON, is_this_message=True)
    assert (str(refusal), refusal.retry_at, refusal.is_this_message) == ("ratelimited", NOON, True)
    assert not NotDelivered("down").is_this_message


def test_a_letter_is_new_unless_it_is_said_otherwise() -> None:
    assert (letter().told, letter().is_worse, letter().is_again) == ((), False, False)
