"""Where an environment keeps what it has on this machine: production's state folder, and those of targets below it."""

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

    @property
    def dagster_home(self) -> Path:
        """The folder whose `dagster.yaml` says where Dagster's history is."""
        return development.dagster_home(self.home) if self.target else ROOT
