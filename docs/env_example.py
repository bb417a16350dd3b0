"""Writes `.env.example`: every environment variable that the code reads, with one line on each.

`make docs` runs it; a test compares the file with what `render` gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sg_assets import discovery, variables
from sg_assets.source import Variable

PATH = Path(__file__).parents[1] / ".env.example"
HEAD = """\
# Every variable that is read, all of them optional: with none set, the sandbox runs. A source is connected once all of
# its variables are set. Copy this file to .env and set there what you need. Made by `make docs`.
"""


def render(described: Iterable[Variable]) -> str:
    """The file's text: each variable commented out, with its default where it has one."""
    lines = [HEAD]
    for variable in described:
        secret = " (secret)" if variable.is_secret else ""
        lines.append(f"# {variable.description}{secret}\n#{variable.name}={variable.default or ''}\n")
    return "\n".join(lines)


if __name__ == "__main__":
    PATH.write_text(render(variables.every(discovery.reached())))
    print(f"wrote {PATH}")
