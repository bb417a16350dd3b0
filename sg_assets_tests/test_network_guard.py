"""The guard of `conftest.py`: whatever leaves this machine is refused, wherever it is tried."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sg_assets_tests.network_guard.sitecustomize import REFUSED, is_here

FOREIGN = "192.0.2.1"  # reserved for documentation (RFC 5737): nothing is there


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where refusals go instead, since here they are expected."""
    monkeypatch.setenv(REFUSED, str(tmp_path / "refused.txt"))
    return tmp_path / "refused.txt"


def test_a_foreign_address_is_refused_and_noted(refused: Path) -> None:
    with socket.socket() as ours, pytest.raises(ConnectionRefusedError, match="only this machine"):
        ours.connect((FOREIGN, 80))
    assert FOREIGN in refused.read_text()


def test_a_foreign_name_is_not_even_looked_up(refused: Path) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get("https://example.com", timeout=5)
    assert "getaddrinfo to 'example.com'" in refused.read_text()


def test_a_datagram_is_refused(refused: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as ours, pytest.raises(ConnectionRefusedError):
        ours.sendto(b"hello", (FOREIGN, 53))
    assert refused.exists()


def test_programs_that_a_test_starts_are_guarded_too(refused: Path) -> None:
    program = f"import socket; socket.create_connection(('{FOREIGN}', 80), 5)"
    ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert "only this machine" in ended.stderr
    assert FOREIGN in refused.read_text()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5) as ours:
        assert ours.getpeername() == server.getsockname()


@pytest.mark.parametrize("host", [None, "", "localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine(host: object) -> None:
    assert is_here(host)


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "localhost.example.com", "::2", "169.254.169.254"])
def test_not_this_machine(host: str) -> None:
    assert not is_here(host)


def test_no_variable_of_the_developer_is_seen() -> None:
    assert {name for name in os.environ if name.startswith("SG_")} == {"SG_HOME"}
