"""`sg-assets sandbox …`: serve the made-up company's stand-ins, and switch faults on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
