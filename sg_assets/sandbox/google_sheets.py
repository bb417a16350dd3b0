"""The sheets that people keep by hand: finance's ARR tracker, lead analytics, offline customers, data anomalies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from sg_assets.sandbox.company.arr import movements
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.data_anomalies import data_anomalies
from sg_assets.sandbox.company.lead_scores import score_of
from sg_assets.sandbox.company.offline_customers import offline_customers
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.sheet_tabs import Book, Cell, Tab
from sg_assets.sandbox.sheets_api import SheetsApi, refuse
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SOURCE = "google_sheets"
ARR = (
    "Month", "Account ID", "Customer", "Opening ARR", "New", "Expansion", "Churned", "Closing ARR", "Committed users",
)  # fmt: skip
LEADS = (
    "Lead ID", "E-mail", "Company", "Lead lifecycle stage", "Intent points", "Cloud grade", "Private install grade",
    "MQL date", "PQL date",
)  # fmt: skip
OFFLINE = (
    "Account ID", "Customer", "Site ID", "Air-gapped", "Offline since", "Version", "User accounts", "Last asked",
    "Asked by",
)  # fmt: skip
ANOMALIES = (
    "ID", "Reported", "Reported by", "Metric", "Seen in", "Account ID", "From", "Until", "Mended", "What happened",
)  # fmt: skip

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Sheets:
    """The spreadsheets of a sandbox, as they are now."""

    sandbox: Sandbox

    def books(self) -> tuple[Book, ...]:
        """All of them; each has one tab that is read."""
        return (
            _book("arr-tracker", "ARR tracker", "America/Los_Angeles", Tab("By month", "arr_tracker", ARR, self.arr)),
            _book("leads", "Lead analytics", "America/Los_Angeles", Tab("Leads", "lead_analytics", LEADS, self.leads)),
            _book("offline", "Offline", "Europe/Berlin", Tab("Customers", "offline_customer", OFFLINE, self.offline)),
            _book("anomalies", "Anomalies", "America/New_York", Tab("Log", "data_anomaly", ANOMALIES, self.anomalies)),
        )

    def arr(self) -> Rows:
        """One row for each customer and month, the last month up to the midnight (UTC) before now."""
        midnight = self.sandbox.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return [
            [
                *(one.month, one.customer.account_id, one.customer.name),
                *map(Decimal, (one.opening, one.new, one.expansion, one.churned, one.closing)),
                one.users,
            ]
            for one in movements(self.sandbox.company, midnight)
        ]

    def leads(self) -> Rows:
        """One row for each lead of Salesforce that was not deleted."""
        rows: list[Sequence[Cell]] = []
        for lead in self._crm.at(self.sandbox.now())["Lead"].values():
            created, mql = lead["CreatedDate"], lead["MQL_Date__c"]
            if lead["IsDeleted"] or not isinstance(created, datetime):
                continue
            qualified = mql if isinstance(mql, date) else None
            score = score_of(self.sandbox.company, str(lead["Email"]), qualified, created.date())
            rows.append(
                [
                    *(str(lead[name]) for name in ("Id", "Email", "Company")),
                    *(score.stage, score.points, score.cloud_grade, score.private_grade, score.mql_on, score.pql_on),
                ]
            )
        return rows

    def offline(self) -> Rows:
        """One row for each customer that never pings, with a blank one in between, as people leave them."""
        rows: list[Sequence[Cell]] = [
            [
                *(one.customer.account_id, one.customer.name, one.instance.site_id, one.is_air_gapped, one.since),
                *(one.version, one.accounts, one.asked_on, one.asked_by),
            ]
            for one in offline_customers(self.sandbox.company, self.sandbox.now())
        ]
        return [*rows[:1], [], *rows[1:]]

    def anomalies(self) -> Rows:
        """One row for each entry; numbers are texts with leading zeros."""
        return [
            [
                *(f"{one.number:03}", one.reported_at, one.reported_by, one.metric, one.tools),
                *(one.customer.account_id if one.customer else None, one.begins, one.mended_on),
                *(one.mended_on is not None, one.text),
            ]
            for one in data_anomalies(self.sandbox.company, self.sandbox.now())
        ]

    @cached_property
    def _crm(self) -> Crm:
        return Crm(CrmChanges(self.sandbox.company))


def _book(name: str, title: str, zone: str, tab: Tab) -> Book:
    return Book(f"sandbox-{name}", title, zone, (tab, Tab("Notes", "notes", ("Ask in #analytics",), list)))


def _app(sandbox: Sandbox) -> ASGIApp:
    return SheetsApi(SOURCE, sandbox, {book.id: book for book in Sheets(sandbox).books()}).app()


stand_in = StandIn(
    SOURCE,
    {
        "SG_GOOGLE_CREDENTIALS": CREDENTIALS,
        "SG_GOOGLE_SHEETS_ARR_TRACKER": "sandbox-arr-tracker",
        "SG_GOOGLE_SHEETS_LEAD_ANALYTICS": "sandbox-leads",
        "SG_GOOGLE_SHEETS_OFFLINE_CUSTOMER": "sandbox-offline",
        "SG_GOOGLE_SHEETS_DATA_ANOMALY": "sandbox-anomalies",
    },
    _app,
    refuse,
    (429, refuse(429)),
)
