"""Whether and how a source is reached, as a value; who decides it is the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a source: None settings mean that it is not connected, and `reason` says why."""

    base_url: str = field(default="", repr=False)
    settings: Mapping[str, str] | None = field(default=None, repr=False)
    reason: str = ""

    @property
    def is_connected(self) -> bool:
        """Whether the source can be read."""
        return self.settings is not None
