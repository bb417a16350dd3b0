"""Writes `docs/permissions.md`: the least rights that each credential needs, as the code declares them.

`make docs` runs it; a test compares the file with what `render` gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from docs import deployment_rights
from sg_assets import discovery
from sg_assets.alerts import configured
from sg_assets.discovery import System
from sg_assets.right import Right
from sg_assets.warehouse import bigquery_rights

PATH = Path(__file__).with_suffix(".md")
HEAD = """\
# Permissions

The least rights with which everything works, in the vendors' own words. A right to change something is marked as such;
every other one only reads. `sg-assets doctor` asks whether they are there, and warns of more where the vendor tells.
Made by `make docs` from what each source, destination and channel declares. The end is about deployments.
"""
WAREHOUSE = (
    "Asks which rights to change the bucket of SG_BIGQUERY_STAGING it has (buckets.testIamPermissions). Of BigQuery "
    "not asked: a predefined role is wider than any single table; give it on datasets, not on the project."
)


def render(systems: Iterable[System]) -> str:
    """The page's text: a section for the warehouse, each system, each kind of channel, and parts of a deployment."""
    parts = [HEAD, *_section("Warehouse: BigQuery", (), bigquery_rights.NEEDS, WAREHOUSE)]
    for system in systems:
        reached = system.reached
        secrets = [variable.name for variable in reached.variables if variable.is_secret]
        if reached.is_url_secret:
            secrets.insert(0, reached.url_variable)
        parts += _section(system.name, secrets, reached.needs, reached.excess)
    for kind, needs in configured.NEEDS.items():
        parts += _section(f"Alerts: {kind}", configured.NEEDED[kind], needs, "")
    parts += deployment_rights.sections(_section)
    return "\n".join(parts)


def _section(title: str, variables: Iterable[str], needs: Iterable[Right], excess: str, who: str = "") -> Iterator[str]:
    yield f"## {title}\n"
    if who:
        yield who
    if listed := ", ".join(f"`{name}`" for name in variables):
        yield f"Credential: {listed}.\n"
    yield "| right | on | what for |\n|---|---|---|"
    for right in needs:
        changes = " (changes something)" if right.writes else ""
        yield f"| {_cell(right.name)}{changes} | {_cell(right.on)} | {_cell(right.why)} |"
    yield f"\nToo much: {excess[:1].lower()}{excess[1:]}\n" if excess else ""


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PATH.write_text(render(discovery.project().systems))
    print(f"wrote {PATH}")
