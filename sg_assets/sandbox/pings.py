"""The bucket of pings: two shards an hour, by instance, and the archive of instances that stopped years ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets.sandbox.hourly_objects import Bucket, Feed, Single
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, QUOTA, StorageApi, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SHARDS = 2
BUCKET, PREFIX, ARCHIVE = "pings", "pings", "archive/pings-2022.ndjson.gz"
ARCHIVED_BEFORE = timedelta(days=400)
"""An instance that last pinged longer before the anchor than this is in the archive only."""


@dataclass(frozen=True)
class PingBucket:
    """What is in the bucket."""

    sandbox: Sandbox
    rows: PingRows
    times: PingTimes

    @classmethod
    def of(cls, sandbox: Sandbox) -> PingBucket:
        """The bucket of a sandbox."""
        return cls(sandbox, PingRows(sandbox.company), PingTimes(sandbox.company))

    def bucket(self) -> Bucket:
        """Its objects."""
        feeds = tuple(Feed(PREFIX, f"shard-{shard}", _Shard(self, shard)) for shard in range(SHARDS))
        return Bucket(BUCKET, "pings", self.sandbox, feeds, (Single(ARCHIVE, self.archived),))

    def archived(self) -> list[str]:
        """The last ping of every instance that stopped long before the history of the sandbox."""
        long_ago = self.sandbox.anchor - ARCHIVED_BEFORE
        return [
            self.rows.row(one, one.pings[-1][0] - timedelta(minutes=11))
            for one in self.sandbox.company.instances
            if _stopped(one, long_ago)
        ]


@dataclass(frozen=True)
class _Shard:
    pings: PingBucket
    shard: int

    def __call__(self, hour: datetime) -> Sequence[str]:
        """The rows of an hour, in the order in which the pings came."""
        times, rows = self.pings.times, self.pings.rows
        found = [(at, one.position, one) for one in self._instances for at in times.in_hour(one, hour)]
        found.sort(key=lambda ping: ping[:2])
        return [rows.row(instance, at) for at, _, instance in found]

    @cached_property
    def _instances(self) -> list[Instance]:
        return [one for one in self.pings.sandbox.company.instances if shard_of(one) == self.shard]


def shard_of(instance: Instance) -> int:
    """The shard that an instance's pings go to."""
    return number("shard", instance.site_id) % SHARDS


def _stopped(instance: Instance, long_ago: datetime) -> bool:
    since, pings = instance.pings[-1]
    return pings is Pings.OFF and len(instance.pings) > 1 and since < long_ago


def _app(sandbox: Sandbox) -> ASGIApp:
    return StorageApi(PingBucket.of(sandbox).bucket()).app()


stand_in = StandIn("pings", {"SG_PINGS_BUCKET": BUCKET, "SG_GOOGLE_CREDENTIALS": CREDENTIALS}, _app, refuse, QUOTA)
