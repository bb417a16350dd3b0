from dataclasses import replace

import pytest

from sg_assets.alerts.channels.slack_blocks import blocks, cut, escaped, fallback, parts, reply, sign
from sg_assets.message import Kind, Severity
from sg_assets.sandbox.slack_rules import refused
from sg_assets_tests.alerts.telling import letter, message


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        (Kind.OPENED, Severity.ERROR, ":red_circle:"),
        (Kind.GROWN, Severity.WARNING, ":large_yellow_circle:"),
        (Kind.RESOLVED, Severity.INFO, ":large_green_circle:"),
        (Kind.DIGEST, Severity.INFO, ":clipboard:"),
    ],
)
def test_how_it_stands_is_seen_at_a_glance(kind: Kind, severity: Severity, expected: str) -> None:
    one = message(kind=kind, severity=severity)
    assert sign(one) == expected
    assert fallback(letter(one)).startswith(expected)
    assert reply(letter(one)).startswith(expected)


def test_a_message_is_a_header_its_lines_and_who_and_where() -> None:
    header, section, context = blocks(letter())
    assert header["text"]["text"] == ":red_circle: opened raw_crm.account/1 1"
    assert section["text"]["text"] == "Since 2026-11-21 11:00 UTC (60 min).\nWhy: the vendor answers 503"
    assert context["elements"][0]["text"] == (
        "<!subteam^S0TEST>  ·  <http://127.0.0.1:3000/assets/raw_crm/account?view=overview|the asset>"
    )


def test_a_link_cannot_end_before_its_time() -> None:
    one = replace(message(), links=(("a > b", "http://127.0.0.1/a|b>c d"),))
    assert "<http://127.0.0.1/a%7Cb%3Ec%20d|a &gt; b>" in blocks(letter(one))[-1]["elements"][0]["text"]


def test_lines_fill_a_text_up_to_its_limit_and_not_beyond() -> None:
    assert parts(["a" * 1499, "b" * 1500]) == ["a" * 1499 + "\n" + "b" * 1500]
    assert parts(["a" * 1500, "b" * 1500]) == ["a" * 1500, "b" * 1500]
    assert [len(part) for part in parts(["x" * 4000] * 9)] == [3000, 3000, 3000]
    assert parts(["x" * 4000] * 9)[-1].endswith("…")
    assert parts([""]) == [" "]
    assert parts([]) == []


def test_a_message_without_lines_or_links_is_one_too() -> None:
    one = letter(replace(message(), lines=(), links=()))
    assert refused({"text": fallback(one), "blocks": blocks(one)}) is None


def test_texts() -> None:
    assert escaped("<!here> & co") == "&lt;!here&gt; &amp; co"
    assert cut("abcd", 4) == "abcd"
    assert cut("abcde", 4) == "abc…"
