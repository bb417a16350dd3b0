"""What a running Dagster says of itself, asked over its GraphQL: its daemons, its code, what is switched off.

Only asks; what is wrong with the answer is judged in `health.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sg_assets.http import Client, SourceError

TIMEOUT = (3.0, 10.0)
QUERY = """{
  instance { daemonHealth { allDaemonStatuses { daemonType required lastHeartbeatTime } } }
  workspaceOrError { __typename
    ... on PythonError { message }
    ... on Workspace { locationEntries { name loadStatus locationOrLoadError { __typename
      ... on PythonError { message }
      ... on RepositoryLocation { repositories {
        schedules { name defaultStatus scheduleState { status } }
        sensors { name defaultStatus sensorState { status } }
      } }
    } } }
  }
}"""


@dataclass(frozen=True, slots=True)
class Dagster:
    """Dagster at one instant.

    Attributes:
        url: where it was asked.
        silence: why it did not answer; empty when it did.
        beats: the last heartbeat of each daemon that has to run.
        broken: code locations that do not load, with the error.
        stopped: schedules and sensors that run by default and are switched off.
    """

    url: str
    silence: str = ""
    beats: Mapping[str, datetime | None] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()


def ask(url: str) -> Dagster:
    """What Dagster at this address says of itself now."""
    try:
        with Client(url, name="dagster", timeout=TIMEOUT, patience=0) as http:
            answer = http.post_json("/graphql", {"query": QUERY}, idempotent=True)
        return _read(url, answer["data"])
    except SourceError as error:
        return Dagster(url, silence=str(error))
    except (KeyError, TypeError) as error:
        return Dagster(
            url, silence=f"dagster: not the answer of a Dagster that we know: {type(error).__name__}: {error}"
        )


def _read(url: str, data: Mapping[str, Any]) -> Dagster:
    daemons = data["instance"]["daemonHealth"]["allDaemonStatuses"]
    workspace = data["workspaceOrError"]
    broken: dict[str, str] = {}
    stopped: set[str] = set()
    if workspace["__typename"] != "Workspace":
        broken["workspace"] = workspace["message"]
    for entry in workspace.get("locationEntries", ()):
        location = entry["locationOrLoadError"]
        if location is None:  # it is being loaded
            continue
        if location["__typename"] == "PythonError":
            broken[entry["name"]] = location["message"]
        for repository in location.get("repositories", ()):
            stopped |= {_name("schedule", one) for one in repository["schedules"] if _is_stopped(one, "scheduleState")}
            stopped |= {_name("sensor", one) for one in repository["sensors"] if _is_stopped(one, "sensorState")}
    beats = {one["daemonType"]: _instant(one["lastHeartbeatTime"]) for one in daemons if one["required"]}
    return Dagster(url, beats=beats, broken=broken, stopped=frozenset(stopped))


def _is_stopped(one: Mapping[str, Any], state: str) -> bool:
    return bool(one["defaultStatus"] == "RUNNING" and one[state]["status"] == "STOPPED")


def _name(kind: str, one: Mapping[str, Any]) -> str:
    return f"{kind} {one['name']}"


def _instant(timestamp: float | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
