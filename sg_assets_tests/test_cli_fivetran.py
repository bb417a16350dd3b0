"""`sg-assets fivetran sync`: its contract with people and programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sg_assets.cli import main
from sg_assets_tests.commands import Shape, is_shaped
from sg_assets_tests.made_fivetran import made_fivetran

SYNCED: Shape = {
    "connection": str, "schema": str, "service": str, "result": str, "ended_at": str | None, "problem": str | None
}  # fmt: skip


def run(folder: Path, *arguments: str) -> Result:
    with made_fivetran() as made:
        variables = {**made.variables, "SG_HOME": str(folder)}
        return CliRunner().invoke(main, ["fivetran", "sync", *arguments], env=variables)


def test_in_json_it_is_one_document_and_progress_goes_elsewhere(tmp_path: Path) -> None:
    ended = run(tmp_path, "salesforce", "c_d", "--json")
    assert ended.exit_code == 1  # one failed
    found = json.loads(ended.stdout)
    for one in found:
        is_shaped(one, SYNCED)
    assert [(one["connection"], one["result"], one["ended_at"]) for one in found] == [
        ("a_b", "succeeded", "2026-11-21T06:25:00Z"),
        ("c_d", "failed", "2026-11-21T06:25:00Z"),
    ]
    assert sorted(ended.stderr.splitlines()) == [
        "hubspot (c_d): failed at 2026-11-21 06:25 UTC",
        "salesforce (a_b): succeeded at 2026-11-21 06:25 UTC",
    ]


def test_all_well_ends_with_0(tmp_path: Path) -> None:
    assert run(tmp_path, "salesforce").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody"], 1, "nobody is no connection; there are a_b (salesforce), c_d (hubspot)"),
        (["a_b", "--patience", "long"], 2, "--patience long: write a span such as 3d, 12h"),
        ([], 2, "Missing argument 'CONNECTIONS...'"),
    ],
)
def test_wrong_use_says_what_is_right(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    ended = run(tmp_path, *arguments)
    assert (ended.exit_code, said in ended.stderr) == (code, True)
