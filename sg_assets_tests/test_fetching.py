"""What a pull is given besides the vendor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.source import Page, Pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def pull(answers: dict[str, object] | None = None) -> Pull:
    client = Client("http://127.0.0.1:1", name="shop")
    return Pull(client, {}, NOW) if answers is None else Pull(client, {}, NOW, answers=answers)


def test_what_is_asked_once_is_remembered_for_the_other_tables() -> None:
    answers: dict[str, object] = {}
    asked = iter(range(9))
    first, second = pull(answers), pull(answers)
    assert [first.once("a", lambda: next(asked)), second.once("a", lambda: next(asked))] == [0, 0]
    assert second.once("b", lambda: next(asked)) == 1
    assert pull().once("a", lambda: next(asked)) == 2


def test_an_answer_of_nothing_is_an_answer_and_an_error_is_none() -> None:
    answers: dict[str, object] = {}

    def refused() -> int:
        raise SourceError("shop", "GET /", "503")  # noqa: EM101 (what a client raises)

    with pytest.raises(SourceError):
        pull(answers).once("a", refused)
    assert pull(answers).once("a", lambda: None) is None
    assert pull(answers).once("a", lambda: 7) is None


def test_a_page_says_nothing_unless_told_to() -> None:
    page = Page()
    assert (list(page.rows), page.cursor, page.covers, page.arrow, page.lands_now) == ([], None, None, None, False)


def test_without_a_warehouse_there_is_nothing_to_read() -> None:
    assert list(pull().read("raw_shop.order", ())) == []
