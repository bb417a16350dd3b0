import time

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import Storage

ARCHIVE = "archive/pings-2022.ndjson.gz"


@pytest.fixture
def pings(url: str) -> Storage:
    return Storage(url, "pings")


def test_without_a_fault_nothing_is_in_the_way(pings: Storage) -> None:
    assert pings.get("", prefix="archive/").status_code == 200


@pytest.mark.parametrize("wait", [None, 7])
def test_too_many_requests_with_and_without_a_time_to_wait(sandbox: Sandbox, pings: Storage, wait: int | None) -> None:
    sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "pings", count=1, retry_after=wait)
    refused = pings.get("")
    assert refused.status_code == 429
    assert refused.headers.get("Retry-After") == (None if wait is None else str(wait))
    assert refused.json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert pings.get("").status_code == 200


def test_a_server_error_is_a_page_of_html(sandbox: Sandbox, pings: Storage) -> None:
    sandbox.faults.switch_on(Kind.SERVER_ERROR, "pings", count=1, status=502)
    refused = pings.get("")
    assert refused.status_code == 502
    assert refused.headers["Content-Type"].startswith("text/html")
    assert refused.text.startswith("<!DOCTYPE html>")


def test_a_body_is_cut_in_the_middle(sandbox: Sandbox, pings: Storage) -> None:
    sandbox.faults.switch_on(Kind.CUT_BODY, "pings", match="*ndjson.gz", count=1)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        _ = pings.bytes(ARCHIVE).content
    assert len(pings.rows(ARCHIVE)) >= 1


def test_a_body_is_slow_and_whole(sandbox: Sandbox, pings: Storage) -> None:
    whole = pings.bytes(ARCHIVE).content
    sandbox.faults.switch_on(Kind.SLOW_BODY, "pings", match="*ndjson.gz", count=1, seconds=0.4)
    begin = time.monotonic()
    assert pings.bytes(ARCHIVE).content == whole
    assert time.monotonic() - begin > 0.35


def test_a_token_expires_once(sandbox: Sandbox, pings: Storage) -> None:
    sandbox.faults.switch_on(Kind.EXPIRED_TOKEN, "pings")
    assert [pings.get("").status_code for _ in range(2)] == [401, 200]


@pytest.mark.parametrize(("kind", "status"), [(Kind.FORBIDDEN, 403), (Kind.QUOTA, 429)])
def test_refusals_speak_the_vendors_language(sandbox: Sandbox, pings: Storage, kind: Kind, status: int) -> None:
    sandbox.faults.switch_on(kind, "pings")
    refused = pings.get("")
    assert refused.status_code == status
    assert refused.json()["error"]["code"] == status


def test_faults_of_one_source_or_path_leave_the_others_alone(sandbox: Sandbox, url: str, pings: Storage) -> None:
    sandbox.faults.switch_on(Kind.SERVER_ERROR, "pings", match="*/o")
    assert pings.get("").status_code == 503
    assert pings.bytes(ARCHIVE).status_code == 200
    assert Storage(url, "events").get("", prefix="none").status_code == 200
