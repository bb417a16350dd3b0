import subprocess
import sys


def test_the_command_line_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "sg_assets", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: sg-assets ")
