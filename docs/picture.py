"""Takes `docs/lineage.png`: the global lineage by group, as the running UI shows it, with a headless Chromium.

    make up &  make picture

Needs Debian's package chromium (or another Chromium on the path); nothing else of the project does.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PATH = Path(__file__).parent / "lineage.png"
WIDTH, HEIGHT, SCALE = 4000, 2800, 0.45  # of the page, so that each group shows how many are well; and of the picture
SETTLED_MS = 90_000  # of the page's own time, which runs as fast as the page can
MAX_BYTES = 1_000_000


def take(port: int, path: Path) -> None:
    """Write the picture to `path`."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium found: apt-get install chromium")
    address = f"http://127.0.0.1:{port}/asset-groups"
    quiet = ["no-first-run", "disable-gpu", "disable-quic", "disable-sync", "hide-scrollbars", "no-sandbox"]
    quiet += ["disable-background-networking", "disable-component-update"]
    with tempfile.TemporaryDirectory() as profile:
        options = [
            *quiet,
            f"user-data-dir={profile}",
            f"window-size={WIDTH},{HEIGHT}",
            f"force-device-scale-factor={SCALE}",
        ]
        options += [f"virtual-time-budget={SETTLED_MS}", f"screenshot={path.resolve()}"]
        command = [chromium, "--headless", *(f"--{option}" for option in options), address]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)  # noqa: S603
    if ended.returncode:
        sys.exit(ended.stderr)
    if path.stat().st_size > MAX_BYTES:
        sys.exit(f"{path} is larger than {MAX_BYTES} bytes")
    print(f"wrote {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    take(asked.port, asked.out)
