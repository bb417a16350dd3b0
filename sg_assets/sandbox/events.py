"""The bucket of user-level events: an object an hour for sourcegraph.com and one for all managed instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.sandbox.company.dotcom_events import DotcomEvents
from sg_assets.sandbox.company.managed_events import ManagedEvents
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.hourly_objects import Bucket, Feed
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, QUOTA, StorageApi, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BUCKET = "events"


def bucket_of(sandbox: Sandbox) -> Bucket:
    """The objects of both streams."""
    dotcom, managed = DotcomEvents(sandbox.company), ManagedEvents(PingRows(sandbox.company))
    return Bucket(
        BUCKET, "events", sandbox, (Feed("dotcom", "dotcom", dotcom.lines), Feed("managed", "managed", managed.lines))
    )


def _app(sandbox: Sandbox) -> ASGIApp:
    return StorageApi(bucket_of(sandbox)).app()


stand_in = StandIn("events", {"SG_EVENTS_BUCKET": BUCKET, "SG_GOOGLE_CREDENTIALS": CREDENTIALS}, _app, refuse, QUOTA)
