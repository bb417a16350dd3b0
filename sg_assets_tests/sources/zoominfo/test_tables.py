"""ZoomInfo's tables, of the people and companies in Salesforce: who is asked about, and what has landed then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import raw
from sg_assets.discovery import Project
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.http.pace import pace
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.rows import Shape
from sg_assets.sandbox.company.business_records import BusinessRecords
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets.session import Result
from sg_assets.source import Row
from sg_assets.sources.pings import pings
from sg_assets.sources.salesforce import salesforce
from sg_assets.sources.zoominfo import zoominfo
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.sources.zoominfo.rows import NOW, Tables, accounts

HOUR = timedelta(hours=1)
TABLES = ("raw_zoominfo.company", "raw_zoominfo.contact", "raw_zoominfo.usage")


@pytest.fixture(autouse=True)
def another_second() -> None:
    """What other tests asked does not count against ZoomInfo's limits."""
    pace.cache_clear()


def asked_about(world: World, tables: Tables, table: str) -> list[object]:
    with world.client(zoominfo) as client:
        pages = tables.pull(client, table, world.settings(zoominfo), world.now)
    return [row["domain" if table == "company" else "email"] for page in pages for row in page.rows]


def test_a_domain_is_found_in_a_website_as_people_write_it(world: World) -> None:
    sites = ("https://www.A.example/about", "b.example", "http://c.example:8080", "WWW.D.example ", "none", "", None)
    rows: list[Row] = [{**row, "website": site} for site, row in zip(sites, accounts(*"abcdefg"), strict=True)]
    rows += [*accounts("a.example"), *accounts("gone.example", is_deleted=True)]
    found = asked_about(world, Tables({"raw_salesforce.account": rows}), "company")
    assert found == ["d.example", "c.example", "b.example", "a.example"]  # the newest account first


def test_contacts_and_leads_are_asked_about_once_whatever_their_case(world: World) -> None:
    def people(*emails: str | None) -> list[Row]:
        return [{"email": email, "is_deleted": False, "created_at": NOW} for email in emails]

    rows = {"raw_salesforce.contact": people("Ada@c.example", None), "raw_salesforce.lead": people("ada@C.example ")}
    assert asked_about(world, Tables(rows), "contact") == ["ada@c.example"]


@pytest.mark.parametrize("table", ["company", "contact", "usage"])
def test_every_row_has_its_declared_shape(world: World, table: str) -> None:
    records = BusinessRecords(world.sandbox.company)
    people = [one.people[0].email for one in world.sandbox.company.customers]
    rows: dict[str, list[Row]] = {
        "raw_salesforce.account": accounts(*records.companies),
        "raw_salesforce.contact": [{"email": one, "is_deleted": False, "created_at": NOW} for one in people],
    }
    with world.client(zoominfo) as client:
        pages = Tables(rows).pull(client, table, world.settings(zoominfo), world.now)
    given = [row for page in pages for row in page.rows]
    fitted = Shape(zoominfo.tables[f"raw_zoominfo.{table}"].table).fit(given)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(given) >= 3


class Team:
    """A production with Salesforce and ZoomInfo, at the stand-ins."""

    def __init__(self, home: Path, url: str, settings: dict[str, str]) -> None:
        self.project = Project.of([pings, salesforce, zoominfo], [])  # pings are kept by day, as Dagster wants of some
        urls = {"SG_SALESFORCE_URL": f"{url}/salesforce", "SG_ZOOMINFO_URL": f"{url}/zoominfo"}
        self.now = ANCHOR + 3 * HOUR
        env = load({"SG_ENV": "production", "SG_HOME": str(home), **urls, **settings})
        self.env: Environment = replace(env, clock=lambda: self.now)
        self.history = dg.DagsterInstance.ephemeral()

    def refresh(self, *tables: str, full: bool = False) -> Account:
        pace.cache_clear()
        target = Target.refresh(tables, is_full=full)
        order = Order(self.now, "refresh", is_full=full, named=frozenset(tables))
        return refresh(self.project, self.env, target, order, self.history, lambda _report, _total: None)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.env.read_copy().query(sql).rows


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(7, ANCHOR, 0.05, lambda: ANCHOR + 3 * HOUR, tmp_path / "sandbox")


