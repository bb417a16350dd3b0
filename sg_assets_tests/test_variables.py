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


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    given = {"SG_A_FILE": str(tmp_path / "token"), "SG_B": "b", "SG_C_FILE": "", "HTTP_FILE": "/nowhere"}
    assert variables.with_secrets(given) == {"SG_A": "s3cret", "SG_B": "b", "HTTP_FILE": "/nowhere"}


def test_a_secret_that_is_given_twice_or_in_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    with pytest.raises(variables.EnvironmentProblem, match=r"^SG_A and SG_A_FILE are both set: unset one$"):
        variables.with_secrets({"SG_A": "x", "SG_A_FILE": str(tmp_path / "token")})
    with pytest.raises(variables.EnvironmentProblem, match=r"^SG_A_FILE=/nowhere: cannot be read \(No such file"):
        variables.with_secrets({"SG_A_FILE": "/nowhere"})


def test_days_are_whole_and_at_least_one() -> None:
    assert variables.days("7") == 7
    for text in ("0", "-1", "1.5", "many"):
        with pytest.raises(ValueError, match=re.escape(text)):
            variables.days(text)
