"""A refusal is a finding; silence and an outage are not."""

from datetime import UTC, datetime

import pytest

from sg_assets.examination import Finding, look
from sg_assets.http import ComeBackLater, SourceError

SHOP = "shop"


def answering(status: int | None) -> object:
    raise SourceError(SHOP, "GET /orders", f"{status} no", "Ask the shop.", status)


def test_an_answer_of_any_content_is_a_permission() -> None:
    assert look("orders", lambda: None) == Finding("orders")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_a_finding_that_says_what_came_and_what_to_do(status: int) -> None:
    finding = look("orders", lambda: answering(status))
    assert finding == Finding("orders", is_permitted=False, detail=f"shop: GET /orders: {status} no. Ask the shop.")


@pytest.mark.parametrize("status", [None, 500, 503])
def test_no_answer_and_an_outage_tell_nothing_of_a_permission(status: int | None) -> None:
    with pytest.raises(SourceError):
        look("orders", lambda: answering(status))


def test_a_limit_tells_nothing_of_a_permission() -> None:
    def ask() -> None:
        raise ComeBackLater(SHOP, datetime(2026, 11, 20, tzinfo=UTC), "too many calls")

    with pytest.raises(ComeBackLater):
        look("orders", ask)
