"""The spreadsheets that people keep by hand and the company counts on: each is a tab with a contract.

To add one: a variable with its id, a `Sheet` with its headings and columns, and a table that reads it. How a tab is
compared with its contract is in `sg_assets/sheet.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding
from sg_assets.google import READ_ONLY_SCOPE
from sg_assets.http import Client
from sg_assets.promise import HOURLY
from sg_assets.sheet import Sheet
from sg_assets.source import Page, Pull, Source, Variable
from sg_assets.spreadsheet import BASE_URL, NEEDS, connect
from sg_assets.table import Mode

PERSONAL = Classification.PERSONAL

google_sheets = Source(
    name="google_sheets",
    description="Spreadsheets kept by hand: revenue, leads, offline customers and data that cannot be trusted.",
    owner="team:analytics",
    promise=HOURLY,
    connect=partial(connect, "google_sheets"),
    base_url=BASE_URL,
    variables=(
        Variable("SG_GOOGLE_CREDENTIALS", "Path or JSON text of a Google service account's key.", is_secret=True),
        Variable("SG_GOOGLE_SHEETS_ARR_TRACKER", "Id or address of finance's ARR tracker."),
        Variable("SG_GOOGLE_SHEETS_LEAD_ANALYTICS", "Id or address of the lead analytics sheet (MQL and PQL)."),
        Variable("SG_GOOGLE_SHEETS_OFFLINE_CUSTOMER", "Id or address of the list of customers that are offline."),
        Variable("SG_GOOGLE_SHEETS_DATA_ANOMALY", "Id or address of the list of data anomalies."),
    ),
    needs=NEEDS,
    excess=READ_ONLY_SCOPE,
)

ACCOUNT = Column("account_id", "STRING", "Salesforce id of the account, 18 characters.")
ARR_TRACKER = Sheet(
    "SG_GOOGLE_SHEETS_ARR_TRACKER",
    "By month",
    {
        "Month": Column("month_on", "DATE", "First day of the calendar month."),
        "Account ID": ACCOUNT,
        "Customer": Column("customer", "STRING", "Name of the customer."),
        "Opening ARR": Column("opening_arr_usd", "NUMERIC", "Annual recurring revenue when the month began, in USD."),
        "New": Column("new_arr_usd", "NUMERIC", "Of a customer that did not pay when the month began, in USD."),
        "Expansion": Column("expansion_arr_usd", "NUMERIC", "What a paying customer pays more, in USD."),
        "Churned": Column(
            "churned_arr_usd", "NUMERIC", "What a paying customer pays less, or all of it, in USD, >= 0."
        ),
        "Closing ARR": Column(
            "closing_arr_usd", "NUMERIC", "Annual recurring revenue when the month ended, or so far, in USD."
        ),
        "Committed users": Column("committed_users", "INT64", "Users that the contract is for when the month ends."),
    },
    key=("account_id", "month_on"),
)
LEAD_ANALYTICS = Sheet(
    "SG_GOOGLE_SHEETS_LEAD_ANALYTICS",
    "Leads",
    {
        "Lead ID": Column(
            "lead_id", "STRING", "Salesforce id of the lead, 18 characters.", Classification.PSEUDONYMOUS
        ),
        "E-mail": Column("email", "STRING", "E-mail address of the lead.", PERSONAL),
        "Company": Column("company", "STRING", "Company, as the person wrote it."),
        "Lead lifecycle stage": Column("lifecycle_stage", "STRING", "Lead, MQL or PQL."),
        "Intent points": Column("intent_points", "INT64", "Points for answers to campaigns; from 15 on an MQL."),
        "Cloud grade": Column("cloud_grade", "STRING", "Use of sourcegraph.com: A, B, C, D or N/A; PQL from B on."),
        "Private install grade": Column(
            "private_install_grade", "STRING", "Use of an instance of its own: A, B, C or N/A; PQL from B on."
        ),
        "MQL date": Column("mql_on", "DATE", "Day on which marketing qualified the lead; null when it did not."),
        "PQL date": Column("pql_on", "DATE", "Day on which its use of the product did; null when it did not."),
    },
    key=("lead_id",),
)
OFFLINE_CUSTOMER = Sheet(
    "SG_GOOGLE_SHEETS_OFFLINE_CUSTOMER",
    "Customers",
    {
        "Account ID": ACCOUNT,
        "Customer": Column("customer", "STRING", "Name of the customer."),
        "Site ID": Column("site_id", "STRING", "Identifier of its instance."),
        "Air-gapped": Column("is_air_gapped", "BOOL", "Whether it has no way out; else its pings were switched off."),
        "Offline since": Column("offline_since_on", "DATE", "Day from which on no ping can be expected."),
        "Version": Column("version", "STRING", "Version of Sourcegraph when the customer was last asked."),
        "User accounts": Column("user_accounts", "INT64", "User accounts when the customer was last asked."),
        "Last asked": Column("asked_on", "DATE", "Day on which the customer was last asked."),
        "Asked by": Column("asked_by", "STRING", "E-mail address of who asked.", PERSONAL),
    },
    key=("account_id",),
)
DATA_ANOMALY = Sheet(
    "SG_GOOGLE_SHEETS_DATA_ANOMALY",
    "Log",
    {
        "ID": Column("id", "STRING", "Number of the entry, a text with leading zeros."),
        "Reported": Column("reported_at", "TIMESTAMP", "When it was entered."),
        "Reported by": Column("reported_by", "STRING", "E-mail address of who entered it.", PERSONAL),
        "Metric": Column("metric", "STRING", "Figure that is not to be trusted."),
        "Seen in": Column("seen_in", "STRING", "Tools that show it: Looker, Amplitude or both."),
        "Account ID": Column("account_id", "STRING", "Salesforce id of the customer concerned; null when it is all."),
        "From": Column("begins_on", "DATE", "First day that is not to be trusted."),
        "Until": Column("ends_on", "DATE", "Last such day; null while it goes on."),
        "Mended": Column("is_mended", "BOOL", "Whether the cause is gone."),
        "What happened": Column("description", "STRING", "What happened, in the words of who entered it.", PERSONAL),
    },
    key=("id",),
)


@google_sheets.pull(columns=ARR_TRACKER.columns, key=ARR_TRACKER.key, mode=Mode.SNAPSHOT, may_be_empty=False)
def arr_tracker(pull: Pull) -> Iterator[Page]:
    """One row per customer and month: finance's account of annual recurring revenue, the source of truth for it."""
    yield ARR_TRACKER.read(pull)


