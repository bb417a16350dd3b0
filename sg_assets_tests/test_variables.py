import re
from pathlib import Path

import pytest

from sg_assets import discovery, variables


def test_each_variable_is_listed_once_and_described() -> None:
    found = variables.every(discovery.sources())
    assert len({v.name for v in found}) == len(found)
    assert all(v.description for v in found)
    assert {"SG_ENV", "SG_SALESFORCE_URL", "SG_PINGS_BUCKET"} <= {v.name for v in found}


def test_no_file_keeps_nothing(tmp_path: Path) -> None:
    assert variables.kept_in(tmp_path / ".env") == {}


def test_a_file_keeps_what_it_sets(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\nSG_ENV=production\nSG_CLOCK=\nSG_HOME\n#SG_WAREHOUSE=x\n")
    assert variables.kept_in(tmp_path / ".env") == {"SG_ENV": "production", "SG_CLOCK": ""}


@pytest.mark.parametrize(
    ("text", "schemes"),
    [
        ("https://acme.example/api", ("http", "https")),
        ("postgresql://u:p@db.example:5432/x?sslmode=verify-full", ("postgres", "postgresql")),
        ("postgresql://u@/x?host=/var/run/postgresql", ("postgres", "postgresql")),
    ],
)
def test_an_address_names_a_host_in_its_own_way(text: str, schemes: tuple[str, ...]) -> None:
    assert variables.address(text, schemes) == text


@pytest.mark.parametrize("text", ["acme.example", "ftp://acme.example", "https://", "postgresql:///x", "https://[x"])
def test_what_names_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"Invalid|{re.escape(text)}"):
        variables.address(text, ("https", "postgresql"))


def test_a_secret_value_that_cannot_be_read_is_not_shown() -> None:
    given = {"SG_SHOP_URL": "mysql://u:s3cret@h/x"}
    with pytest.raises(variables.EnvironmentProblem, match=r"^SG_SHOP_URL=\*\*\*: set it to an address$"):
        variables.value_of(given, "SG_SHOP_URL", variables.address, "an address", is_secret=True)
