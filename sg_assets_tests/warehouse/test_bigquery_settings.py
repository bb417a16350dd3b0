"""What the variables of BigQuery can say, and what is refused."""

import pytest

from sg_assets.variables import EnvironmentProblem
from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.bigquery_settings import is_project, settings_of


@pytest.mark.parametrize(
    ("text", "can_be"), [("a-project", True), ("example.com:old-project", True), ("a b", False), ("A", False)]
)
def test_a_project_has_an_id(text: str, *, can_be: bool) -> None:
    assert is_project(text) is can_be


def test_what_is_not_said_is_as_bigquery_has_it() -> None:
    assert settings_of({"SG_BIGQUERY_LOCATION": ""}, "a-project") == Settings("a-project", location="US")


@pytest.mark.parametrize("place", ["gs://a-bucket", "gs://a.bucket/loads", "gs://a-bucket/loads/day=1/x_y"])
def test_files_wait_in_a_bucket_or_in_a_folder_of_it(place: str) -> None:
    assert settings_of({"SG_BIGQUERY_STAGING": place}, "a-project").staging == place


BUCKET = "a place in Cloud Storage: gs://BUCKET/FOLDER"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("SG_BIGQUERY_JOB_PROJECT", "a`b", "the id of a project"),
        ("SG_BIGQUERY_LOCATION", "'US'", "a location such as US or europe-west1"),
        ("SG_BIGQUERY_DATASET_PREFIX", "dev-", "letters, digits and underscores"),
        ("SG_BIGQUERY_MAX_BYTES_BILLED", "1 GB", "a number of bytes above 0"),
        ("SG_BIGQUERY_MAX_BYTES_BILLED", "0", "a number of bytes above 0"),
        ("SG_BIGQUERY_STAGING", "a-bucket", BUCKET),
        ("SG_BIGQUERY_STAGING", "s3://a-bucket", BUCKET),
        ("SG_BIGQUERY_STAGING", "gs://a-bucket/two//slashes", BUCKET),
        ("SG_BIGQUERY_STAGING", "gs://a-bucket/*", BUCKET),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(name: str, text: str, wanted: str) -> None:
    with pytest.raises(EnvironmentProblem) as refused:
        settings_of({name: text}, "a-project")
    assert str(refused.value) == f"{name}={text}: set it to {wanted}"
