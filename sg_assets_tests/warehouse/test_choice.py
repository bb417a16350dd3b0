"""Which warehouse is meant, and what is known of it before it is opened."""

from pathlib import Path

import pytest

from sg_assets.variables import EnvironmentProblem
from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.choice import BigQueryPlace, DuckDBPlace, Place, place_of
from sg_assets.warehouse.contract import WarehouseError


def place(folder: Path, **variables: str) -> Place:
    return place_of(variables, "production", folder / "home", folder)


def test_by_default_it_is_a_file_in_the_state_folder(tmp_path: Path) -> None:
    assert place(tmp_path) == DuckDBPlace(tmp_path / "home" / "warehouse.duckdb", "production")


def test_a_relative_path_counts_from_the_repository(tmp_path: Path) -> None:
    assert place(tmp_path, SG_WAREHOUSE="duckdb:w/x.duckdb") == DuckDBPlace(tmp_path / "w" / "x.duckdb", "production")


def test_a_file_keeps_its_id_and_has_a_copy_for_readers(tmp_path: Path) -> None:
    found = place(tmp_path)
    assert isinstance(found, DuckDBPlace)
    assert not found.is_at_rest
    first = found.id
    assert (found.id, found.path.exists(), found.is_at_rest) == (first, True, True)
    with pytest.raises(WarehouseError, match="'production', this is 'sandbox'"):
        _ = DuckDBPlace(found.path, "sandbox").id
    with pytest.raises(WarehouseError, match=r"x\.read\.duckdb does not exist yet"):
        DuckDBPlace(tmp_path / "x.duckdb", "sandbox").reader.query("select 1")


def test_bigquery_is_a_project_and_what_the_variables_say_of_it(tmp_path: Path) -> None:
    found = place(tmp_path, SG_WAREHOUSE="bigquery:a-project")
    assert isinstance(found, BigQueryPlace)
    assert found == BigQueryPlace(Settings("a-project"), "production", tmp_path / "home")
    told = place(
        tmp_path,
        SG_WAREHOUSE="bigquery:example.com:old-project",
        SG_BIGQUERY_LOCATION="europe-west1",
        SG_BIGQUERY_JOB_PROJECT="jobs-project",
        SG_BIGQUERY_DATASET_PREFIX="dev_ada_",
        SG_BIGQUERY_MAX_BYTES_BILLED="1000000",
        SG_BIGQUERY_STAGING="gs://a-bucket/loads",
        SG_GOOGLE_CREDENTIALS="key.json",
        BIGQUERY_EMULATOR_HOST="http://127.0.0.1:9050",
        STORAGE_EMULATOR_HOST="http://127.0.0.1:9051",
    )
    settings = Settings(
        "example.com:old-project", "jobs-project", "europe-west1", "dev_ada_", 1_000_000, staging="gs://a-bucket/loads"
    )
    emulators = ("http://127.0.0.1:9050", "key.json", "http://127.0.0.1:9051")
    assert isinstance(told, BigQueryPlace)
    assert told == BigQueryPlace(settings, "production", tmp_path / "home", *emulators)
    assert "key.json" not in repr(told)
    assert not told.is_at_rest


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("SG_WAREHOUSE", "bigquery", "duckdb:PATH or bigquery:PROJECT"),
        ("SG_WAREHOUSE", "bigquery:a b", "duckdb:PATH or bigquery:PROJECT"),
        ("SG_WAREHOUSE", "snowflake:x", "duckdb:PATH or bigquery:PROJECT"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(name: str, text: str, wanted: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as refused:
        place(tmp_path, **{"SG_WAREHOUSE": "bigquery:a-project", name: text})
    assert str(refused.value) == f"{name}={text}: set it to {wanted}"
