"""Which warehouse in BigQuery it is: the note about it, and, where there is a BigQuery, what is stored in it."""

from pathlib import Path

import pytest

from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.bigquery_identity import establish, read_note, refuse_other, where, write_note
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.identity import Identity
from sg_assets_tests.warehouse.kinds import KINDS, of_bigquery

HERE, ELSEWHERE = Settings("a-project", dataset_prefix="dev_"), Settings("a-project")
OURS = Identity("some-id", "sandbox")


def test_the_note_is_about_the_warehouse_that_it_was_written_for(tmp_path: Path) -> None:
    file = tmp_path / "home" / "note"
    assert read_note(file, HERE) is None
    write_note(file, HERE, OURS)
    assert read_note(file, HERE) == OURS
    assert read_note(file, ELSEWHERE) is None
    write_note(file, HERE, Identity("another", "sandbox"))
    assert read_note(file, HERE) == Identity("another", "sandbox")


@pytest.mark.parametrize("text", ["", "{}", "[", '{"id": 1}'])
def test_a_broken_note_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "note").write_text(text)
    assert read_note(tmp_path / "note", HERE) is None


def test_a_warehouse_of_another_environment_is_refused_with_what_to_set() -> None:
    refuse_other(OURS, HERE, "sandbox")
    expected = (
        r"bigquery:a-project, datasets dev_\* is a warehouse of the environment 'sandbox', this is 'production': "
        r"set SG_ENV, SG_WAREHOUSE or SG_BIGQUERY_DATASET_PREFIX"
    )
    with pytest.raises(WarehouseError, match=expected):
        refuse_other(OURS, HERE, "production")
    assert where(ELSEWHERE) == "bigquery:a-project"


if "bigquery" in KINDS:

    def test_a_new_warehouse_gets_an_identity_and_keeps_it() -> None:
        with of_bigquery() as (client, settings):
            jobs = Jobs(client, settings)
            first = establish(jobs, "sandbox")
            assert first.environment == "sandbox"
            assert establish(jobs, "sandbox") == first
            with pytest.raises(WarehouseError, match="'sandbox', this is 'production'"):
                establish(jobs, "production")
