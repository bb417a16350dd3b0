"""What is written for people is true: commands exist, examples work, variables are all there."""

import ast
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, urlsplit

import click
import pyarrow as pa
import pytest
import yaml

from docs import permissions
from docs.env_example import render
from sg_assets import cli, discovery, housekeeping, sql_file, variables
from sg_assets.alerts import health
from sg_assets.destination import Destination, Send
from sg_assets.freshness import gap, problems, trouble
from sg_assets.freshness.graph import Graph, check_promises
from sg_assets.source import Pull, Source
from sg_assets_tests.scripted_vendor import Answer, scripted

ROOT = Path(__file__).parents[1]
RUNBOOK = ROOT / "docs" / "runbook.md"
FILLED = ROOT / "docs" / "filled-tables.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", RUNBOOK, ROOT / "docs" / "security.md", FILLED]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def example_source(tmp_path: Path) -> Source:
    (tmp_path / "status_page.py").write_text(blocks(ROOT / "README.md", "python")[0])
    module = ModuleType("status_page")
    code = compile((tmp_path / "status_page.py").read_text(), str(tmp_path / "status_page.py"), "exec")
    exec(code, vars(module))  # noqa: S102 (our own page)
    (source,) = (value for value in vars(module).values() if isinstance(value, Source))
    return source


