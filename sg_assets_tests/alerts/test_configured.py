import sys
from io import StringIO
from pathlib import Path

import pytest

from sg_assets.alerts.configured import channels
from sg_assets.environment import EnvironmentProblem, load
from sg_assets.sandbox.server import of_this_process
from sg_assets.sandbox.slack_messages import Messages
from sg_assets_tests.alerts.telling import letter, routing

TABLE = routing("slack_bot:C0DATAALERTS", "slack_webhook", "webhook", "email:a@example.com", "log")
ALL = {
    "SG_ENV": "production",
    "SG_SLACK_BOT_TOKEN": "xoxb-secret",
    "SG_SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/secret",
    "SG_ALERT_WEBHOOK_URL": "https://example.com/secret",
    "SG_SMTP_HOST": "mail.example.com",
    "SG_SMTP_SENDER": "alerts@example.com",
}


def test_an_address_is_used_when_its_variables_are_set() -> None:
    found = channels(load(ALL), TABLE, sys.stderr)
    assert list(found.channels) == list(TABLE.addresses)
    assert found.missing == {}


def test_what_is_not_set_is_named_and_the_log_is_always_there() -> None:
    found = channels(load({"SG_ENV": "production", "SG_SMTP_HOST": "mail.example.com"}), TABLE, sys.stderr)
    assert list(found.channels) == ["log"]
    assert found.missing == {
        "slack_bot": ("SG_SLACK_BOT_TOKEN",),
        "slack_webhook": ("SG_SLACK_WEBHOOK_URL",),
        "webhook": ("SG_ALERT_WEBHOOK_URL",),
        "email": ("SG_SMTP_SENDER",),
    }


@pytest.mark.parametrize(
    ("name", "value"), [("SG_SMTP_PORT", "mail"), ("SG_SMTP_SECURITY", "none"), ("SG_SMTP_SECURITY", "ssl")]
)
def test_a_mail_server_that_cannot_be_is_refused_by_its_variables(name: str, value: str) -> None:
    with pytest.raises(EnvironmentProblem, match=name) as raised:
        channels(load({**ALL, "SG_SMTP_PASSWORD": "hunter2", name: value}), TABLE, sys.stderr)
    assert "hunter2" not in str(raised.value)


def test_in_the_sandbox_slack_is_the_stand_in(tmp_path: Path) -> None:
    env = load({"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05"})
    stream = StringIO()
    found = channels(env, TABLE, stream)
    for channel in found.channels.values():
        channel.send(letter())
        channel.close()
    of_this_process(env.sandbox).stop()
    assert list(found.channels) == ["slack_bot:C0DATAALERTS", "log"]
    assert len(Messages(env.home).all()) == 1
    assert "opened raw_crm.account/1" in stream.getvalue()
