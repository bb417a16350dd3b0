"""No command that talks with a vendor by itself prints or writes a secret, not even one that is sent back to it.

`fivetran sync` and `scheduled-queries …`, each against a server that answers with the whole request, in the ways of
`test_canaries_in_errors.py`. `diff` hands no variable on (`comparison/test_revision.py`), so it has nothing to print.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from sg_assets import fivetran_sync
from sg_assets.cli import main
from sg_assets.environment import load
from sg_assets_tests.canaries import canary, found_below, found_in, google_key
from sg_assets_tests.made_fivetran import made_fivetran
from sg_assets_tests.test_canaries_in_errors import ECHOES, echoing

COMMANDS = (
    ["fivetran", "sync", "a_b"],
    ["scheduled-queries", "audit", "--json"],
    ["scheduled-queries", "audit", "--fix", "--yes", "--service-account", "us@p.iam.gserviceaccount.com"],
    ["scheduled-queries", "import", "users"],
)


def variables_of(url: str, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What the commands are told, and the secrets in it."""
    secrets = {"SG_FIVETRAN_API_SECRET": canary("fivetran"), "token": canary("token")}
    key, secrets["SG_GOOGLE_CREDENTIALS"] = google_key(f"{url}/token")
    given = {"SG_ENV": "production", "SG_HOME": str(folder / "home"), "SG_GOOGLE_CREDENTIALS": key}
    given |= {"SG_FIVETRAN_URL": f"{url}/fivetran", "SG_FIVETRAN_API_KEY": "known"}
    given |= {"SG_SCHEDULED_QUERIES_URL": f"{url}/transfer", "SG_SCHEDULED_QUERIES_PROJECT": "made-up"}
    return given | {"SG_FIVETRAN_API_SECRET": secrets["SG_FIVETRAN_API_SECRET"]}, secrets


def said(arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """All that a command prints, and the whole trace of an error that it did not expect."""
    ended = CliRunner().invoke(main, list(arguments), env=variables)
    trace = traceback.format_exception(*ended.exc_info) if ended.exc_info else []
    return ended.output + "".join(trace)


@pytest.mark.parametrize("echo", ECHOES)
def test_no_command_shows_a_secret_that_its_vendor_sends_back(echo: str, tmp_path: Path) -> None:
    with echoing(ECHOES[echo]) as url:
        variables, secrets = variables_of(url, tmp_path)
        told = {" ".join(command): said(command, variables) for command in COMMANDS}
    assert {name: words for name, words in told.items() if found_in(words.encode(), secrets)} == {}
    assert all(told.values())
    assert found_below([tmp_path], secrets) == set()


def test_what_is_synced_is_told_without_the_secret_also_by_dagster(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = {"SG_FIVETRAN_API_SECRET": canary("fivetran")}
    with made_fivetran() as made:
        told = said(["fivetran", "sync", "salesforce", "hubspot"], {**made.variables, **secrets})
    with made_fivetran() as made, dg.DagsterInstance.local_temp(str(tmp_path)) as history:
        env = load({**made.variables, **secrets, "SG_HOME": str(tmp_path / "home")})
        config = {"ops": {fivetran_sync.OP: {"config": {"connections": ["salesforce", "hubspot"]}}}}
        assert not fivetran_sync.job(env).execute_in_process(config, instance=history, raise_on_error=False).success
    assert "hubspot (c_d): failed" in told
    printed = told + "".join(capfd.readouterr())
    assert found_in(printed.encode(), secrets) == set()
    assert found_below([tmp_path], secrets) == set()
