from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.alerts import routing
from sg_assets.alerts.routing import RoutingError
from sg_assets.message import Severity
from sg_assets.sandbox.slack import CHANNELS

GOOD = """
always: [log]
default: [slack_webhook]
platform: team:a
owners:
  team:a: {to: ["slack_bot:C01", "email:a@example.com"], mention: "<!subteam^S1>"}
  team:b: {to: slack_bot:C02}
quiet_minutes: {error: 15}
digest: {cron: 0 9 * * *, timezone: America/Los_Angeles}
"""


def table(tmp_path: Path, text: str = GOOD) -> routing.Routing:
    file = tmp_path / "owners.yaml"
    file.write_text(text)
    return routing.read(file)


def test_owners_are_told_at_their_own_addresses_and_all_others_at_the_default(tmp_path: Path) -> None:
    made = table(tmp_path)
    assert made.addresses == ("log", "slack_webhook", "slack_bot:C01", "email:a@example.com", "slack_bot:C02")
    told = {
        owner: [a for a in made.addresses if made.tells(a, owner)] for owner in ("team:a", "team:b", "x@example.com")
    }
    assert told == {
        "team:a": ["log", "slack_bot:C01", "email:a@example.com"],
        "team:b": ["log", "slack_bot:C02"],
        "x@example.com": ["log", "slack_webhook"],
    }
    assert made.quiet == {Severity.ERROR: timedelta(minutes=15)}


def test_owners_are_called_as_they_want(tmp_path: Path) -> None:
    made = table(tmp_path)
    assert [made.mention(owner) for owner in ("team:a", "team:b", "team:c")] == ["<!subteam^S1>", "team:b", "team:c"]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("slack_bot:C02", "'slack_bot:#alerts'", "team:b: 'slack_bot:#alerts' is no address"),
        ("slack_bot:C02", "telegram", "'telegram' is no address"),
        ("email:a@example.com", "email:nobody", "'email:nobody' is no address"),
        ("[slack_webhook]", "[slack_webhook:x]", "default: 'slack_webhook:x' is no address"),
        ("to: slack_bot:C02", "mention: x", "'to' is missing"),
        ("platform: team:a", "", "'platform' is missing"),
        ("America/Los_Angeles", "Mars/Olympus", "Mars/Olympus"),
        ("0 9 * * *", "0 9 * *", "0 9"),
        ("error: 15", "fatal: 15", "fatal"),
        ("always: [log]", "always: [log", "owners.yaml"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_entry(tmp_path: Path, was: str, now: str, words: str) -> None:
    with pytest.raises(RoutingError, match=r"owners\.yaml") as raised:
        table(tmp_path, GOOD.replace(was, now))
    assert words in str(raised.value)


def test_an_empty_file_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(RoutingError):
        table(tmp_path, "")


def test_the_declared_table_knows_every_owner_of_a_table() -> None:
    assert {one.owner for one in discovery.graph()} <= set(routing.read().owners)


def test_the_channels_of_the_declared_table_are_there_in_the_sandbox() -> None:
    ids = {address.partition(":")[2] for address in routing.read().addresses if address.startswith("slack_bot:")}
    assert ids
    assert {CHANNELS[one][1] for one in ids} == {""}
