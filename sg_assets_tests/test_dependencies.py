"""What is imported is declared, what is declared has its reason, and the lock is the one of what is declared."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from docs import licences

ROOT = Path(__file__).parents[1]
OURS = {"sg_assets", "sg_assets_tests", "docs"}
ELSEWHERE = {"local_bigquery"}  # what BigQuery's emulator is, in an environment of its own with a lock of its own


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*, with_dev: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    more = project["optional-dependencies"]
    lines = project["dependencies"] + more["production"] + (more["dev"] if with_dev else [])
    return {normal(re.split(r"[<>=~\[; ]", line)[0]) for line in lines}


def imported(folder: str) -> set[str]:
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    beside = {path.stem for path in (ROOT / folder).glob("*.py")}  # scripts that are run find their neighbours
    return found - set(sys.stdlib_module_names) - OURS - ELSEWHERE - beside


def undeclared(folder: str, *, with_dev: bool) -> list[str]:
    packages = packages_distributions()
    known = declared(with_dev=with_dev)
    return [name for name in sorted(imported(folder)) if not known & {normal(p) for p in packages.get(name, ())}]


def test_what_the_package_imports_is_declared() -> None:
    assert undeclared("sg_assets", with_dev=False) == []


def test_what_tests_and_scripts_import_is_declared() -> None:
    for folder in ("sg_assets_tests", "benchmarks", "docs"):
        assert undeclared(folder, with_dev=True) == []


def locked(file: str) -> dict[str, str]:
    """Each package of a lock, with its version and hashes, without the reasons."""
    packages = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n?", "", (ROOT / file).read_text(), flags=re.MULTILINE).strip())
    return {normal(re.split(r"[=\[ ]", package)[0]): package for package in packages}


def test_the_image_has_what_is_tested_and_no_tool_of_developers() -> None:
    image, everything = locked("deploy/requirements.lock"), locked("requirements.lock")
    assert declared(with_dev=False) <= image.keys()
    assert [name for name, package in image.items() if not same(package, everything[name])] == []
    assert not {"pytest", "ruff", "pyrefly", "sqlfluff", "hypothesis"} & image.keys()


def same(one: str, other: str) -> bool:
    """Whether two lines of a lock install the same."""
    return one.split(" ", maxsplit=1)[0] == other.split(" ", maxsplit=1)[0] and hashes(one) == hashes(other)


def hashes(package: str) -> set[str]:
    return set(re.findall(r"--hash=(\S+)", package))


def test_the_lock_holds_every_declared_package_with_hashes_and_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.split(r"\n(?=\S)", lock.strip())
    assert declared(with_dev=True) <= {normal(re.split(r"[=\[ ]", package)[0]) for package in packages}
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in lock


def test_what_the_lock_installs_fits_together() -> None:
    command = [str(Path(sys.executable).parent / "uv"), "pip", "check", "--python", sys.executable]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_every_further_dependency_has_its_line() -> None:
    given = {"dagster", "dagster-webserver", "dagster-gcp", "pandas", "requests", "duckdb", "sqlglot", "pyarrow"}
    given |= {"sqlalchemy", "click", "rich", "starlette", "uvicorn", "pytest", "dagster-dg-cli"}
    reasons = (ROOT / "docs" / "decisions.md").read_text()
    further = declared(with_dev=True) - given - {"types-pyyaml", "types-requests"}
    assert [name for name in sorted(further) if name not in reasons] == []


def test_the_licence_of_every_locked_package_is_on_its_page_and_allowed() -> None:
    assert [package for package in licences.packages() if not package.is_allowed] == []
    assert licences.PATH.read_text() == licences.render(), "out of date: make docs"


def test_what_is_run_is_told_from_what_develops() -> None:
    run = {package.name for package in licences.packages() if package.is_run}
    assert {"dagster", "duckdb", "starlette", "uvloop"} <= run  # the last by an extra
    assert not run & {"pytest", "ruff", "codespell", "cyclonedx-bom"}
    assert {normal(name) for name in declared(with_dev=False)} <= run


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("unknown", False),
    ],
)
def test_a_licence_is_allowed_when_all_that_it_demands_is(licence: str, is_allowed: bool) -> None:  # noqa: FBT001
    assert licences.Package("some", "1", licence, is_run=True).is_allowed is is_allowed


def test_a_tool_that_is_only_run_may_not_become_a_part() -> None:
    assert licences.Package("codespell", "1", "GPL-2.0-only", is_run=False).is_allowed
    assert not licences.Package("codespell", "1", "GPL-2.0-only", is_run=True).is_allowed


def test_the_bill_of_materials_names_every_package_that_is_installed(tmp_path: Path) -> None:
    written = tmp_path / "sbom.json"
    program = Path(sys.executable).parent / "cyclonedx-py"
    command = [str(program), "environment", "--no-validate", "--output-file", str(written), sys.executable]
    subprocess.run(command, check=True, capture_output=True)
    components = {normal(one["name"]): one for one in json.loads(written.read_text())["components"]}
    locked = {normal(package.name) for package in licences.packages()} - licences.ELSEWHERE.keys()
    assert locked <= components.keys()
    assert all(components[name]["version"] for name in locked)
