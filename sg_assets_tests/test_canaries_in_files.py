"""No file and no output holds a secret, whatever goes wrong: a small world is refreshed, examined, watched and told of.

Some of its vendors refuse, send a page of HTML, cut their answers, or are not there at all. Then everything that was
written is searched: the state folder, each value of the warehouse and of its copy, Dagster's storage and logs, all that
was printed. Left out is the sandbox's own folder only, where the stand-ins keep what the vendors themselves know.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from sg_assets import discovery, raw, refresh
from sg_assets.alerts import configured, routing
from sg_assets.alerts.deliver import Courier
from sg_assets.cli import main
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
from sg_assets_tests.canaries import canary, found_below, found_in, google_key, in_address

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
COMMANDS = (
    ["doctor", "--json"], ["alerts", "test"], ["status"], ["status", "--json"],
    ["tables", "list", "--json"], ["query", "select * from sg_ops.table_state"],
)  # fmt: skip


def test_no_secret_is_written_or_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    variables, secrets = planted(tmp_path)
    env = load(variables)
    for source, fault in FAULTS.items():
        env.sandbox.faults.switch_on(fault, source)
    told = [live_through(env, tmp_path)]
    told += [CliRunner().invoke(main, arguments, env=variables).output for arguments in COMMANDS]
    env.operations.close()
    printed = "\n".join([*told, *capfd.readouterr()]).encode()
    databases = [env.warehouse_path, env.warehouse_path.with_suffix(".read.duckdb")]
    assert all(word in printed for word in (b"raw_hubspot.owner", b"no answer from 127.0.0.1:9", b"401"))
    assert found_in(printed, secrets) == set()
    for database in databases:
        values = "\n".join(values_of(database)).encode()
        assert b"license_key_sha256" in values
        assert found_in(values, secrets) == set()
    assert found_below([tmp_path], secrets) == set()


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


def live_through(env: Environment, folder: Path) -> str:
    """Refresh the tables, look at what became of them, and tell everybody; gives what was found out on the way."""
    sources = [impatient(one) for one in discovery.sources() if f"raw_{one.name}" in {t.split(".")[0] for t in TABLES}]
    project = Project.of(sources, [])
    (folder / "dagster").mkdir()
    with (
        pytest.MonkeyPatch.context() as patch,
        dg.DagsterInstance.local_temp(str(folder / "dagster")) as history,
    ):
        patch.setattr(raw, "RETRIES", dg.RetryPolicy(max_retries=1))
        order = Order(env.clock(), "refresh", named=frozenset(TABLES))
        account = refresh.refresh(project, env, Target.refresh(TABLES), order, history, lambda _report, _of: None)
        assert {report.table: report.result for report in account.tables} == TABLES
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


def values_of(database: Path) -> Iterator[str]:
    """The names and values of every table of a DuckDB file, as text: in the file they are packed."""
    with closing(duckdb.connect(str(database), read_only=True)) as connection:
        for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            found = connection.table(f'"{schema}"."{table}"')
            yield f"{schema}.{table} {found.columns}"
            yield from (str(row) for row in found.fetchall())


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    secret = canary("hidden")
    wrapped = {"plain": secret, "json": json.dumps({"a": secret}), "twice": json.dumps(json.dumps([secret]))}
    wrapped |= {"address": f"https://u:{quote(secret, safe='')}@h", "half": secret[:25]}
    wrapped |= {f"base64 {n}": b64encode(f"{'x' * n}{secret}:".encode()).decode() for n in range(3)}
    for name, text in wrapped.items():
        (tmp_path / name).write_text(text)
    with closing(sqlite3.connect(tmp_path / "store")) as store:
        store.execute("create table t (packed blob)")
        store.execute("insert into t values (?)", (zlib.compress(secret.encode()),))
        store.commit()
    (tmp_path / "nothing").write_text("c4n4ry of another kind")
    assert found_below([tmp_path], {"it": secret}) == {f"it in {name}" for name in (*wrapped, "store")}
    with closing(duckdb.connect(str(tmp_path / "w.duckdb"))) as warehouse:
        warehouse.execute("create table t as select ? as v", [secret])
    assert found_in("\n".join(values_of(tmp_path / "w.duckdb")).encode(), {"it": secret}) == {"it"}
