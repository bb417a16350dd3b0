"""Documents of made-up tables, as `tables list --json --full` has them. Test support; nothing here is tested."""

from __future__ import annotations

from typing import Any

PROMISE = {"cron": "20 * * * *", "timezone": "UTC", "warn_seconds": 4 * 3600, "fail_seconds": 8 * 3600}


def column(name: str, type_: str = "STRING", description: str = "What it is.", class_: str = "none") -> dict[str, str]:
    return {"name": name, "type": type_, "description": description, "class": class_}


def document(name: str, *deps: str, columns: tuple[str, ...] = ("id",), **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A table that reads `deps`; `more` are fields that are otherwise."""
    kind = "raw" if name.startswith("raw_") else "derived"
    return {
        "table": name,
        "kind": kind,
        "delivery": "pull" if kind == "raw" else None,
        "source": None,
        "deps": list(deps),
        "owner": "team:a",
        "description": "One row.",
        "promise": PROMISE,
        "partitioned": False,
        "key": ["id"],
        "columns": [column(one) for one in columns],
        "file": f"sg_assets/tables/{name.replace('.', '/')}.sql",
        "inputs": [{"table": dep, "lookup": False, "optional": False, "days": [0, 0]} for dep in deps],
        "sql": f"select id from {deps[0]}" if deps else None,
        "partition": None,
        **more,
    }


def documents(*made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["table"]: one for one in made}
