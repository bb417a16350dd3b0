"""A small world in which every secret is a canary, and that is lived through: refreshed, watched, told of.

Test support; nothing here is tested. Some of its vendors refuse, send a page of HTML, cut their answers, or are not
there at all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import discovery, raw, refresh
from sg_assets.alerts import configured, routing
from sg_assets.alerts.deliver import Courier
from sg_assets.discovery import Project
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.freshness.watch import Watching
from sg_assets.order import Order
from sg_assets.sandbox import salesforce, storage_api
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.truth import subscriptions
from sg_assets.session import Result
from sg_assets.source import Connected, Source
from sg_assets_tests.canaries import canary, google_key, in_address

CLOCK = "2026-03-10T14:30:00Z"
NOBODY = "127.0.0.1:9"
TABLES = {
    "raw_site_admin.license": Result.BUILT, "raw_pings.ping": Result.BUILT, "raw_salesforce.user": Result.BUILT,
    "raw_hubspot.owner": Result.FAILED, "raw_looker.user": Result.FAILED,
    "raw_mixmax.sequence": Result.FAILED, "raw_github.repository": Result.FAILED,
    "raw_fivetran.connection": Result.FAILED, "raw_google_tag_manager.container": Result.FAILED,
    "raw_prometheus.metric_sample": Result.FAILED, "raw_production_db.orgs": Result.FAILED,
}  # fmt: skip
"""What becomes of them: the first two have licence keys in what they are sent."""
REFUSED = ("SG_HUBSPOT_TOKEN", "SG_LOOKER_CLIENT_SECRET", "SG_MIXMAX_TOKENS")
"""Credentials in whose place is a canary, which the stand-ins refuse."""
FAULTS = {"github": Kind.FORBIDDEN, "fivetran": Kind.SERVER_ERROR, "google_tag_manager": Kind.CUT_BODY}
FAULTS |= {"pings": Kind.CORRUPT_LINE, "salesforce": Kind.UNKNOWN_FIELD}


def planted(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of the world, and every secret that there is in it, by name."""
    common = {"SG_HOME": str(folder / "home"), "SG_CLOCK": CLOCK, "SG_SANDBOX_ANCHOR": CLOCK[:10]}
    common |= {"SG_SANDBOX_SCALE": "0.05", "SG_SANDBOX_DAYS": "2"}
    env = load(common)
    secrets = {name: canary(name) for name in (*REFUSED, "SG_SMTP_PASSWORD")}
    given = dict(secrets)
    given["SG_GOOGLE_CREDENTIALS"], secrets["SG_GOOGLE_CREDENTIALS"] = google_key(f"{env.stand_in('pings')}/token")
    given["SG_PROMETHEUS_URL"], secrets["SG_PROMETHEUS_URL"] = in_address("http", NOBODY)
    given["SG_PRODUCTION_DB_URL"], secrets["SG_PRODUCTION_DB_URL"] = in_address("postgresql", NOBODY)
    secrets["SG_ALERT_WEBHOOK_URL"] = canary("hook")
    given["SG_ALERT_WEBHOOK_URL"] = f"http://{NOBODY}/{canary('hook')}"
    given |= {"SG_SMTP_HOST": "127.0.0.1", "SG_SMTP_PORT": "9", "SG_SMTP_SENDER": "a@b.example", "SG_SMTP_USER": "u"}
    for source in discovery.sources():
        for name in (one.name for one in source.variables if one.is_secret and one.name not in given):
            secrets[name] = env.sandbox.settings(source.name)[name]
    secrets |= {"Google's token": storage_api.TOKEN, "Salesforce's token": salesforce.TOKEN}
    secrets["Slack's token"] = env.sandbox.settings("slack")["SG_SLACK_BOT_TOKEN"]
    keys = [license_.key for one in subscriptions(env.sandbox.company) for license_ in one.licenses]
    return common | given, secrets | {f"licence key {number}": key for number, key in enumerate(keys)}


def live_through(env: Environment, folder: Path, tables: Mapping[str, Result] = TABLES) -> str:
    """Switch the faults on, refresh tables, and tell everybody; gives what was found out on the way."""
    for source, fault in FAULTS.items():
        env.sandbox.faults.switch_on(fault, source)
    sources = [impatient(one) for one in discovery.sources() if f"raw_{one.name}" in {t.split(".")[0] for t in tables}]
    project = Project.of(sources, [])
    (folder / "dagster").mkdir()
    with (
        pytest.MonkeyPatch.context() as patch,
        dg.DagsterInstance.local_temp(str(folder / "dagster")) as history,
    ):
        patch.setattr(raw, "RETRIES", dg.RetryPolicy(max_retries=1))
        order = Order(env.clock(), "refresh", named=frozenset(tables))
        account = refresh.refresh(project, env, Target.refresh(tables), order, history, lambda _report, _of: None)
        assert {report.table: report.result for report in account.tables} == tables
        Watching(project, env, history, "team:analytics").tick()
    table = routing.read()
    for address, channel in configured.channels(env, table, sys.stderr).channels.items():
        Courier(address, channel, env.operations.outbox, table, env.clock).deliver()
        channel.close()
    return f"{account} {project} {env} {[env.connection(source) for source in sources]}"


def impatient(source: Source) -> Source:
    """The source, whose client asks once where it would go on asking for a minute whether somebody is there again."""

    def connect(url: str, settings: Mapping[str, str]) -> Connected:
        client = source.connect(url, settings)
        client.patience = 0.0
        return client

    return replace(source, connect=connect)
