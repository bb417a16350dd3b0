"""The Dagster that runs in this checkout, asked over GraphQL: is it there, launch this, what became of it?

`sg-assets up` leaves its address in the state folder. Without importing Dagster, which takes longer than asking it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sg_assets.http import Client, SourceError

ALL_ASSETS_JOB = "__ASSET_JOB"
POLL_SECONDS = 0.5
ANSWER_SECONDS = 5

PLACES = """{ workspaceOrError { __typename ... on PythonError { message } ... on Workspace { locationEntries {
    name locationOrLoadError { __typename ... on PythonError { message }
        ... on RepositoryLocation { repositories { name } } } } } } }"""
VERSIONS = "query Versions($keys: [AssetKeyInput!]) { assetNodes(assetKeys: $keys) { assetKey { path } opVersion } }"
RELOAD = """mutation Reload($location: String!) { reloadRepositoryLocation(repositoryLocationName: $location) {
    __typename ... on PythonError { message } ... on WorkspaceLocationEntry {
        locationOrLoadError { __typename ... on PythonError { message } } } } }"""
LAUNCH = """mutation Launch($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) { __typename
    ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
EVENTS = """query Events($id: ID!, $cursor: String) {
    runOrError(runId: $id) { ... on Run { status } }
    logsForRun(runId: $id, afterCursor: $cursor) { ... on EventConnection { cursor hasMore events {
        __typename ... on MessageEvent { stepKey }
        ... on MaterializationEvent { metadataEntries { label
            ... on TextMetadataEntry { text } ... on IntMetadataEntry { intValue }
            ... on FloatMetadataEntry { floatValue } ... on TimestampMetadataEntry { timestamp } } } } } } }"""
STEP_EVENTS = {
    "ExecutionStepStartEvent": "began",
    "ExecutionStepSuccessEvent": "ended",
    "ExecutionStepFailureEvent": "failed",
    "MaterializationEvent": "materialized",
}
FINISHED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})


class DagsterError(Exception):
    """The running Dagster did not do what it was asked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run.

    `what` is `began`, `materialized`, `ended` or `failed` of the step of a table, or `status` of the run, which is then
    its `status`; `metadata` is that of a materialization.
    """

    what: str
    table: str = ""
    status: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


