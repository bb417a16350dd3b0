import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.channels.slack_webhook import SlackWebhook
from sg_assets.sandbox.faults import Kind as Fault
from sg_assets.sandbox.slack import WEBHOOK
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import letter, life


def test_each_message_is_a_post_of_its_own(vendors: Served) -> None:
    hook = SlackWebhook(f"{vendors.url}/slack{WEBHOOK}")
    for one in life("raw_crm.account/1"):
        assert hook.send(letter(one)) == {}
    hook.close()
    posted = vendors.slack.all("C0DATAALERTS")
    assert [one.text.splitlines()[0].split()[1] for one in posted] == ["opened", "grown", "resolved"]
    assert posted[0].blocks


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/services/T0SANDBOX/B0SANDBOX/wrong-secret", "403 invalid_token"),
        ("/services/T1/B1/wrong-secret", "404 no_service"),
    ],
)
def test_a_refusal_says_slacks_word_and_never_the_address(vendors: Served, path: str, word: str) -> None:
    with pytest.raises(NotDelivered, match=word) as raised:
        SlackWebhook(f"{vendors.url}/slack{path}").send(letter())
    assert "secret" not in str(raised.value)
    assert "services" not in str(raised.value)


def test_a_limit_says_when_to_come_back(vendors: Served) -> None:
    vendors.sandbox.faults.switch_on(Fault.TOO_MANY_REQUESTS, "slack", count=1, retry_after=30)
    with pytest.raises(NotDelivered, match="429") as raised:
        SlackWebhook(f"{vendors.url}/slack{WEBHOOK}").send(letter())
    assert raised.value.retry_at is not None


def test_a_server_that_fails_is_asked_once(vendors: Served) -> None:
    vendors.sandbox.faults.switch_on(Fault.SERVER_ERROR, "slack", count=1)
    hook = SlackWebhook(f"{vendors.url}/slack{WEBHOOK}")
    with pytest.raises(NotDelivered, match="503"):
        hook.send(letter())
    assert vendors.slack.all() == []
