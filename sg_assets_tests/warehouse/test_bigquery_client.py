"""Clients of BigQuery: nobody's at an emulator, a service account's at Google's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sg_assets.warehouse.bigquery_bucket import StagingBucket
from sg_assets.warehouse.bigquery_client import Settings, client_of, storage_client_of
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.scripted_vendor import Answer, scripted

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


@pytest.fixture(scope="module")
def key() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "elsewhere",
            "private_key": pem.decode(),
            "client_email": "us@example.com",
            "token_uri": "https://oauth2.example.com/token",
        }
    )


def close(client: Client) -> None:
    client.close()


def test_an_emulator_is_asked_at_its_address_by_nobody() -> None:
    client = client_of(Settings("tables", location="EU"), "http://127.0.0.1:1")
    assert (client.project, client.location) == ("tables", "EU")
    assert client._connection.API_BASE_URL == "http://127.0.0.1:1"  # noqa: SLF001 (it has no other name)
    close(client)


def test_googles_is_asked_as_the_service_account_in_the_project_that_pays(key: str) -> None:
    client = client_of(Settings("tables", job_project="payer"), credentials=key)
    assert (client.project, client.location) == ("payer", "US")
    assert client._credentials.service_account_email == "us@example.com"  # noqa: SLF001 (it has no other name)
    close(client)


def test_a_key_is_used_also_beside_the_credentials_of_the_machine(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/run/secrets/google_credentials")  # as in a deployment
    client = client_of(Settings("tables"), credentials=key)
    assert client._credentials.service_account_email == "us@example.com"  # noqa: SLF001 (it has no other name)
    close(client)


def test_a_key_that_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(WarehouseError, match=r"cannot be read \(FileNotFoundError\): SG_GOOGLE_CREDENTIALS is"):
        client_of(Settings("tables"), credentials="cut-off-key")


def test_a_key_that_google_does_not_take_any_more_is_said(key: str) -> None:
    with scripted(Answer.json({"error": "invalid_grant"}, 400)) as vendor:
        revoked = json.dumps(json.loads(key) | {"token_uri": f"{vendor.url}/token"})
        client = client_of(Settings("tables"), credentials=revoked)
        with pytest.raises(WarehouseError, match=r"does not take the credentials for BigQuery.* \(RefreshError\)"):
            Jobs(client, Settings("tables")).run("select 1")
        close(client)


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # Google's own: do not ask whether this is one of its machines
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(WarehouseError, match=r"no credentials for BigQuery \(tables\): set SG_GOOGLE_CREDENTIALS"):
        client_of(Settings("tables"))


STAGING = Settings("tables", job_project="payer", staging="gs://made-staging")


def test_cloud_storage_is_asked_as_bigquery_is(key: str) -> None:
    client = storage_client_of(STAGING, credentials=key)
    assert (client.project, client._credentials.service_account_email) == ("payer", "us@example.com")  # noqa: SLF001 (it has no other name)
    client.close()
    with pytest.raises(WarehouseError, match="SG_GOOGLE_CREDENTIALS is"):
        storage_client_of(STAGING, credentials="cut-off-key")


def test_without_credentials_a_bucket_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # Google's own: do not ask whether this is one of its machines
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(WarehouseError, match="no credentials for gs://made-staging: set SG_GOOGLE_CREDENTIALS"):
        storage_client_of(STAGING)


def test_a_revoked_key_is_said_where_a_file_should_go(key: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"rows")
    with scripted(Answer.json({"error": "invalid_grant"}, 400)) as vendor:
        revoked = json.dumps(json.loads(key) | {"token_uri": f"{vendor.url}/token"})
        bucket = StagingBucket("gs://made-staging", lambda: storage_client_of(STAGING, credentials=revoked))
        said = r"gs://made-staging/step/\w+\.parquet: Cloud Storage does not take the credentials \(RefreshError\)"
        with pytest.raises(WarehouseError, match=said), bucket.holding(tmp_path / "x", "step"):
            pass
        bucket.close()