@google_sheets.pull(columns=LEAD_ANALYTICS.columns, key=LEAD_ANALYTICS.key, mode=Mode.SNAPSHOT, may_be_empty=False)
def lead_analytics(pull: Pull) -> Iterator[Page]:
    """One row per lead: whether marketing (MQL) or its own use of the product (PQL) qualified it, and when."""
    yield LEAD_ANALYTICS.read(pull)


@google_sheets.pull(columns=OFFLINE_CUSTOMER.columns, key=OFFLINE_CUSTOMER.key, mode=Mode.SNAPSHOT)
def offline_customer(pull: Pull) -> Iterator[Page]:
    """One row per customer that is known to send no pings, with what it said when it was last asked."""
    yield OFFLINE_CUSTOMER.read(pull)


@google_sheets.pull(columns=DATA_ANOMALY.columns, key=DATA_ANOMALY.key, mode=Mode.SNAPSHOT)
def data_anomaly(pull: Pull) -> Iterator[Page]:
    """One row per known anomaly: which days of which figure are not to be trusted, in which tool, and why."""
    yield DATA_ANOMALY.read(pull)


@google_sheets.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """Of each sheet its header: is it there, shared with us, and as declared."""
    for sheet in (ARR_TRACKER, LEAD_ANALYTICS, OFFLINE_CUSTOMER, DATA_ANOMALY):
        yield sheet.examine(http, settings)
