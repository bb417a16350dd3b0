"""Releases of the product: a minor version every thirty days, 5.1 the newest at the anchor, and a patch in between."""

from __future__ import annotations

from datetime import datetime, timedelta

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.instances import Instance

EVERY = timedelta(days=30)
LAST_BEFORE_ANCHOR = timedelta(days=11)
PATCHED_AFTER = timedelta(days=12)
_FIVE, _FOUR, _OLDEST = -1, -7, -46  # how many releases before that of the anchor 5.0, 4.0 and 3.5 came
NAMES_EVENTS = -5
"""4.2: from here on, in this company, an exported event has an id of its own."""
MARKS_OPERATORS = -4
"""4.3: from here on events of Sourcegraph's operators are marked as such."""


def newest_release(anchor: datetime, at: datetime) -> int:
    """The number of the newest minor release at an instant; 0 is that of the anchor."""
    return (at - anchor + LAST_BEFORE_ANCHOR) // EVERY


def version_text(release: int, patch: int = 0) -> str:
    """The version, such as 5.1.0."""
    if release >= _FIVE:
        return f"5.{release - _FIVE}.{patch}"
    if release >= _FOUR:
        return f"4.{release - _FOUR}.{patch}"
    return f"3.{44 + max(release, _OLDEST) - _FOUR}.{patch}"


def release_of(instance: Instance, anchor: datetime, at: datetime) -> int:
    """The minor release that an instance runs; each keeps its distance from the newest."""
    return newest_release(anchor, at) - instance.releases_behind


def version_of(instance: Instance, anchor: datetime, at: datetime) -> str:
    """The version text that an instance reports."""
    if instance.is_developer_build:
        return developer_build(anchor, at - timedelta(days=50))
    release = release_of(instance, anchor, at)
    is_patched = instance.releases_behind > 0 or (at - anchor + LAST_BEFORE_ANCHOR) % EVERY >= PATCHED_AFTER
    return version_text(release, int(is_patched))


def has_update(instance: Instance, anchor: datetime, at: datetime) -> bool:
    """What the server answers: an older release than the newest, or a developer build of more than forty days."""
    if instance.is_developer_build:
        return True
    newest = version_text(newest_release(anchor, at), int((at - anchor + LAST_BEFORE_ANCHOR) % EVERY >= PATCHED_AFTER))
    return version_of(instance, anchor, at) != newest


def developer_build(anchor: datetime, at: datetime) -> str:
    """A developer build of a day, such as 185432_2022-11-16_3f2a91bc04de."""
    day = at.date().isoformat()
    build = 250_000 + (at - anchor) // timedelta(hours=2)
    return f"{build:06d}_{day}_{number('build', day):016x}"[:30]
