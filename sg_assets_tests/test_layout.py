"""The layout of the repository is a tested rule: what stands beside what, how long files are, what is not written."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "sg_assets").rglob("*.py"))
TESTING = ROOT / "sg_assets_tests"
TESTS = sorted(TESTING.rglob("*.py"))
SCRIPTS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "docs").rglob("*.py")])
SQL = sorted((ROOT / "sg_assets" / "tables").rglob("*.sql"))
MAX_LINES = 260
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "lib", "base", "constants", "misc", "core", "py"}

# Modules without a test file of their own, and the file that tests them: parts of one thing that is tested as a whole.
TESTED_ELSEWHERE = {
    "freshness/published_tables.py": "freshness/test_published.py",
    "in_process.py": "test_refresh.py",
    "ledger.py": "test_sending.py",
    "folders.py": "test_environment.py",
    "operations_tables.py": "test_operations.py",
    "prepared.py": "test_development.py",
    "warehouse/duckdb.py": "warehouse/test_contract.py",
    "sandbox/hubspot_rights.py": "test_right.py",
    "sandbox/salesforce_describe.py": "test_right.py",
    "tables/crm/checks.py": "tables/sales/test_checks.py",
    "warehouse/bigquery_rights.py": "test_docs.py",
    "warehouse/bigquery_lent.py": "warehouse/test_contract_lending.py",
    "warehouse/duckdb_ask.py": "warehouse/test_contract.py",
    "warehouse/duckdb_ensure.py": "warehouse/test_contract.py",
    "warehouse/duckdb_land.py": "warehouse/test_contract_landing.py",
    "warehouse/duckdb_load.py": "warehouse/test_contract_loading.py",
    "warehouse/duckdb_sent.py": "warehouse/test_contract_sending.py",
    "warehouse/state.py": "warehouse/test_duckdb_state.py",
    "watched.py": "freshness/test_lookout.py",
}

# Tests that need a program which only the system's packages have, and which CI installs: without it they say so.
SKIPPED_WITH_REASON = ("sources/prometheus/test_real_server.py",)


def names(paths: Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def test_every_module_says_what_belongs_in_it() -> None:
    assert names(path for path in [*MODULES, *SCRIPTS] if not ast.get_docstring(tree(path))) == []


def test_every_file_can_be_read_at_one_sitting() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in [*MODULES, *TESTS, *SCRIPTS, *SQL]}
    assert names(path for path, count in lines.items() if count > MAX_LINES) == []
    assert names(path for path, count in lines.items() if count == 0) == []


def test_names_say_what_modules_are_about() -> None:
    assert names(p for p in [*MODULES, *SCRIPTS] if BANNED_NAMES & {*p.relative_to(ROOT).parent.parts, p.stem}) == []


def test_every_module_has_its_test_file() -> None:
    missing = []
    for path in MODULES:
        inside = path.relative_to(ROOT / "sg_assets")
        own = TESTING / inside.parent / f"test_{inside.name}"
        elsewhere = TESTED_ELSEWHERE.get(str(inside))
        if path.name != "__init__.py" and not (own if elsewhere is None else TESTING / elsewhere).exists():
            missing.append(str(inside))
    assert missing == []


def test_no_exception_to_the_test_files_is_out_of_date() -> None:
    assert [m for m in TESTED_ELSEWHERE if not (ROOT / "sg_assets" / m).exists()] == []
    own = {m: TESTING / Path(m).parent / f"test_{Path(m).name}" for m in TESTED_ELSEWHERE}
    assert [m for m, test in own.items() if test.exists()] == []


def test_every_source_has_its_stand_in() -> None:
    sources = {path.stem for path in (ROOT / "sg_assets" / "sources").iterdir() if not path.stem.startswith("__")}
    assert sources
    assert sources - {path.stem for path in (ROOT / "sg_assets" / "sandbox").iterdir()} == set()


def test_every_derived_table_has_given_and_expected_rows() -> None:
    yaml = {path: TESTING / path.relative_to(ROOT / "sg_assets").with_suffix(".yaml") for path in SQL}
    assert names(path for path, cases in yaml.items() if not cases.exists()) == []


def test_every_error_is_caught_by_its_name() -> None:
    broad = []
    for path in [*MODULES, *TESTS, *SCRIPTS]:
        for handler in (node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)):
            caught = ast.walk(handler.type) if handler.type else ()
            if not handler.type or {n.id for n in caught if isinstance(n, ast.Name)} & {"Exception", "BaseException"}:
                broad.append(f"{path.relative_to(ROOT)}:{handler.lineno}")
    assert broad == []


def test_nothing_is_left_to_be_done_and_no_test_is_skipped() -> None:
    leftover = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b|mark\.(skip|xfail)|pytest\.(skip|xfail)\(")
    skips = {TESTING / path for path in SKIPPED_WITH_REASON}
    files = [path for path in [*MODULES, *TESTS, *SCRIPTS, *SQL] if path not in {Path(__file__), *skips}]
    assert names(path for path in files if leftover.search(path.read_text())) == []
