"""Which channels the environment gives: its variables turned into channels that can send.

Who is told where is in `routing.py`. In the sandbox Slack is the stand-in's, unless the variables say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from sg_assets.alerts.channel import Channel
from sg_assets.environment import SANDBOX, EnvironmentProblem
from sg_assets.right import Right

if TYPE_CHECKING:
    from sg_assets.alerts.routing import Routing
    from sg_assets.environment import Environment

SLACK = "https://slack.com/api"
# What each kind of channel cannot be without; the log needs nothing.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "slack_bot": ("SG_SLACK_BOT_TOKEN",),
    "slack_webhook": ("SG_SLACK_WEBHOOK_URL",),
    "webhook": ("SG_ALERT_WEBHOOK_URL",),
    "email": ("SG_SMTP_HOST", "SG_SMTP_SENDER"),
    "log": (),
}
NEEDS: Mapping[str, tuple[Right, ...]] = {
    "slack_bot": (
        Right("chat:write", "the bot, invited into the channel", "post and edit messages", writes=True),
        Right("channels:history", "the bot (groups:history for a private channel)", "look before posting twice"),
    ),
    "slack_webhook": (Right("incoming-webhook", "one channel", "post messages", writes=True),),
    "webhook": (Right("POST", "the address", "hand messages over", writes=True),),
    "email": (Right("submission", "the mail server, as SG_SMTP_SENDER", "hand mails in", writes=True),),
}
"""The rights of each kind of channel."""


@dataclass(frozen=True)
class Configured:
    """The channels by address, and for each kind that the table names but nobody configured, what is not set."""

    channels: Mapping[str, Channel]
    missing: Mapping[str, tuple[str, ...]]


def channels(env: Environment, routing: Routing, stream: TextIO) -> Configured:
    """The channels of every address in the table that can be used; the log goes to `stream`.

    Raises:
        EnvironmentProblem: a variable's value cannot be used.
    """
    variables = _variables(env)
    made: dict[str, Channel] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for address in routing.addresses:
        kind, _, place = address.partition(":")
        unset = tuple(name for name in NEEDED[kind] if not variables.get(name))
        if unset:
            missing[kind] = unset
        else:
            made[address] = _MAKERS[kind](variables, place, stream)
    return Configured(made, missing)


def _variables(env: Environment) -> Mapping[str, str]:
    """The variables, with those that the sandbox makes up where they are not set."""
    given = {name: value for name, value in env.variables.items() if value}
    if env.name != SANDBOX:
        return given
    made_up = dict(env.sandbox.settings("slack"))
    if "SG_SLACK_URL" not in given and "SG_SLACK_BOT_TOKEN" not in given:
        made_up["SG_SLACK_URL"] = f"{env.stand_in('slack')}/api"
    return {**made_up, **given}


def _slack_bot(variables: Mapping[str, str], place: str, _stream: TextIO) -> Channel:
    from sg_assets.alerts.channels.slack_bot import SlackBot  # noqa: PLC0415 (only what is configured is loaded)

    return SlackBot(variables.get("SG_SLACK_URL") or SLACK, variables["SG_SLACK_BOT_TOKEN"], place)


def _slack_webhook(variables: Mapping[str, str], _place: str, _stream: TextIO) -> Channel:
    from sg_assets.alerts.channels.slack_webhook import SlackWebhook  # noqa: PLC0415 (as above)

    return SlackWebhook(variables["SG_SLACK_WEBHOOK_URL"])


def _webhook(variables: Mapping[str, str], _place: str, _stream: TextIO) -> Channel:
    from sg_assets.alerts.channels.webhook import Webhook  # noqa: PLC0415 (as above)

    return Webhook(variables["SG_ALERT_WEBHOOK_URL"])


def _email(variables: Mapping[str, str], place: str, _stream: TextIO) -> Channel:
    from sg_assets.alerts.channels.email import Email, MailServer  # noqa: PLC0415 (as above)

    try:
        server = MailServer(
            host=variables["SG_SMTP_HOST"],
            port=int(variables.get("SG_SMTP_PORT") or "587"),
            sender=variables["SG_SMTP_SENDER"],
            user=variables.get("SG_SMTP_USER") or "",
            password=variables.get("SG_SMTP_PASSWORD") or "",
            security=variables.get("SG_SMTP_SECURITY") or "starttls",
        )
    except ValueError as error:
        msg = f"SG_SMTP_PORT, SG_SMTP_SECURITY or SG_SMTP_PASSWORD: {error}"
        raise EnvironmentProblem(msg) from None
    return Email(server, place)


def _log(_variables: Mapping[str, str], _place: str, stream: TextIO) -> Channel:
    from sg_assets.alerts.channels.log import Log  # noqa: PLC0415 (as above)

    return Log(stream)


_MAKERS: Mapping[str, Callable[[Mapping[str, str], str, TextIO], Channel]] = {
    "slack_bot": _slack_bot,
    "slack_webhook": _slack_webhook,
    "webhook": _webhook,
    "email": _email,
    "log": _log,
}