@pytest.fixture
def team(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setattr(raw, "RETRIES", dg.RetryPolicy(max_retries=raw.RETRIES.max_retries))  # without the pauses
    server = start(sandbox)
    made = Team(tmp_path / "team", server.url, {**sandbox.settings("salesforce"), **sandbox.settings("zoominfo")})
    yield made
    made.env.operations.close()
    made.history.dispose()
    server.stop()


def test_who_is_in_the_crm_is_enriched_and_nobody_twice(team: Team, sandbox: Sandbox) -> None:
    first = team.refresh(*TABLES)
    assert {report.result for report in first.tables} == {Result.BUILT}
    assert [report.table for report in first.tables][-1] == "raw_zoominfo.usage"
    records = BusinessRecords(sandbox.company).companies
    found = team.rows("select domain, name, employee_count, credits from raw_zoominfo.company where id is not null")
    websites = {row[0] for row in team.rows("select website from raw_salesforce.account where not is_deleted")}
    in_crm = [one for one in records.values() if f"https://www.{one.domain}" in websites]
    assert {tuple(row) for row in found} == {(one.domain, one.name, one.employees, 1) for one in in_crm}
    assert len(found) > 30
    ((unknown, people),) = team.rows("select countif(id is null), count(*) from raw_zoominfo.contact")
    ((spent,),) = team.rows("select sum(credits) from raw_zoominfo.contact")
    assert 0 < int(str(unknown)) == int(str(people)) - int(str(spent))
    used = "select used from raw_zoominfo.usage where limit_type = 'recordLimit'"
    assert team.rows(used) == [(int(str(spent)) + len(found),)]
    disagree = """
        select count(*) from raw_zoominfo.contact as z inner join raw_salesforce.contact as c on z.email = c.email
        where z.id is not null and (z.first_name, z.last_name) != (c.first_name, c.last_name)
    """
    assert team.rows(disagree) == [(0,)]
    contents = "select * from raw_zoominfo.contact order by email"
    before = team.rows(contents)
    again = team.refresh(*TABLES)
    assert {report.result for report in again.tables} == {Result.BUILT}
    assert team.rows(contents) == before
    assert team.rows(used) == [(int(str(spent)) + len(found),)]


def test_a_run_that_breaks_off_has_landed_what_was_paid_for_and_the_next_one_goes_on(
    team: Team, sandbox: Sandbox
) -> None:
    team.refresh("raw_salesforce.contact", "raw_salesforce.lead")
    sandbox.faults.switch_on(Kind.QUOTA, "zoominfo", match="/enrich/*")
    (report,) = team.refresh("raw_zoominfo.contact").tables
    assert report.result is Result.FAILED
    assert "contract is used up" in report.reason
    sandbox.faults.clear()
    team.refresh("raw_zoominfo.contact")
    assert team.rows("select count(*) > 50 from raw_zoominfo.contact") == [(True,)]


def test_a_table_that_is_loaded_anew_is_what_it_was_and_costs_nothing(team: Team) -> None:
    team.refresh(*TABLES)
    whole = "select * from raw_zoominfo.contact order by email"
    before, used = team.rows(whole), team.rows("select used from raw_zoominfo.usage")
    (report,) = team.refresh("raw_zoominfo.contact", full=True).tables
    assert (report.result, report.reason) == (Result.BUILT, "what was enriched before was kept; none was new")
    assert team.rows(whole) == before
    team.now += HOUR
    team.refresh("raw_zoominfo.usage")
    assert team.rows("select used from raw_zoominfo.usage") == used
