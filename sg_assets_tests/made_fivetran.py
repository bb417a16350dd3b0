"""A Fivetran on loopback whose syncs end as soon as they are asked for: test support.

The sandbox's takes as long as real ones do; what following one means is tested with that, in a time of its own.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sg_assets_tests.scripted_vendor import Answer, Asked, answering

ENDED = "2026-11-21T06:25:00.000000Z"


@dataclass
class MadeFivetran:
    """Its connections, by id: the schema, and the field in which the end of a sync is seen; and what changed them."""

    connections: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {"a_b": ("salesforce", "succeeded_at"), "c_d": ("hubspot", "failed_at")}
    )
    variables: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        parts = asked.path.removeprefix("/v1/connections").strip("/").split("/")
        if parts == [""]:
            return Answer.json({"data": {"items": [self._item(one) for one in self.connections]}})
        if asked.method != "GET":
            self.asked.append((asked.method, asked.path))
            return Answer.json({"code": "Success"})
        return Answer.json({"data": self._item(parts[0])})

    def _item(self, name: str) -> dict[str, object]:
        schema, end = self.connections[name]
        ended = {end: ENDED} if ("POST", f"/v1/connections/{name}/sync") in self.asked else {}
        state = "broken" if name in self.broken else "connected"
        status = {"setup_state": state, "sync_state": "scheduled"}
        return {"id": name, "schema": schema, "service": schema, "paused": False, "status": status, **ended}


@contextmanager
def made_fivetran() -> Generator[MadeFivetran]:
    """Serve one; `variables` are those by which production reaches it."""
    made = MadeFivetran()
    with answering(made.answer) as vendor:
        made.variables = {
            "SG_ENV": "production",
            "SG_FIVETRAN_URL": vendor.url,
            "SG_FIVETRAN_API_KEY": "k",
            "SG_FIVETRAN_API_SECRET": "s",
        }
        yield made
