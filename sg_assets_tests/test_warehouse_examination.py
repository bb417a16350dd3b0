"""What is found out about a warehouse in BigQuery that lets us, that does not, and that is not there."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest
from click.testing import CliRunner, Result

from sg_assets import warehouse_examination
from sg_assets.cli import main
from sg_assets_tests.made_storage import made_storage
from sg_assets_tests.scripted_vendor import Answer, Asked, answering

JOB = {"jobReference": {"projectId": "p", "jobId": "j"}, "status": {"state": "DONE"}, "statistics": {"query": {}}}
BOTH = Answer.json({"permissions": list(warehouse_examination.RIGHTS)})


def refusal(status: int, words: str) -> Answer:
    return Answer.json({"error": {"code": status, "message": words, "errors": [{"message": words}]}}, status)


@contextmanager
def bigquery(job: Answer | None = None, rights: Answer = BOTH) -> Generator[str]:
    """The address of a BigQuery that answers a job, and the question which rights we have, so."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith(":testIamPermissions"):
            return rights
        config = json.loads(asked.body)["configuration"]
        assert config["dryRun"], "nothing is run"
        return job or Answer.json({**JOB, "configuration": config})

    with answering(answer) as vendor:
        yield vendor.url


def doctor(url: str, folder: Path, *arguments: str, more: Mapping[str, str] = MappingProxyType({})) -> Result:
    where = {"SG_WAREHOUSE": "bigquery:some-project", "BIGQUERY_EMULATOR_HOST": url, "SG_HOME": str(folder)}
    return CliRunner().invoke(main, ["doctor", "warehouse", *arguments], env={**where, **more})


def test_a_warehouse_that_lets_us_is_permitted(tmp_path: Path) -> None:
    with bigquery() as url:
        ended = doctor(url, tmp_path)
    text = " ".join(ended.stdout.split())
    assert ended.exit_code == 0
    assert "warehouse permitted may use jobs in some-project (US), some-project.sg_ops.table_state" in text


@pytest.mark.parametrize(
    ("job", "rights", "said"),
    [
        (refusal(403, "Access Denied"), BOTH, "jobs in some-project (US): Access Denied: give roles/bigquery.jobUser"),
        (refusal(404, "Not found: Project"), BOTH, "jobs in some-project (US): Not found: Project: give"),
        (None, refusal(403, "Access Denied"), "Access Denied: give roles/bigquery.dataEditor on the dataset"),
        (None, Answer.json({"permissions": ["bigquery.tables.getData"]}), "bigquery.tables.updateData missing"),
        (None, Answer.json({}), "bigquery.tables.getData, bigquery.tables.updateData missing"),
    ],
)
def test_a_refusal_says_what_to_give(job: Answer | None, rights: Answer, said: str, tmp_path: Path) -> None:
    with bigquery(job, rights) as url:
        ended = doctor(url, tmp_path, "--json")
    (found,) = json.loads(ended.stdout)
    assert (ended.exit_code, found["source"], found["permitted"]) == (1, "warehouse", False)
    assert said in found["detail"]
    assert "roles/bigquery.jobUser" in {one["right"] for one in found["needs"]}


@pytest.mark.parametrize(
    ("rights", "code", "said"),
    [
        ((*warehouse_examination.ON_STAGING,), 0, "some-project.sg_ops.table_state, gs://made-staging/loads"),
        (("storage.objects.create",), 1, "storage.buckets.get, storage.objects.get, storage.objects.delete missing"),
        (
            (*warehouse_examination.ON_STAGING, "storage.buckets.delete"),
            0,
            "may also use storage.buckets.delete on gs://made-staging, which nobody needs. Give roles/storage.objectU",
        ),
    ],
)
def test_the_bucket_that_rows_are_loaded_from_is_asked(
    rights: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    with bigquery() as url, made_storage(tmp_path / "buckets") as stored:
        stored.rights = rights
        more = {"SG_BIGQUERY_STAGING": "gs://made-staging/loads", "STORAGE_EMULATOR_HOST": stored.url}
        ended = doctor(url, tmp_path, more=more)
    assert (ended.exit_code, said in " ".join(ended.stdout.split())) == (code, True)


def test_a_bucket_that_is_not_ours_is_a_refusal(tmp_path: Path) -> None:
    with bigquery() as url, made_storage(tmp_path / "buckets") as stored:
        stored.refusing.add("GET")
        more = {"SG_BIGQUERY_STAGING": "gs://made-staging/loads", "STORAGE_EMULATOR_HOST": stored.url}
        ended = doctor(url, tmp_path, "--json", more=more)
    (found,) = json.loads(ended.stdout)
    assert (found["permitted"], "gs://made-staging/loads: no right to do that" in found["detail"]) == (False, True)


def test_a_warehouse_that_nobody_wrote_yet_is_no_illness(tmp_path: Path) -> None:
    with bigquery(rights=refusal(404, "Not found")) as url:
        ended = doctor(url, tmp_path)
    assert (ended.exit_code, "the first run makes it" in " ".join(ended.stdout.split())) == (0, True)


def test_one_that_does_not_answer_is_not_reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse_examination, "PATIENCE", 0.1)
    ended = doctor("http://127.0.0.1:9", tmp_path, "--json")
    (found,) = json.loads(ended.stdout)
    assert (ended.exit_code, found["reachable"], found["permitted"]) == (1, False, None)
    assert found["detail"].startswith("BigQuery does not answer")


def test_a_file_is_no_system_to_ask(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["doctor", "warehouse"], env={"SG_HOME": str(tmp_path)})
    assert (ended.exit_code, "no such source: warehouse" in ended.stderr) == (2, True)
