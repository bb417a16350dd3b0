import base64
import hashlib
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.storage_api import TOKEN
from sg_assets_tests.sandbox.world import ANCHOR, HOUR, Storage, move

NAME = "pings/2026-11-20/05/shard-1.ndjson.gz"


@pytest.fixture
def pings(url: str) -> Storage:
    return Storage(url, "pings")


def test_listing_pages_through_all_names_in_order(pings: Storage) -> None:
    names = pings.names("pings/2026-11-20/")
    assert len(names) == 48
    assert names == sorted(names)
    assert pings.names("pings/2026-11-20/", maxResults="7") == names
    assert pings.names("pings/2026-11-20/", maxResults="48") == names
    assert pings.names("pings/2026-11-20/", maxResults="47") == names


def test_a_page_has_1000_objects_by_default_and_says_when_there_are_more(pings: Storage) -> None:
    answer = pings.get("", prefix="pings/", fields="nextPageToken,items(name)").json()
    assert len(answer["items"]) == 1000
    assert answer["nextPageToken"]


def test_an_empty_listing_has_no_items(sandbox: Sandbox, pings: Storage) -> None:
    assert pings.get("", prefix="nothing/").json() == {"kind": "storage#objects"}
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "pings", count=1)
    assert "items" not in pings.get("", prefix="pings/").json()


def test_an_object_appears_while_somebody_pages(sandbox: Sandbox, pings: Storage) -> None:
    first = pings.get("", prefix="pings/2026-11-21/", maxResults="2").json()
    move(sandbox, ANCHOR + 9 * HOUR)
    rest = pings.names("pings/2026-11-21/", pageToken=first["nextPageToken"])
    names = [item["name"] for item in first["items"]] + rest
    assert len(names) == len(set(names)) == 16  # eight hours, the last of which is still under way


def test_items_say_what_google_says(pings: Storage) -> None:
    item = pings.get("", prefix=NAME).json()["items"][0]
    assert (item["kind"], item["name"], item["bucket"]) == ("storage#object", NAME, "pings")
    assert item["generation"].isdigit()
    created = datetime.fromisoformat(item["timeCreated"])
    assert datetime(2026, 11, 20, 6, 2, tzinfo=UTC) <= created <= datetime(2026, 11, 20, 6, 9, tzinfo=UTC)


def test_the_bytes_are_those_that_the_metadata_describes(pings: Storage) -> None:
    about = pings.get("/" + quote(NAME, safe="")).json()
    media = pings.bytes(NAME, generation=about["generation"])
    assert int(about["size"]) == len(media.content)
    assert about["md5Hash"] == base64.b64encode(hashlib.md5(media.content, usedforsecurity=False).digest()).decode()
    assert media.headers["x-goog-generation"] == about["generation"]
    assert "Content-Encoding" not in media.headers
    assert pings.bytes(NAME).content == media.content


def test_another_generation_or_name_is_not_there(pings: Storage) -> None:
    for answer in (pings.bytes(NAME, generation="1"), pings.bytes("nothing"), pings.get("/nothing")):
        assert answer.status_code == 404
        assert answer.json()["error"]["errors"][0]["reason"] == "notFound"


def test_nothing_is_shown_without_the_token(url: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = requests.get(f"{url}/pings/storage/v1/b/pings/o", headers=headers, timeout=20)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "Invalid Credentials"


def test_another_bucket_is_not_there_and_ones_own_is(url: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(f"{url}/pings/storage/v1/b/other/o", headers=headers, timeout=20).status_code == 404
    assert requests.get(f"{url}/pings/storage/v1/b/pings", headers=headers, timeout=20).json()["name"] == "pings"


def test_parameters_that_cannot_be_read_are_refused(pings: Storage) -> None:
    assert pings.get("", maxResults="many").status_code == 400
    assert pings.get("", pageToken="%%%").status_code == 400


def test_a_signed_assertion_gets_the_token(url: str) -> None:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}
    answer = requests.post(f"{url}/pings/token", data=form, timeout=20).json()
    assert answer == {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}
    assert requests.post(f"{url}/pings/token", data={}, timeout=20).status_code == 400
