"""The answers of customer engineers about customers' environments: the response sheet of an internal Google Form.

The questions are ours: the form's own are not published (docs/decisions.md). A question is added at the right end of
the sheet by Google Forms, and is kept as an undeclared field until it is declared here.
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

customer_environment = Source(
    name="customer_environment",
    description="What customer engineers know of the environments in which customers run the product.",
    owner="team:analytics",
    promise=HOURLY,
    connect=partial(connect, "customer_environment"),
    base_url=BASE_URL,
    variables=(
        Variable("SG_GOOGLE_CREDENTIALS", "Path or JSON text of a Google service account's key.", is_secret=True),
        Variable("SG_CUSTOMER_ENVIRONMENT_SHEET", "Id or address of the response sheet of the form on environments."),
    ),
    needs=NEEDS,
    excess=READ_ONLY_SCOPE,
)


def _choice(name: str, text: str) -> Column:
    return Column(name, "STRING", f"{text} One of the form's choices, or the respondent's words.")


def _choices(name: str, text: str) -> Column:
    return Column(name, "ARRAY<STRING>", f"{text} Several of the form's choices; empty without an answer.")


RESPONSES = Sheet(
    "SG_CUSTOMER_ENVIRONMENT_SHEET",
    "Form Responses 1",
    {
        "Timestamp": Column("submitted_at", "TIMESTAMP", "When the answers were submitted, or last edited."),
        "Email Address": Column(
            "respondent_email", "STRING", "E-mail address of who submitted them.", Classification.PERSONAL
        ),
        "Salesforce account ID": Column("account_id", "STRING", "Salesforce id of the customer's account."),
        "Customer": Column("customer", "STRING", "Name of the customer, as the respondent wrote it."),
        "Which instance is this about? (site ID)": Column("site_id", "STRING", "Identifier of the instance."),
        "How is Sourcegraph deployed?": _choice("deployment_type", "How it is deployed."),
        "Where does it run?": _choice("hosted_on", "Cloud provider, or own data centre."),
        "Which version of Sourcegraph?": Column("sourcegraph_version", "STRING", "Version of Sourcegraph."),
        "Which version of Kubernetes?": Column("kubernetes_version", "STRING", "Version of Kubernetes, such as v1.28."),
        "Is it air-gapped?": Column("is_air_gapped", "BOOL", "Whether the instance has no way to the internet."),
        "Which databases are external?": _choices("external_databases", "Databases that are not the bundled ones."),
        "Which object storage?": _choice("object_storage", "Where uploads are kept: bundled, or a cloud's."),
        "Which code hosts?": _choices("code_hosts", "Kinds of connected code hosts."),
        "How do people sign in?": _choices("auth_providers", "Kinds of sign-in."),
        "How many repositories?": Column("repository_count", "INT64", "Repositories that are synced."),
        "How large is the largest repository? (GiB)": Column(
            "largest_repository_gib", "FLOAT64", "Size of the largest repository, in GiB."
        ),
        "How many users?": Column("user_count", "INT64", "User accounts."),
        "How many CPU cores in all?": Column("cpu_count", "INT64", "CPU cores of all services together."),
        "How much memory in all? (GiB)": Column("memory_gib", "FLOAT64", "Memory of all services together, in GiB."),
        "Are executors in use?": Column("has_executors", "BOOL", "Whether executors run jobs of the instance."),
        "Which monitoring is in use?": _choices("monitoring", "Tools that watch the instance."),
        "What is going to change?": Column(
            "planned_changes", "STRING", "What the customer plans, in the respondent's words.", Classification.PERSONAL
        ),
    },
    key=("submitted_at", "respondent_email"),
    rows_stand_alone=True,
)


@customer_environment.pull(columns=RESPONSES.columns, key=RESPONSES.key, mode=Mode.SNAPSHOT)
def response(pull: Pull) -> Iterator[Page]:
    """One row per answer set: what one engineer wrote of one customer at one time; any question may be unanswered."""
    yield RESPONSES.read(pull)


@customer_environment.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The header of the response sheet: is it there, shared with us, and as declared."""
    yield RESPONSES.examine(http, settings)
