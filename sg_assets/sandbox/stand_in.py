"""What a stand-in is: one module per source beside this one, with a `stand_in` in it, or a `writer`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sg_assets.sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Refusal:
    """A body that refuses, in the vendor's own shape."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server that speaks a vendor's protocol.

    `settings` are made-up values of the source's variables; `app` makes the server for a sandbox; `refuse` gives the
    vendor's body for 401, 403 and 429; `quota` is the status and body that say that today's quota is used up.
    """

    source: str
    settings: Mapping[str, str]
    app: Callable[[Sandbox], ASGIApp]
    refuse: Callable[[int], Refusal]
    quota: tuple[int, Refusal]


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody at the made-up company whose job writes tables into the warehouse.

    `tables` gives for each what it has written by now.
    """

    source: str
    tables: Mapping[str, Callable[[Sandbox], Iterator[Mapping[str, object]]]]
