"""Who is told of what: `owners.yaml`, read and checked. Which of its channels can be used is in `configured.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from sg_assets import cron
from sg_assets.message import Severity

TABLE = Path(__file__).parent / "owners.yaml"
# What follows the colon in an address, by kind of channel; None: nothing does.
PLACES: Mapping[str, re.Pattern[str] | None] = {
    "slack_bot": re.compile(r"[CDG][A-Z0-9]{2,}"),
    "slack_webhook": None,
    "webhook": None,
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "log": None,
}


class RoutingError(Exception):
    """The table cannot be used as it is; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Where an owner is told, and how they are called there."""

    to: tuple[str, ...]
    mention: str = ""


@dataclass(frozen=True)
class Routing:
    """The table. `quiet` is how long news of an incident waits, by how bad it is; the digest's time is a cron."""

    default: tuple[str, ...]
    platform: str
    always: tuple[str, ...] = ()
    owners: Mapping[str, Owner] = field(default_factory=dict)
    quiet: Mapping[Severity, timedelta] = field(default_factory=dict)
    digest_cron: str = "0 9 * * *"
    digest_timezone: str = "UTC"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that somebody is told at, each once."""
        named = (address for owner in self.owners.values() for address in owner.to)
        return tuple(dict.fromkeys([*self.always, *self.default, *named]))

    def tells(self, address: str, owner: str) -> bool:
        """Whether what concerns an owner is told at an address; an owner who is not listed is told at the default."""
        known = self.owners.get(owner)
        return address in self.always or address in (known.to if known else self.default)

    def mention(self, owner: str) -> str:
        """How to call an owner so that they notice."""
        known = self.owners.get(owner)
        return (known.mention if known else "") or owner


def read(path: Path = TABLE) -> Routing:
    """The table in a file.

    Raises:
        RoutingError: it is not one; the message names the file and the entry.
    """
    try:
        told: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        owners = {
            name: Owner(_addresses(one["to"], f"owners: {name}"), one.get("mention", ""))
            for name, one in (told.get("owners") or {}).items()
        }
        made = Routing(
            default=_addresses(told["default"], "default"),
            platform=told["platform"],
            always=_addresses(told.get("always", []), "always"),
            owners=owners,
            quiet={Severity(k): timedelta(minutes=v) for k, v in (told.get("quiet_minutes") or {}).items()},
            digest_cron=told["digest"]["cron"],
            digest_timezone=told["digest"]["timezone"],
        )
        cron.check(made.digest_cron, made.digest_timezone)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        msg = f"{path}: {error}"
        raise RoutingError(msg) from error
    except KeyError as error:
        msg = f"{path}: {error} is missing"
        raise RoutingError(msg) from error
    return made


def _addresses(told: object, where: str) -> tuple[str, ...]:
    """Addresses that are well written.

    Raises:
        ValueError: one is not.
    """
    found = told if isinstance(told, list) else [told]
    for address in found:
        kind, _, place = str(address).partition(":")
        wanted = PLACES.get(kind)
        if kind not in PLACES or (wanted is None and place) or (wanted is not None and not wanted.fullmatch(place)):
            msg = f"{where}: {address!r} is no address; there are slack_bot:<channel id>, email:<recipient>, " + (
                ", ".join(name for name, pattern in PLACES.items() if pattern is None)
            )
            raise ValueError(msg)
    return tuple(found)
