"""The response sheet of the form about customers' environments: a row for each submission, as Forms writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sg_assets.sandbox.company.environment_answers import answer_sets
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.sheet_tabs import Book, Cell, Tab
from sg_assets.sandbox.sheets_api import SheetsApi, refuse
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SOURCE, SHEET = "customer_environment", "sandbox-environment-responses"
QUESTIONS = {
    "Which instance is this about? (site ID)": "site_id",
    "How is Sourcegraph deployed?": "deployment_type",
    "Where does it run?": "hosted_on",
    "Which version of Sourcegraph?": "sourcegraph_version",
    "Which version of Kubernetes?": "kubernetes_version",
    "Is it air-gapped?": "is_air_gapped",
    "Which databases are external?": "external_databases",
    "Which object storage?": "object_storage",
    "Which code hosts?": "code_hosts",
    "How do people sign in?": "auth_providers",
    "How many repositories?": "repository_count",
    "How large is the largest repository? (GiB)": "largest_repository_gib",
    "How many users?": "user_count",
    "How many CPU cores in all?": "cpu_count",
    "How much memory in all? (GiB)": "memory_gib",
    "Are executors in use?": "has_executors",
    "Which monitoring is in use?": "monitoring",
    "What is going to change?": "planned_changes",
}


@dataclass(frozen=True)
class Responses:
    """The response sheet of a sandbox, as it is now."""

    sandbox: Sandbox

    def book(self) -> Book:
        """The spreadsheet: the form's own tab."""
        headings = ("Timestamp", "Email Address", "Salesforce account ID", "Customer", *QUESTIONS)
        tab = Tab("Form Responses 1", "response", headings, self.rows)
        return Book(SHEET, "Customer Environment Questions (Responses)", "America/Los_Angeles", (tab,))

    def rows(self) -> Sequence[Sequence[Cell]]:
        """One row for each submission, the oldest first; a question without an answer is an empty cell."""
        return [
            [
                *(one.submitted_at, one.respondent, one.customer.account_id, one.customer.name),
                *(_cell(one.answers.get(name)) for name in QUESTIONS.values()),
            ]
            for one in answer_sets(self.sandbox.company, self.sandbox.now())
        ]


def _cell(answer: object) -> Cell:
    """An answer as the form writes it: the choices of several are joined by commas."""
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    if isinstance(answer, list):
        return ", ".join(map(str, answer))
    return answer if isinstance(answer, str | int | float) else None


def _app(sandbox: Sandbox) -> ASGIApp:
    book = Responses(sandbox).book()
    return SheetsApi(SOURCE, sandbox, {book.id: book}).app()


stand_in = StandIn(
    SOURCE,
    {"SG_GOOGLE_CREDENTIALS": CREDENTIALS, "SG_CUSTOMER_ENVIRONMENT_SHEET": SHEET},
    _app,
    refuse,
    (429, refuse(429)),
)
