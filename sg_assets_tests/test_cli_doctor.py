"""`sg-assets doctor`: its contract with people and programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sg_assets.cli import main
from sg_assets.sandbox.faults import Faults, Kind

KEYS = ["source", "configured", "reachable", "permitted", "detail", "quota_left", "findings", "warnings", "needs"]


def run(*arguments: str, **variables: str) -> Result:
    found = CliRunner().invoke(main, ["doctor", *arguments], env={"SG_SANDBOX_SCALE": "0.05", **variables})
    assert "\x1b" not in found.output  # no colours in a pipe
    return found


def test_one_source_in_json(tmp_path: Path) -> None:
    ended = run("salesforce", "--json", SG_HOME=str(tmp_path))
    assert ended.exit_code == 0
    (found,) = json.loads(ended.stdout)
    assert list(found) == KEYS
    assert (found["configured"], found["reachable"], found["permitted"], found["detail"]) == (True, True, True, "")
    assert 0 < found["quota_left"] <= 15_000
    subjects = [finding["subject"] for finding in found["findings"]]
    assert {"Account", "Opportunity", "Lead", "API calls today"} <= set(subjects)


def test_what_people_see_fits_their_terminal_and_says_what_is_refused(tmp_path: Path) -> None:
    Faults(tmp_path / "sandbox").switch_on(Kind.FORBIDDEN, "salesforce", match="*queryAll*", count=1)
    ended = run("site_admin", "salesforce", SG_HOME=str(tmp_path))
    lines = ended.stdout.splitlines()
    assert ended.exit_code == 1
    assert max(map(len, lines)) <= 80
    text = " ".join(ended.stdout.split())
    assert "salesforce not permitted may read Opportunity" in text
    assert "may not read Account: salesforce: GET /services/data/v59.0/queryAll: 403" in text
    assert "API calls today:" in text
    assert "left of 15,000" in text
    assert lines[-1] == "1 not permitted, 1 permitted"


def test_a_source_that_is_not_there_ends_with_1(tmp_path: Path) -> None:
    variables = {"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_SITE_ADMIN_TOKEN": "t"}
    ended = run("site_admin", "pings", SG_SITE_ADMIN_URL="http://127.0.0.1:9", **variables)
    text = " ".join(ended.stdout.split())
    assert ended.exit_code == 1
    assert "pings not configured pings is not connected: SG_PINGS_BUCKET, SG_GOOGLE_CREDENTIALS not set" in text
    assert "site_admin not reachable site_admin: POST /.api/graphql: no answer from 127.0.0.1:9" in text


def test_sources_that_are_not_configured_are_no_failure(tmp_path: Path) -> None:
    ended = run("--json", SG_ENV="production", SG_HOME=str(tmp_path))
    assert ended.exit_code == 0
    assert {found["configured"] for found in json.loads(ended.stdout)} == {False}


@pytest.mark.parametrize(("name", "near"), [("salesforc", "salesforce"), ("Pings", "pings")])
def test_an_unknown_source_ends_with_2_and_near_names(name: str, near: str) -> None:
    ended = run(name)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"sg-assets: no such source: {name}; did you mean {near}")


def test_what_another_system_writes_is_only_watched(tmp_path: Path) -> None:
    ended = run("server_usage", SG_HOME=str(tmp_path))
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[0].split() == ["server_usage", "only", "watched"]
