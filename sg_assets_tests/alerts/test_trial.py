from io import StringIO

from sg_assets.alerts import trial
from sg_assets.alerts.channels.log import Log
from sg_assets.alerts.channels.slack_bot import SlackBot
from sg_assets.sandbox.slack import TOKEN
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import NOON, routing


def test_every_address_is_tried_and_says_what_is_wrong(vendors: Served) -> None:
    stream, url = StringIO(), f"{vendors.url}/slack/api"
    found = trial.send(
        {
            "log": Log(stream),
            "slack_bot:C0DATAALERTS": SlackBot(url, TOKEN, "C0DATAALERTS"),
            "slack_bot:C0OLDNEWS": SlackBot(url, TOKEN, "C0OLDNEWS"),
        },
        routing("log"),
        NOON,
    )
    assert found == {
        "log": "",
        "slack_bot:C0DATAALERTS": "",
        "slack_bot:C0OLDNEWS": "slack: chat.postMessage: is_archived",
    }
    (posted,) = vendors.slack.all()
    assert "Nothing is wrong" in posted.text
    assert "<!" not in posted.text
    assert "Nothing is wrong" in stream.getvalue()
