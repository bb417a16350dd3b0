"""What Amplitude's export looks like: a ZIP of gzipped lines of JSON, one file an hour, and an event in it."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sg_assets.sandbox.amplitude_memory import Taken


def zipped(project: int, found: Sequence[Taken], extra: Mapping[str, str]) -> bytes:
    """The archive of some events, each with further fields."""
    hours: dict[str, list[Taken]] = defaultdict(list)
    for one in found:
        hours[f"{one.at:%Y-%m-%d}_{one.at.hour}"].append(one)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for hour, events in hours.items():
            lines = "\n".join(json.dumps({**exported(project, one), **extra}) for one in events) + "\n"
            archive.writestr(f"{project}/{project}_{hour}#0.json.gz", gzip.compress(lines.encode(), 1, mtime=0))
    return packed.getvalue()


def exported(project: int, one: Taken) -> dict[str, object]:
    """An event as the export shows it."""
    fields, uploaded = one.fields, _time(one.at)
    happened = _time(datetime.fromtimestamp(fields.get("time", one.at.timestamp() * 1000) / 1000, UTC))
    id_ = sha256(f"{project}/{one.number}".encode()).hexdigest()
    who = fields.get("user_id") or one.device
    return {
        "$insert_id": fields.get("insert_id"),
        "$schema": None,
        "amplitude_id": int(sha256(who.encode()).hexdigest()[:11], 16),
        "app": project,
        "client_event_time": happened,
        "client_upload_time": uploaded,
        "country": None,
        "data": {},
        "device_id": one.device,
        "event_id": one.number,
        "event_properties": fields.get("event_properties", {}),
        "event_time": happened,
        "event_type": fields["event_type"],
        "group_properties": {},
        "groups": fields.get("groups", {}),
        "ip_address": None,
        "library": "http/2.0",
        "platform": fields.get("platform"),
        "processed_time": _time(one.at + timedelta(seconds=40)),
        "server_received_time": uploaded,
        "server_upload_time": uploaded,
        "session_id": fields.get("session_id", -1),
        "user_id": fields.get("user_id"),
        "user_properties": fields.get("user_properties", {}),
        "uuid": f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:32]}",
        "version_name": fields.get("app_version"),
    }


def _time(at: datetime) -> str:
    """A time as the export writes it: in UTC, and without saying so."""
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"
