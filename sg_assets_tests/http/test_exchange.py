"""One request: what may be asked, and how the ways it can break are told apart."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.http.answers import Broken, Reply
from sg_assets.http.exchange import Exchange, Request, segment
from sg_assets_tests.scripted_vendor import Answer, scripted


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/x",
        "//elsewhere.example/x",
        "x",
        "",
        "/a/../b",
        "/a/..",
        "/./a",
        "/a\r\nX: y",
        "/a\0b",
    ],
)
def test_an_address_of_its_own_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="no path below a base URL"):
        Request("GET", path)


def test_a_request_is_shown_without_its_query() -> None:
    assert str(Request("GET", "/x?key=secret", params={"q": "secret"})) == "GET /x"


def test_what_is_sent_is_what_was_asked() -> None:
    with scripted(Answer.json([1, 2.5, None])) as vendor:
        exchange = Exchange(f"{vendor.url}/acme", {"User-Agent": "sg-assets"}, (1, 1))
        reply = exchange.send(Request("POST", "/x", {"a b": "ü"}, body={"n": 1}), {"X-Key": "k"}, lambda: None, None)
        exchange.close()
    asked = vendor.asked[0]
    assert isinstance(reply, Reply)
    assert reply.value == [1, 2.5, None]
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/acme/x", {"a b": "ü"}, b'{"n": 1}')
    assert asked.headers["X-Key"] == "k"
    assert asked.headers["User-Agent"] == "sg-assets"


def test_nobody_is_asked_for_a_credential_but_the_source(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="utf-8") as file:  # noqa: PTH123 (the library reads it by its name)
        file.write("default login me password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    with scripted(Answer()) as vendor:
        exchange = Exchange(vendor.url, {}, (1, 1))
        exchange.send(Request("GET", "/x"), {"Authorization": "Bearer ours"}, lambda: None, None)
        exchange.close()
    assert vendor.asked[0].headers["Authorization"] == "Bearer ours"


@pytest.mark.parametrize(
    ("answer", "was_sent"),
    [(Answer(200, b"x" * 100, sent=50), True), (Answer(200, b"{}", pause=1.0), True), (None, False)],
    ids=["cut", "stalled", "nobody there"],
)
def test_the_vendor_may_have_acted_on_what_was_sent(answer: Answer | None, *, was_sent: bool) -> None:
    with ExitStack() as serving:
        vendor = serving.enter_context(scripted(answer or Answer()))
        exchange = Exchange(vendor.url, {}, (1, 0.1))
        if not answer:
            serving.close()
        broken = exchange.send(Request("POST", "/x"), {}, lambda: None, None)
    exchange.close()
    assert isinstance(broken, Broken)
    assert broken.was_sent is was_sent


def test_an_empty_answer_has_no_value() -> None:
    with scripted(Answer(204, b"")) as vendor:
        exchange = Exchange(vendor.url, {}, (1, 1))
        reply = exchange.send(Request("GET", "/x"), {}, lambda: None, None)
        exchange.close()
    assert isinstance(reply, Reply)
    assert reply.value is None


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_from_outside_stays_one_part_of_a_path(text: str) -> None:
    try:
        path = Request("GET", f"/things/{segment(text)}/rows").path
    except ValueError:
        assert text in {".", ".."}
    else:
        assert [unquote(part) for part in path.split("/")] == ["", "things", text, "rows"]
        assert not {"?", "#", "\\", " "} & set(path)