class RunningDagster:
    """The Dagster at a URL."""

    def __init__(self, url: str) -> None:
        """Nothing is asked yet."""
        self.url = url

    def ask(self, query: str, variables: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        """What GraphQL answers.

        Raises:
            DagsterError: it cannot be reached, or did not understand.
        """
        is_question = not query.startswith("mutation")
        body = {"query": query, "variables": variables or {}}
        try:
            with Client(self.url, name="Dagster") as client:
                answer = client.post_json("/graphql", body, idempotent=is_question)
        except SourceError as error:
            msg = f"Dagster at {self.url} is gone: {error}"
            raise DagsterError(msg) from error
        if answer.get("errors"):
            msg = f"Dagster at {self.url}: {answer['errors'][0].get('message')}"
            raise DagsterError(msg)
        data: Mapping[str, Any] = answer["data"]
        return data

    def launch(
        self,
        names: Sequence[str],
        checks: Sequence[tuple[str, str]],
        tags: Mapping[str, str],
        code: Mapping[str, str],
        *,
        is_other_code: bool = False,
    ) -> str:
        """Launch one run of these tables with these checks (table, name of the check); gives its id.

        `code` are the versions of the tables' code here: where Dagster has loaded others, or may have loaded other code
        that is in no version (`is_other_code`), it loads anew first.

        Raises:
            DagsterError: nothing was launched.
        """
        location, repository = self._place()
        loaded = self.ask(VERSIONS, {"keys": [_key(name) for name in names]})["assetNodes"]
        known = {".".join(node["assetKey"]["path"]): node["opVersion"] or "" for node in loaded}
        if is_other_code or any(known.get(name) != code.get(name, "") for name in names):
            self._reload(location)
        answer = self.ask(
            LAUNCH,
            {
                "params": {
                    "selector": {
                        "repositoryLocationName": location,
                        "repositoryName": repository,
                        "jobName": ALL_ASSETS_JOB,
                        "assetSelection": [_key(name) for name in names],
                        "assetCheckSelection": [{"assetKey": _key(name), "name": check} for name, check in checks],
                    },
                    "runConfigData": {},
                    "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in tags.items()]},
                }
            },
        )["launchPipelineExecution"]
        if answer["__typename"] != "LaunchRunSuccess":
            msg = f"Dagster at {self.url} refused the run: {answer.get('message') or answer['__typename']}"
            raise DagsterError(msg)
        run_id: str = answer["run"]["runId"]
        return run_id

    def follow(self, run_id: str, names: Sequence[str]) -> Iterator[Event]:
        """What happens in a run of these tables, as it happens; the last is the status that it ended with.

        Raises:
            DagsterError: Dagster is gone, or knows nothing of it.
        """
        tables = {name.replace(".", "__"): name for name in names}
        cursor, status = None, ""
        while True:
            data = self.ask(EVENTS, {"id": run_id, "cursor": cursor})
            page, now = data["logsForRun"], data["runOrError"].get("status", "")
            if "events" not in page:
                msg = f"Dagster at {self.url} knows no run {run_id}"
                raise DagsterError(msg)
            cursor = page["cursor"]
            for event in page["events"]:
                what, table = STEP_EVENTS.get(event["__typename"]), tables.get(event.get("stepKey") or "")
                if what and table:
                    yield Event(what, table, metadata=_metadata(event.get("metadataEntries", ())))
            if page["hasMore"]:
                continue
            if now != status:
                status = now
                yield Event("status", status=status)
            if status in FINISHED:
                return
            time.sleep(POLL_SECONDS)

    def _place(self) -> tuple[str, str]:
        """The names of the code location and of the repository in it."""
        workspace = self.ask(PLACES)["workspaceOrError"]
        for entry in workspace.get("locationEntries", ()):
            found = entry["locationOrLoadError"] or {}
            if found.get("repositories"):
                return entry["name"], found["repositories"][0]["name"]
            if found.get("__typename") == "PythonError":
                msg = f"Dagster at {self.url} could not load {entry['name']}: {found['message'].strip()}"
                raise DagsterError(msg)
        msg = f"Dagster at {self.url} has loaded nothing: {workspace.get('message') or 'wait until it has started'}"
        raise DagsterError(msg)

    def _reload(self, location: str) -> None:
        answer = self.ask(RELOAD, {"location": location})["reloadRepositoryLocation"]
        found = answer.get("locationOrLoadError") or answer
        if found["__typename"] != "RepositoryLocation":
            msg = (
                f"Dagster at {self.url} could not load {location}: {found.get('message', found['__typename']).strip()}"
            )
            raise DagsterError(msg)


def find(home: Path) -> RunningDagster | None:
    """The Dagster whose address is in a state folder, where it answers."""
    try:
        url = str(json.loads((home / "dagster.json").read_text())["url"])
    except FileNotFoundError:
        return None
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/server_info")
        return RunningDagster(url) if connection.getresponse().status == 200 else None  # noqa: PLR2004 (HTTP's OK)
    except (OSError, HTTPException):
        return None  # it was killed
    finally:
        connection.close()


def _key(name: str) -> dict[str, list[str]]:
    return {"path": name.split(".")}


def _metadata(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Texts, numbers and instants by label."""
    found: dict[str, Any] = {}
    for entry in entries:
        for kind in ("text", "intValue", "floatValue"):
            if entry.get(kind) is not None:
                found[entry["label"]] = entry[kind]
        if entry.get("timestamp") is not None:
            found[entry["label"]] = datetime.fromtimestamp(entry["timestamp"], UTC)
    return found
