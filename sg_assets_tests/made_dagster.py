"""A Dagster on loopback that answers GraphQL as the real one does, with what a test says happened in its runs.

Test support; the shapes are those of Dagster 1.13, which `test_ui.py` asks for real.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sg_assets_tests.scripted_vendor import Answer, Asked, answering

JSON = Mapping[str, Any]
LOADED: JSON = {"__typename": "RepositoryLocation", "repositories": [{"name": "__repository__"}]}
RUN_ID = "0af5"


def broken(message: str) -> JSON:
    return {"__typename": "PythonError", "message": message}


def began(step: str) -> JSON:
    return {"__typename": "ExecutionStepStartEvent", "stepKey": step}


def ended(step: str) -> JSON:
    return {"__typename": "ExecutionStepSuccessEvent", "stepKey": step}


def failed(step: str) -> JSON:
    return {"__typename": "ExecutionStepFailureEvent", "stepKey": step}


def materialized(step: str, **entries: Mapping[str, object]) -> JSON:
    """`entries` are by label, such as `result={"text": "built"}`."""
    found = [{"label": label.replace("__", "/"), **entry} for label, entry in entries.items()]
    return {"__typename": "MaterializationEvent", "stepKey": step, "metadataEntries": found}


@dataclass
class MadeDagster:
    """What it has loaded, what happens in a run, page by page with its status, and what it was asked."""

    location: JSON = field(default_factory=lambda: LOADED)
    reloaded: JSON = field(default_factory=lambda: LOADED)
    versions: Mapping[str, str] = field(default_factory=dict)
    refusal: JSON | None = None
    pages: Sequence[tuple[str, Sequence[JSON]]] = (("SUCCESS", ()),)
    url: str = ""
    launched: list[JSON] = field(default_factory=list)
    reloads: int = 0

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/server_info":
            return Answer.json({"dagster_webserver_version": "1.13.27"})
        body = json.loads(asked.body)
        return Answer.json(self._said(body["query"], body["variables"]))

    def _said(self, query: str, variables: JSON) -> JSON:
        if "workspaceOrError" in query:
            entry = {"name": "sg_assets", "locationOrLoadError": self.location}
            return {"data": {"workspaceOrError": {"__typename": "Workspace", "locationEntries": [entry]}}}
        if "assetNodes" in query:
            nodes = [{"assetKey": {"path": n.split(".")}, "opVersion": v or None} for n, v in self.versions.items()]
            return {"data": {"assetNodes": nodes}}
        if "reloadRepositoryLocation" in query:
            self.reloads += 1
            found = {"__typename": "WorkspaceLocationEntry", "locationOrLoadError": self.reloaded}
            return {"data": {"reloadRepositoryLocation": found}}
        if "launchPipelineExecution" in query:
            self.launched.append(variables["params"])
            success = {"__typename": "LaunchRunSuccess", "run": {"runId": RUN_ID}}
            return {"data": {"launchPipelineExecution": self.refusal or success}}
        if variables["id"] != RUN_ID:
            return {"data": {"runOrError": {}, "logsForRun": {}}}
        number = int(variables["cursor"] or 0)
        status, events = self.pages[min(number, len(self.pages) - 1)]
        page = {
            "events": [] if number >= len(self.pages) else list(events),
            "cursor": str(number + 1),
            "hasMore": False,
        }
        return {"data": {"runOrError": {"status": status}, "logsForRun": page}}


@contextmanager
def made_dagster(home: Path, **said: Any) -> Generator[MadeDagster]:  # noqa: ANN401 (the fields of MadeDagster)
    """Serve one, and leave its address where `sg-assets up` does."""
    made = MadeDagster(**said)
    with answering(made.answer) as server:
        made.url = server.url
        home.mkdir(parents=True, exist_ok=True)
        (home / "dagster.json").write_text(json.dumps({"url": made.url, "pid": 1}))
        yield made
