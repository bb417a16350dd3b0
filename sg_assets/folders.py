"""Production or a target: where each keeps what it has on this machine, and whether anything runs by itself in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sg_assets import development
from sg_assets.variables import value_of

ROOT = Path(__file__).parents[1]
"""The checkout."""


@dataclass(frozen=True)
class Folders:
    """The folders of the environment of that name; `variables` is what was set."""

    name: str
    variables: Mapping[str, str] = field(repr=False)

    @cached_property
    def target(self) -> str:
        """The development copy that is built into, which reads production for everything else; empty: production."""
        return value_of(self.variables, "SG_TARGET", development.named, development.WANTED) or ""

    @cached_property
    def shared_home(self) -> Path:
        """The state folder of this environment, its targets' below it; relative paths count from the repository."""
        return (ROOT / (self.variables.get("SG_HOME") or ".sg") / self.name).resolve()

    @cached_property
    def home(self) -> Path:
        """The state folder of production, or of the target."""
        return self.shared_home / self.target

    @cached_property
    def is_clock_frozen(self) -> bool:
        """Whether `SG_CLOCK` holds the clock."""
        return bool(self.variables.get("SG_CLOCK"))

    @property
    def runs_by_itself(self) -> bool:
        """Whether schedules and sensors run, and somebody is alerted."""
        return not (self.is_clock_frozen or self.target)
