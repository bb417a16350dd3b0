"""The sandbox: the made-up company, its place in time, the faults that are on, and the stand-ins that show it all.

Two sandboxes of the same seed, anchor, scale, clock and faults answer alike; nothing else is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from sg_assets.sandbox.clock import Clock
from sg_assets.sandbox.company.company import Company, Scale
from sg_assets.sandbox.faults import Faults
from sg_assets.sandbox.stand_in import OwnServer, StandIn, Writer

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HERE = Path(__file__).parent
LARGEST_SCALE = 10_000
HISTORY = timedelta(days=60)


@dataclass(frozen=True)
class Sandbox:
    """One made-up world. `state_dir` holds what is written: faults, and what other systems were sent.

    `page_size` is the most rows that a paging stand-in gives at once; tests make it small. `history` is how long before
    the anchor what was written hour by hour, or day by day, begins.
    """

    seed: int
    anchor: datetime
    scale: Scale
    clock: Clock = field(repr=False)
    state_dir: Path
    page_size: int = 500
    history: timedelta = HISTORY

    @cached_property
    def company(self) -> Company:
        """The company."""
        return Company(self.seed, self.anchor, self.scale)

    @cached_property
    def faults(self) -> Faults:
        """The faults."""
        return Faults(self.state_dir)

    def now(self) -> datetime:
        """The time in the sandbox, in UTC."""
        return self.clock().astimezone(UTC)

    def settings(self, source: str) -> Mapping[str, str]:
        """The made-up values of a source's variables.

        Raises:
            KeyError: the source has no stand-in.
        """
        stand_in = stand_in_of(source)
        if isinstance(stand_in, StandIn) and stand_in.made is not None:
            return {**stand_in.settings, **stand_in.made(self)}
        return stand_in.settings

    def own_url(self, source: str) -> str:
        """Where a stand-in that is a server by itself is reached, at the sandbox's time; it is started if need be.

        Raises:
            KeyError: the source has no stand-in, or it speaks HTTP.
        """
        stand_in = stand_in_of(source)
        if not isinstance(stand_in, OwnServer):
            msg = f"the stand-in of {source} is no server by itself"
            raise KeyError(msg)
        return stand_in.url(self)

    def written(self, source: str, table: str) -> Iterator[Mapping[str, object]]:
        """The rows that somebody at the company has written by now into a table of a source that only is watched."""
        writer: Writer = import_module(f"{__package__}.{source}").writer
        return writer.tables[table](self)

    def own_urls(self) -> Mapping[str, str]:
        """Where every such stand-in is reached, by source, each brought to the sandbox's time."""
        return {source: self.own_url(source) for source in own_servers()}

    def apps(self) -> Mapping[str, ASGIApp]:
        """The servers of all stand-ins that speak HTTP, by source."""
        from sg_assets.sandbox.faulty import Faulty  # noqa: PLC0415 (starlette is loaded by those who serve)

        found = {source: stand_in_of(source) for source in sources()}
        return {
            source: Faulty(stand_in.app(self), stand_in, self.faults)
            for source, stand_in in found.items()
            if isinstance(stand_in, StandIn)
        }


def sources() -> Sequence[str]:
    """The sources that have a stand-in: a module of their name beside this one, with a `stand_in` in it."""
    return _modules_with("stand_in")


def own_servers() -> list[str]:
    """Those of them that are servers by themselves, of another protocol than HTTP."""
    return [source for source in sources() if is_own_server(source)]


def is_own_server(source: str) -> bool:
    """Whether a source's stand-in is one of those.

    Raises:
        KeyError: it has none.
    """
    return isinstance(stand_in_of(source), OwnServer)


def writers() -> Sequence[str]:
    """The sources whose tables somebody at the company writes into the warehouse: a module with a `writer` in it."""
    return _modules_with("writer")


@cache
def _modules_with(name: str) -> tuple[str, ...]:
    modules = [module.name for module in iter_modules([str(HERE)]) if not module.ispkg]
    return tuple(module for module in modules if hasattr(import_module(f"{__package__}.{module}"), name))


def stand_in_of(source: str) -> StandIn | OwnServer:
    """The stand-in of a source.

    Raises:
        KeyError: it has none.
    """
    found = None
    if source.isidentifier() and (HERE / f"{source}.py").exists():
        found = getattr(import_module(f"{__package__}.{source}"), "stand_in", None)
    if not isinstance(found, StandIn | OwnServer):
        msg = f"the sandbox has no stand-in for {source!r}; it has: {', '.join(sources())}"
        raise KeyError(msg)
    return found


def scale_of(text: str) -> Scale:
    """A size of the made-up company, as `SG_SANDBOX_SCALE` says it.

    Raises:
        ValueError: it is none.
    """
    if text == "full":
        return "full"
    if not 0 < float(text) < LARGEST_SCALE:
        raise ValueError(text)
    return float(text)
