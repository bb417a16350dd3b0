"""What an answer means, case by case."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.http.answers import (
    Broken,
    Fail,
    Reply,
    Retry,
    Ruling,
    cleaned,
    general_rule,
    redacted,
    retry_after,
    shown,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOST, NEVER_SENT = Broken("cut", was_sent=True), Broken("no connection", was_sent=False)


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("answer", "may_repeat", "meaning"),
    [
        (reply(200), True, None),
        (reply(204), False, None),
        (reply(429), True, Retry(None, is_limit=True)),
        (reply(429), False, Retry(None, is_limit=True)),
        (reply(429, Retry_After="3"), False, Retry(3.0, is_limit=True)),
        (reply(500), True, Retry(None)),
        (reply(503, Retry_After="3"), True, Retry(3.0, is_limit=True)),
        (reply(408), True, Retry(None)),
        (LOST, True, Retry()),
        (NEVER_SENT, False, Retry()),
    ],
)
def test_what_is_good_and_what_is_tried_again(
    answer: Reply | Broken, meaning: Ruling | None, *, may_repeat: bool
) -> None:
    assert general_rule(answer, NOW, may_repeat=may_repeat) == meaning


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (reply(500), ""),
        (LOST, "look before repeating it"),
        (reply(401), "check the source's variables"),
        (reply(403), "ask the vendor's administrator"),
        (reply(404), "source's URL variable"),
        (reply(302), "not followed"),
        (reply(422), ""),
    ],
)
def test_what_is_given_up_and_with_which_advice(answer: Reply | Broken, advice: str) -> None:
    ruling = general_rule(answer, NOW, may_repeat=False)
    assert isinstance(ruling, Fail)
    assert advice in ruling.advice


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        (" 1.5 ", 1.5),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 12:01:00 -0000", 60.0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_when_to_try_again(text: str, seconds: float | None) -> None:
    assert retry_after(reply(429, Retry_After=text), NOW) == seconds


def test_an_answer_is_shown_as_one_short_line() -> None:
    page = b"<html><head><script>alert('x')</script></head>\n<body>Down\x00 for\r\n maintenance " + b"x" * 500
    shown = cleaned(reply(503, page))
    assert shown.startswith("503 Down for maintenance xxx")
    assert len(shown) <= 204


def test_nothing_of_a_good_answer_is_shown() -> None:
    assert cleaned(reply(200, b"a licence key")) == "200 with 13 bytes"


def test_bytes_that_are_no_text_are_shown_all_the_same() -> None:
    assert cleaned(reply(500, b"\xff\xfe oops")) == "500 \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} oops"


def test_a_secret_is_found_in_each_form() -> None:
    assert redacted("a b/c a%20b%2Fc a+b%2Fc", ["a b/c"]) == "*** *** ***"


FORMS: list[Callable[[str], str]] = [
    str, quote, quote_plus, escape, json.dumps,
    lambda text: quote(text, safe=""),
    lambda text: b64encode(text.encode()).decode(),
]  # fmt: skip


@given(st.text(st.characters(codec="utf-8"), min_size=8), st.sampled_from(FORMS), st.integers(0, 250))
def test_no_form_of_a_secret_is_shown_wherever_the_text_is_cut(
    secret: str, form: Callable[[str], str], at: int
) -> None:
    told = shown("." * at + form(secret) + ".", [secret])
    assert told.strip('.*"') in {"", "b", "b'"}


def test_half_a_secret_is_not_left_where_an_answer_is_cut() -> None:
    body = b"x" * 190 + b"s3cret-s3cret-s3cret"
    assert cleaned(reply(400, body), ["s3cret-s3cret-s3cret"]) == f"400 {'x' * 190}***"
