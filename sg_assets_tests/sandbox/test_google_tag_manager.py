from typing import Any

import pytest
import requests

from sg_assets.sandbox.company.tag_containers import TagContainers
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.google_tag_manager import ACCOUNT, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.storage_api import TOKEN
from sg_assets_tests.sandbox.world import ANCHOR, DAY, move

CONTAINERS = f"/tagmanager/v2/accounts/{ACCOUNT}/containers"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/google_tag_manager"


def get(here: str, path: str, token: str = TOKEN, **params: str) -> requests.Response:
    return requests.get(here + path, params=params, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def live(here: str, container: str) -> dict[str, Any]:
    return dict(get(here, f"{CONTAINERS}/{container}/versions:live").json())


def test_containers_come_in_pages_under_a_singular_key(here: str, sandbox: Sandbox) -> None:
    object.__setattr__(sandbox, "page_size", 2)
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        answer = get(here, CONTAINERS, pageToken=token or "0").json()
        found += answer["container"]
        if not (token := answer.get("nextPageToken", "")):
            break
    object.__setattr__(sandbox, "page_size", 40)
    truth = TagContainers(sandbox.company).containers
    assert sorted(one["containerId"] for one in found) == sorted(one.id for one in truth)
    assert {one["publicId"] for one in found} == {one.public_id for one in truth}
    assert get(here, CONTAINERS, pageToken="40").json() == {}


def test_what_is_live_changes_when_it_is_published_anew(here: str, sandbox: Sandbox) -> None:
    one = TagContainers(sandbox.company).containers[0]
    before = live(here, one.id)
    move(sandbox, ANCHOR + 40 * DAY)
    after = live(here, one.id)
    assert int(before["containerVersionId"]) < int(after["containerVersionId"])
    assert before["fingerprint"] != after["fingerprint"]
    assert {tag["fingerprint"] for tag in before["tag"]} != {tag["fingerprint"] for tag in after["tag"]}
    assert before["container"]["usageContext"] == ["web"]


def test_what_was_never_published_is_not_found(here: str, sandbox: Sandbox) -> None:
    (one,) = (one for one in TagContainers(sandbox.company).containers if not one.is_published)
    for container in (one.id, "1"):
        refused = get(here, f"{CONTAINERS}/{container}/versions:live")
        assert (refused.status_code, refused.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_refusals(here: str, sandbox: Sandbox) -> None:
    assert get(here, CONTAINERS, token="wrong").status_code == 401  # noqa: S106 (none)
    assert get(here, "/tagmanager/v2/accounts/1/containers").status_code == 404
    sandbox.faults.switch_on(Kind.QUOTA, "google_tag_manager", count=1)
    quota = get(here, CONTAINERS)
    assert (quota.status_code, quota.json()["error"]["errors"][0]["domain"]) == (403, "usageLimits")
    sandbox.faults.switch_on(Kind.FORBIDDEN, "google_tag_manager", count=1)
    assert get(here, CONTAINERS).json()["error"]["errors"][0]["domain"] == "global"


def test_faults(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "google_tag_manager", count=1)
    assert get(here, CONTAINERS).json() == {}
    sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "google_tag_manager", count=1, field="odd")
    assert live(here, TagContainers(sandbox.company).containers[0].id)["odd"] == "surprise"


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_GOOGLE_CREDENTIALS", "SG_GOOGLE_TAG_MANAGER_ACCOUNT"}
