"""No error shows a secret, not even of a vendor that sends everything back that it was sent, in whatever form.

Each source, destination and channel has a canary in every variable that is secret, and asks a server that answers with
the whole request: as a refusal, as data, in a page, cut in the middle.
"""

from __future__ import annotations

import html
import time
import traceback
from base64 import b64decode
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest

from sg_assets import discovery
from sg_assets.alerts import configured, routing, trial
from sg_assets.alerts.channels.email import MailServer
from sg_assets.alerts.sending import Address
from sg_assets.connection import Connection
from sg_assets.destination import Send
from sg_assets.destinations.amplitude.upload import Upload
from sg_assets.doctor import examine
from sg_assets.environment import load
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import Request
from sg_assets.postgres import Database
from sg_assets.source import Pull, Source
from sg_assets.spreadsheet import Spreadsheet
from sg_assets_tests.canaries import canary, found_in, google_key, in_address
from sg_assets_tests.scripted_vendor import Answer, Asked, answering

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DATABASE = "production_db"
SYSTEMS = [one for one in discovery.project().systems if not one.reached.is_only_watched and one.name != DATABASE]
PLAIN = {
    "SG_HUBSPOT_TIMEZONE": "UTC", "SG_GOOGLE_ANALYTICS_PROPERTY": "1", "SG_GITHUB_REPOSITORIES": "a/b",
    "SG_SALESFORCE_WRITE_BACK": "accounts", "SG_AMPLITUDE_UPLOAD": "events",
}  # fmt: skip
"""Values of variables that must be of some form; the others that are no secret have one that is easily known."""


def everything(asked: Asked) -> str:
    """All that was sent, what is secret first; and what a name and a password are in it when somebody reads them."""
    word, _, credential = (asked.headers.get("Authorization") or asked.headers.get("X-API-Token", "")).partition(" ")
    read = b64decode(credential).decode() if word == "Basic" else ""
    return f"{credential or word} {read} {asked.body.decode()} {asked.path}?{dict(asked.query)} {dict(asked.headers)}"


ECHOES: Mapping[str, Callable[[str], Answer]] = {
    "refused": lambda text: Answer(401, text.encode()),
    "forbidden": lambda text: Answer.json([{"errorCode": "NO", "message": text}], 403),
    "page": lambda text: Answer(404, f"<html><b>{html.escape(text)}</b></html>".encode()),
    "limited": lambda text: Answer(429, text.encode(), {"Retry-After": "3600"}),
    "good": lambda text: Answer.json({"errors": [{"message": text, "type": text}], "error": text, "ok": False}),
    "other": lambda text: Answer.json({"data": text, "results": text, "items": text, "status": text, "jwt": text}),
    "late": lambda text: Answer(400, (" " * 3 + "." * (199 - 40) + text).encode()),
}


RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, SourceError)


@contextmanager
def echoing(echo: Callable[[str], Answer]) -> Generator[str]:
    """The address of a server that echoes, but gives whoever signs in a token, which is a canary as well."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith(("/token", "/login", "/authenticate")) and b"refuse-sign-in" not in asked.body:
            token = canary("token")
            return Answer.json({"access_token": token, "jwt": token, "token_type": "Bearer", "expires_in": 3600})
        return echo(everything(asked))

    with answering(answer) as vendor:
        yield vendor.url


def planted(source: Source, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of a source, with a canary for each secret, and these by their variables."""
    settings = {one.name: PLAIN.get(one.name, one.default or "known") for one in source.variables}
    secrets = {one.name: canary(one.name) for one in source.variables if one.is_secret} | {"token": canary("token")}
    settings |= {name: value for name, value in secrets.items() if name in settings}
    if "SG_GOOGLE_CREDENTIALS" in settings:
        settings["SG_GOOGLE_CREDENTIALS"], secrets["SG_GOOGLE_CREDENTIALS"] = google_key(f"{url}/token")
    return settings, secrets


def asked_of(source: Source, url: str, settings: Mapping[str, str], place: int) -> Iterator[str]:
    """What is told, with the whole trace of errors, of an examination and of the pull of one of its tables."""
    fetches = [raw.fetch for raw in source.tables.values() if raw.fetch is not None]
    asks: list[Callable[[Client], object]] = [lambda client: _examined(source, client, settings)]
    if fetches:
        fetch = fetches[place % len(fetches)]
        asks.append(lambda client: len(list(fetch(Pull(client, settings, NOW)))))  # rows are the vendor's own
    for ask in asks:
        try:
            with cast("Client", source.connect(f"{url}/{source.name}", settings)) as client:
                client.patience, client.sleep = 0.0, lambda seconds: time.sleep(min(seconds, 0.05))
                yield str(ask(client))
        except RAISED as error:
            yield "".join(traceback.format_exception(error))


