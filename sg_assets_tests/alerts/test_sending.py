import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.sending import reported
from sg_assets.http import ComeBackLater, SourceError
from sg_assets_tests.alerts.telling import NOON

SLACK = "slack"


def test_a_limit_keeps_its_time() -> None:
    with pytest.raises(NotDelivered, match="ratelimited") as raised, reported():
        raise ComeBackLater(SLACK, NOON, "ratelimited")
    assert raised.value.retry_at == NOON


def test_any_other_failure_keeps_its_words() -> None:
    with pytest.raises(NotDelivered, match="slack: POST /x: 503 down") as raised, reported():
        raise SourceError(SLACK, "POST /x", "503 down")
    assert raised.value.retry_at is None
    assert raised.value.__cause__ is None
