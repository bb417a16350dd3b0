"""A refusal is a finding; silence and an outage are not."""

from datetime import UTC, datetime

import pytest

from sg_assets.examination import Finding, beyond, look
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


def test_what_is_too_much_is_a_finding_that_permits_and_says_what_to_do() -> None:
    (finding,) = beyond(lambda: ["delete orders"], "Give it less.")
    told = "may also delete orders, which nobody needs. Give it less."
    assert finding == Finding("delete orders", detail=told, is_too_much=True)


@pytest.mark.parametrize("status", [None, 403, 404, 503])
def test_a_vendor_that_does_not_tell_is_no_finding(status: int | None) -> None:
    def ask() -> list[str]:
        raise SourceError(SHOP, "GET /rights", "no", status=status)

    assert list(beyond(ask, "Give it less.")) == []