def _examined(source: Source, client: Client, settings: Mapping[str, str]) -> object:
    assert source.examination
    return list(source.examination(client, settings))


@pytest.mark.parametrize("echo", ECHOES)
def test_no_source_shows_a_secret_that_its_vendor_sends_back(echo: str) -> None:
    leaks = set()
    with echoing(ECHOES[echo]) as url:
        for system in SYSTEMS:
            settings, secrets = planted(system.reached, url)
            for told in asked_of(system.reached, url, settings, list(ECHOES).index(echo)):
                leaks |= {(system.name, name, told[-600:]) for name in found_in(told.encode(), secrets)}
    assert leaks == set()


@pytest.mark.parametrize("echo", ["refused", "page", "good", "late"])
def test_no_channel_shows_a_secret_that_is_sent_back(echo: str, capfd: pytest.CaptureFixture[str]) -> None:
    with echoing(lambda text: ECHOES[echo](f"{text} refuse-sign-in")) as url:
        hooks = {name: f"{url}/{canary(name)}" for name in ("SG_SLACK_WEBHOOK_URL", "SG_ALERT_WEBHOOK_URL")}
        tokens = {name: canary(name) for name in ("SG_SLACK_BOT_TOKEN", "SG_SMTP_PASSWORD")}
        smtp = {"SG_SMTP_HOST": "127.0.0.1", "SG_SMTP_PORT": "9", "SG_SMTP_SENDER": "a@b.example", "SG_SMTP_USER": "u"}
        env = load({"SG_ENV": "production", "SG_SLACK_URL": url, **hooks, **tokens, **smtp})
        table = routing.read()
        found = configured.channels(env, table, StringIO())
        told = trial.send(found.channels, table, NOW)
    kinds = {address.partition(":")[0] for address, problem in told.items() if problem}
    assert kinds >= ({"slack_bot", "email"} if echo == "good" else {"slack_bot", "slack_webhook", "webhook", "email"})
    secrets = {name: canary(name) for name in (*hooks, *tokens)}
    assert found_in(str(told).encode() + str(capfd.readouterr()).encode(), secrets) == set()


@pytest.mark.parametrize(("scheme", "system"), [("https", "github"), ("postgresql", DATABASE)])
def test_a_password_in_an_address_is_not_shown_where_nobody_answers(scheme: str, system: str, tmp_path: Path) -> None:
    url, secret = in_address(scheme, "127.0.0.1:9")
    variables = {f"SG_{system.upper()}_URL": url, "SG_ENV": "production", "SG_HOME": str(tmp_path)}
    env = load({**variables, "SG_GITHUB_TOKEN": "known"})
    (source,) = [one.reached for one in discovery.project().systems if one.name == system]
    (diagnosis,) = examine(env, {system: source})
    assert diagnosis.is_reachable is False
    assert found_in(f"{diagnosis} {env} {env.connection(source)}".encode(), {"it": secret}) == set()


@pytest.mark.parametrize(
    "url",
    ["ftp://u:{}@host", "https://u:{}@", "{}", "postgresql://u:a@b{}@host/db", "postgresql://u:{}@host:port/db"],
)
@pytest.mark.parametrize("system", ["github", DATABASE])
def test_an_address_that_cannot_be_used_is_told_without_its_password(url: str, system: str) -> None:
    secret = "c4n4ry-of-an-address"  # noqa: S105 (a canary)
    env = load({f"SG_{system.upper()}_URL": url.format(secret), "SG_ENV": "production", "SG_GITHUB_TOKEN": "known"})
    (source,) = [one.reached for one in discovery.project().systems if one.name == system]
    (diagnosis,) = examine(env, {system: source})
    assert "set it to an address" in diagnosis.detail
    is_a_password = url != "{}" or source.is_url_secret
    assert (secret not in diagnosis.detail) == is_a_password


def test_what_is_handed_around_does_not_show_what_it_holds() -> None:
    secret = canary("held")
    settings = {"SG_SECRET": secret}
    with Client(f"https://u:{secret}@host", name="x", headers={"Authorization": secret}, secrets=[secret]) as http:
        held = [
            http, Pull(http, settings, NOW), Send(http, settings, NOW, pa.table({"a": [1]})), Upload(http, secret),
            Spreadsheet(http, settings, "SG_SECRET", "tab"), Address.of(f"https://host/{secret}?{secret}"),
            Request("POST", "/x", {"q": secret}, {"body": secret}, {"form": secret}),
            MailServer("host", 25, "a@b.example", "u", secret), load({"SG_GITHUB_TOKEN": secret}),
            Connection(f"https://u:{secret}@host", settings), Database(f"postgresql://u:{secret}@host/x", name="x"),
        ]  # fmt: skip
        assert [one for one in held if found_in(repr(one).encode(), {"it": secret})] == []