@pytest.fixture
def status_page() -> Iterator[str]:
    """The vendor of the README's example: two pages of incidents, for whoever has the key."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(parse_qs(urlsplit(self.path).query)["page"][0])
            rows = [{"id": f"{page}{n}", "created_at": "2026-01-09T00:00:00Z"} for n in "ab"] if page <= 2 else []
            self.send_response(200 if self.headers["Authorization"] == "OAuth k" else 403)
            self.end_headers()
            self.wfile.write(json.dumps(rows).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_source_in_the_readme_fetches(tmp_path: Path, status_page: str) -> None:
    source = example_source(tmp_path)
    settings = {"SG_STATUS_PAGE_KEY": "k"}
    (raw,) = source.tables.values()
    assert raw.fetch
    with source.connect(status_page, settings) as http:
        pages = list(raw.fetch(Pull(http, settings, datetime(2026, 1, 10, tzinfo=UTC))))
    assert [row["id"] for page in pages for row in page.rows] == ["1a", "1b", "2a", "2b"]


def test_the_table_in_the_readme_fits_its_source(tmp_path: Path) -> None:
    folder = tmp_path / "tables" / "support"
    folder.mkdir(parents=True)
    (folder / "incident_day.sql").write_text(blocks(ROOT / "README.md", "sql")[0])
    (table,) = sql_file.read_all(tmp_path / "tables")
    raw = [raw.table for raw in example_source(tmp_path).tables.values()]
    graph = Graph.of([*raw, table])
    check_promises(graph)
    assert [wanted.table for wanted in table.inputs] == ["raw_status_page.incident"]
    (case,) = yaml.safe_load(blocks(ROOT / "README.md", "yaml")[0])
    assert set(case["given"]) == {"raw_status_page.incident"}
    assert set(case["expected"][0]) == {column.name for column in table.columns}


def test_the_destination_in_the_readme_sends(tmp_path: Path) -> None:
    file = tmp_path / "support_desk.py"
    file.write_text(blocks(ROOT / "README.md", "python")[1])
    module = ModuleType("support_desk")
    exec(compile(file.read_text(), str(file), "exec"), vars(module))  # noqa: S102 (our own page)
    (desk,) = (value for value in vars(module).values() if isinstance(value, Destination))
    graph = discovery.graph()
    (ledger,) = desk.ledgers(graph.tables)
    check_promises(Graph.of([*graph, ledger]))
    rows = pa.table({"account_id": ["a", "b"], "account_name": ["Amber", "Birch"]})
    settings = {"SG_SUPPORT_DESK_KEY": "k"}
    with scripted(Answer.json({})) as vendor, desk.system.connect(vendor.url, settings) as http:
        sent = list(desk.sendings["company"].send(Send(http, settings, datetime(2026, 1, 10, tzinfo=UTC), rows)))
    assert json.loads(vendor.asked[0].body) == {"companies": rows.to_pylist()}
    assert [receipt.is_accepted for receipts in sent for receipt in receipts] == [True, True]


def test_every_make_command_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    written = {target for page in PAGES for target in re.findall(r"\bmake ([a-z-]+)\b", code_of(page))}
    assert {"up", "test"} <= written
    assert written - targets == set()


def test_every_command_of_ours_exists() -> None:
    written = [words.split() for page in PAGES for words in re.findall(r"sg-assets ((?:[a-z-]+ ?)+)", code_of(page))]
    assert {words[0] for words in written} >= {"status", "refresh", "query", "tables"}
    for words in written:
        command: click.Command = cli.main
        for word in words:
            if isinstance(command, click.Group):
                assert word in command.commands
                command = command.commands[word]


def test_every_option_in_the_readme_exists() -> None:
    used = re.compile(r"sg-assets ((?:[a-z][a-z-]* ?)+)[^\n#|`]*?(--[a-z-]+)")
    for words, option in used.findall(code_of(ROOT / "README.md")):
        command: click.Command = cli.main
        for word in words.split():
            command = command.commands[word] if isinstance(command, click.Group) else command
        assert option in {known for parameter in command.params for known in parameter.opts}


def test_every_path_that_is_named_exists() -> None:
    example = re.compile(r"status_page|incident_day|<")
    for page in PAGES:
        named = re.findall(r"`((?:sg_assets|sg_assets_tests|docs|benchmarks)/[^`\s]*)`", page.read_text())
        linked = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        assert [path for path in named if not example.search(path) and not (ROOT / path).exists()] == []
        assert [path for path in linked if not (page.parent / path).exists()] == []


def test_every_variable_in_the_readme_is_read() -> None:
    known = {variable.name for variable in variables.every(discovery.reached())} | {
        "SG_STATUS_PAGE_KEY",
        "SG_SUPPORT_DESK_KEY",
    }
    assert set(re.findall(r"SG_[A-Z_]+", (ROOT / "README.md").read_text())) - known == set()


def test_the_example_of_variables_is_what_the_code_reads() -> None:
    expected = render(variables.every(discovery.reached()))
    assert (ROOT / ".env.example").read_text() == expected, "out of date: make docs"


def test_the_page_of_permissions_is_what_the_code_declares() -> None:
    assert permissions.PATH.read_text() == permissions.render(discovery.project().systems), "out of date: make docs"


def test_contributing_stays_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 60


def code_of(page: Path) -> str:
    """What is set as code on a page: blocks and spans, one a line."""
    text = page.read_text()
    blocks: list[str] = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans: list[str] = re.findall(r"`([^`\n]+)`", text)
    return "\n".join(blocks + spans)


def test_the_runbook_says_what_to_do_for_each_kind_of_alert() -> None:
    _, _, alerts = RUNBOOK.read_text().partition("\n## Alerts\n")
    sections = re.findall(r"^### (\S+)\n\n(.+?)(?=^### |\Z)", alerts, re.MULTILINE | re.DOTALL)
    kinds = [*problems.KINDS, *trouble.KINDS, gap.KIND, *health.KINDS]
    assert [name for name, _ in sections] == kinds
    assert all(len(words) > 100 for _, words in sections)


def test_every_kind_of_problem_is_one_of_those() -> None:
    known = {"LATE", "FAILING", "CHECK", "CRASHED", "STOPPED", "TICK", "HOUSEKEEPING", "KIND"}
    for path in (ROOT / "sg_assets" / "freshness").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                names = {found.id for found in ast.walk(node.args[1]) if isinstance(found, ast.Name)}
                assert names <= known | {"frozenset", "aspects"}, path
                assert not any(isinstance(found, ast.Constant) for found in ast.walk(node.args[1])), path


def test_what_the_runbook_says_is_kept_is_so() -> None:
    page = RUNBOOK.read_text()
    assert f"`SG_KEEP_RUNS` ({housekeeping.KEEP_RUNS}) days" in page
    assert f"`SG_KEEP_HISTORY` ({housekeeping.KEEP_HISTORY}) days" in page
    minute, hour = housekeeping.CRON.split()[:2]
    assert f"{int(hour):02}:{int(minute):02} UTC" in page
    assert f"--version {version('dagster')} " in page
