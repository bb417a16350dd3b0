"""What a stand-in is: one module per source beside this one, with a `stand_in` in it, or a `writer`.

Most speak HTTP and are served together (`StandIn`); one that speaks another protocol is a server by itself
(`OwnServer`); a table that only is watched has somebody who writes it (`Writer`).
"""

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
    vendor's body for 401, 403 and 429; `quota` is the status and body that say that today's quota is used up; `made`
    gives further values of variables, which depend on what the sandbox holds.
    """

    source: str
    settings: Mapping[str, str]
    app: Callable[[Sandbox], ASGIApp]
    refuse: Callable[[int], Refusal]
    quota: tuple[int, Refusal]
    made: Callable[[Sandbox], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A stand-in that speaks no HTTP.

    `settings` are made-up values of the source's variables; `url` gives where it is reached: it starts it at the first
    call in a process, and brings it to the sandbox's time at every one.
    """

    source: str
    settings: Mapping[str, str]
    url: Callable[[Sandbox], str]


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody at the made-up company whose job writes tables into the warehouse.

    `tables` gives for each what it has written by now.
    """

    source: str
    tables: Mapping[str, Callable[[Sandbox], Iterator[Mapping[str, object]]]]
