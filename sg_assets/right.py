"""The rights that a credential must have: the least with which everything works, in the vendor's own words.

Each source and destination declares its own, and each channel of alerts; `docs/permissions.md` is made of them, and
`sg-assets doctor` asks for them one by one and warns of more.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Right:
    """One right. `name` is what the vendor calls it, `on` what it is given on, `why` what we do with it.

    `writes`: it is the right to change something; every other one is a right to read.
    """

    name: str
    on: str
    why: str
    writes: bool = False
