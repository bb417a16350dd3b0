import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

import pytest
import requests

from sg_assets.sandbox import server
from sg_assets_tests.processes import process
from sg_assets_tests.sandbox.world import ANCHOR, Storage, made_up


def test_every_stand_in_is_under_its_source(url: str) -> None:
    assert requests.get(f"{url}/pings/storage/v1/b/pings/o", timeout=20).status_code == 401
    assert requests.get(f"{url}/salesforce/services/data/v59.0/limits", timeout=20).status_code == 401
    assert (
        requests.post(f"{url}/site_admin/.api/graphql", json={"query": "{ dotcom { x } }"}, timeout=20).status_code
        == 200
    )
    assert requests.get(f"{url}/nothing/", timeout=20).status_code == 404
    assert urlparse(url).hostname == "127.0.0.1"


def test_a_stopped_server_gives_its_port_back(tmp_path: Path) -> None:
    running = server.start(made_up(tmp_path))
    port = urlparse(running.url).port
    assert port is not None
    running.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(running.url, timeout=2)
    again = server.start(made_up(tmp_path), port)
    assert again.url == running.url
    again.stop()


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            server.start(made_up(tmp_path), taken.getsockname()[1])


def test_a_process_starts_one_server_for_a_sandbox(tmp_path: Path) -> None:
    world = made_up(tmp_path)
    first, again = server.of_this_process(world), server.of_this_process(world)
    other = server.of_this_process(made_up(tmp_path))  # another clock: another world
    assert first is again
    assert other.url != first.url
    for one in (first, other):
        one.stop()


def test_a_forked_child_starts_its_own(tmp_path: Path) -> None:
    code = f"""
import os, sys
from datetime import datetime
from pathlib import Path
from sg_assets.sandbox import server
from sg_assets.sandbox.sandbox import Sandbox
anchor = datetime.fromisoformat({ANCHOR.isoformat()!r})
world = Sandbox(1, anchor, 0.1, lambda: anchor, Path({str(tmp_path)!r}))
mine = server.of_this_process(world).url
sys.stdout.flush()
child = os.fork()
if child == 0:
    os._exit(0 if server.of_this_process(world).url != mine else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_it_serves_in_the_foreground_until_it_is_told_to_end(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"""
from datetime import datetime
from pathlib import Path
from sg_assets.sandbox import server
from sg_assets.sandbox.sandbox import Sandbox
anchor = datetime.fromisoformat({ANCHOR.isoformat()!r})
server.run_forever(Sandbox(1, anchor, 0.1, lambda: anchor, Path({str(tmp_path)!r})), {port})
"""
    with process([sys.executable, "-c", code]) as child:
        storage = Storage(f"http://127.0.0.1:{port}", "pings")
        for _ in range(200):
            try:
                assert storage.names("archive/") == ["archive/pings-2022.ndjson.gz"]
                break
            except requests.ConnectionError:
                assert child.poll() is None
                time.sleep(0.05)
        child.terminate()
        assert child.wait(10) in {0, -15}
