"""What is shown of a table's rows."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sg_assets import preview
from sg_assets.columns import Classification, Column
from sg_assets.promise import Frozen
from sg_assets.table import Table

PERSON = Table(
    name="crm.person",
    description="One row per person.",
    owner="team:crm",
    columns=(
        Column("id", "INT64", "Id."),
        Column("name", "STRING", "Name."),
        Column("email", "STRING", "Mail.", Classification.PERSONAL),
        Column("seen_at", "TIMESTAMP", "When."),
    ),
    key=("id",),
    promise=Frozen("a test"),
    file=Path("person.sql"),
)


def shown(name: str, email: str | None, seen_at: datetime | None) -> str:
    row = {"id": [1], "name": [name], "email": [email], "seen_at": pa.array([seen_at], pa.timestamp("us", "UTC"))}
    head, line, *rows = preview.markdown(PERSON, pa.table(row)).splitlines()
    assert (head, line) == ("| id | name | email | seen_at |", "|---|---|---|---|")
    return "\n".join(rows)


def test_people_are_not_shown_and_long_or_odd_values_do_not_break_the_page() -> None:
    assert shown("a|b\nc", "ada@example.org", None) == "| 1 | a\\|b c | ••• |  |"
    assert shown("x" * 200, None, None) == f"| 1 | {'x' * 59}… |  |  |"


def test_an_instant_is_shown_to_the_second() -> None:
    assert shown("a", None, datetime(2025, 6, 5, 12, 0, 1, 500000, UTC)) == "| 1 | a |  | 2025-06-05 12:00:01 |"


def test_of_no_rows_there_are_the_names_of_the_columns() -> None:
    assert preview.markdown(PERSON, pa.schema([(c.name, pa.string()) for c in PERSON.columns]).empty_table()) == (
        "| id | name | email | seen_at |\n|---|---|---|---|"
    )
