import pytest
import requests

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.webhook import FILE, PATH, taken, wrong_with

GOOD = {
    "id": "a/1#1",
    "incident": "a/1",
    "number": 1,
    "kind": "opened",
    "severity": "error",
    "owner": "team:a",
    "title": "t",
    "lines": ["l"],
    "links": [{"words": "w", "url": "u"}],
    "created_at": "2026-11-21T12:00:00+00:00",
    "text": "t\nl",
}


def test_documents_are_kept_in_order_duplicates_too(url: str, sandbox: Sandbox) -> None:
    for number in (1, 2, 2):
        answer = requests.post(f"{url}/webhook{PATH}", json=GOOD | {"number": number}, timeout=20)
        assert (answer.status_code, answer.content) == (202, b"")
    assert [one["number"] for one in taken(sandbox.state_dir)] == [1, 2, 2]
    (sandbox.state_dir / FILE).unlink()
    assert taken(sandbox.state_dir) == []


def test_what_is_no_document_is_refused(url: str, sandbox: Sandbox) -> None:
    assert requests.post(f"{url}/webhook{PATH}", data="{", timeout=20).status_code == 400
    assert requests.post(f"{url}/webhook{PATH}", json=GOOD | {"kind": "x"}, timeout=20).status_code == 422
    assert taken(sandbox.state_dir) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (GOOD, None),
        ([], "not an object"),
        (GOOD | {"title": None}, "no text in title"),
        (GOOD | {"severity": "fatal"}, "unknown kind or severity"),
        (GOOD | {"number": "1"}, "number or lines are not what they should be"),
        (GOOD | {"links": [{"url": "u"}]}, "a link without words or url"),
        (GOOD | {"created_at": "2026-11-21T12:00:00"}, "created_at without its offset"),
    ],
)
def test_a_receiver_would_trip_over_this(document: object, words: str | None) -> None:
    assert wrong_with(document) == words
