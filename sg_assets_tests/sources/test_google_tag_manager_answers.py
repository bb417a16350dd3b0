"""Tag Manager's answers as it documents them: pages, shapes, and refusals that all are a 403."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.http.pace import pace
from sg_assets.source import Page, Pull
from sg_assets.sources.google_tag_manager import google_tag_manager
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted
from sg_assets_tests.sources.conftest import ANCHOR

SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox", "SG_GOOGLE_TAG_MANAGER_ACCOUNT": "1"}


@pytest.fixture(autouse=True)
def _own_window() -> Iterator[None]:
    """Each test has the calls of a hundred seconds for itself."""
    yield
    pace.cache_clear()


def error(reason: str) -> Answer:
    one = {"domain": "usageLimits", "reason": reason, "message": "no"}
    return Answer(403, json.dumps({"error": {"code": 403, "message": "no", "errors": [one]}}).encode())


def pull(url: str, table: str, waits: list[float] | None = None) -> list[Page]:
    fetch = google_tag_manager.tables[f"raw_google_tag_manager.{table}"].fetch
    assert fetch
    client = google_tag_manager.connect(url, SETTINGS)
    assert isinstance(client, Client)
    client.sleep = (waits if waits is not None else []).append
    with client:
        return list(fetch(Pull(client, SETTINGS, ANCHOR)))


def test_too_many_calls_are_a_403_that_is_waited_for() -> None:
    waits: list[float] = []
    with scripted(error("rateLimitExceeded"), Answer.json({})) as vendor:
        assert [page.rows for page in pull(vendor.url, "container", waits)] == [[]]
    assert len(waits) == 1


def test_a_missing_right_is_an_error_at_once() -> None:
    with (
        scripted(error("insufficientPermissions")) as vendor,
        pytest.raises(SourceError, match="ask the vendor's administrator") as caught,
    ):
        pull(vendor.url, "container")
    assert str(caught.value).startswith("google_tag_manager: GET /tagmanager/v2/accounts/1/containers: 403")
    assert len(vendor.asked) == 1


def vendor_of(total: int, page: int) -> Callable[[Asked], Answer]:
    """An account with so many containers, in each of which one tag is live, as the API documents them."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/versions:live"):
            return Answer.json(documented(asked.path.split("/")[6]))
        at = int(asked.query.get("pageToken", "0"))
        found = [{"accountId": "1", "containerId": str(n), "name": "n"} for n in range(at, min(total, at + page))]
        more = {"nextPageToken": str(at + page)} if total > at + page else {}
        return Answer.json(({"container": found} if found else {}) | more)

    return answer


def documented(container: str) -> Mapping[str, object]:
    tag = {
        "path": "accounts/1/containers/2/workspaces/3/tags/4", "accountId": "1", "containerId": container, "tagId": "4",
        "name": "GA4", "type": "gaawe", "fingerprint": "1646129472000", "firingTriggerId": ["5"],
        "parameter": [{"type": "template", "key": "eventName", "value": "x"}], "priority": {"type": "integer"},
    }  # fmt: skip
    context = {"accountId": "1", "containerId": container, "usageContext": ["web"]}
    return {"accountId": "1", "containerId": container, "containerVersionId": "7", "container": context, "tag": [tag]}


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int) -> None:
    with answering(vendor_of(total, 3)) as vendor:
        (page,) = pull(vendor.url, "tag")
    assert [row["container_id"] for row in page.rows] == [str(n) for n in range(total)]
    assert len(vendor.asked) == max(1, -(-total // 3)) + total


def test_an_answer_as_it_is_documented() -> None:
    with answering(vendor_of(1, 3)) as vendor:
        ((tag,),) = [page.rows for page in pull(vendor.url, "tag")]
        ((version,),) = [page.rows for page in pull(vendor.url, "live_version")]
        assert [page.rows for page in pull(vendor.url, "variable")] == [[]]
    assert tag == {
        "container_id": "0", "tag_id": "4", "name": "GA4", "type": "gaawe", "fingerprint": "1646129472000",
        "is_paused": False, "firing_trigger_ids": ["5"], "settings": {"priority": {"type": "integer"}},
        "parameters": [{"type": "template", "key": "eventName", "value": "x"}],
    }  # fmt: skip
    assert version == {"container_id": "0", "version_id": "7", "tags": 1, "triggers": 0, "variables": 0}
