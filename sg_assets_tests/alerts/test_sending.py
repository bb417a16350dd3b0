import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.sending import Address, reported
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


@pytest.mark.parametrize(
    ("url", "origin", "path", "secrets"),
    [
        ("https://a.com/x/y?k=v", "https://a.com", "/x/y?k=v", ("https://a.com/x/y?k=v", "/x/y?k=v", "/x/y", "k=v")),
        ("https://a.com/", "https://a.com", "/", ("https://a.com/",)),
        ("http://a.com:80", "http://a.com:80", "/", ("http://a.com:80",)),
    ],
)
def test_of_an_address_only_the_server_may_be_shown(url: str, origin: str, path: str, secrets: tuple[str, ...]) -> None:
    assert Address.of(url) == Address(origin, path, secrets)
