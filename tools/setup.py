"""Set-up from a fresh clone: virtual environment, libraries, built assets; a second run is idle.

Runs on the system's Python with nothing installed, without root and without a server. What is
missing is said in one line, with how to get it. The browser's part may fail: pages are drawn on
the server and work without it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from islands import build_islands
from project import PYTHON, ROOT, VENV, digest, fail, read

STAMP = VENV / "trellis-setup"
LOCK = ROOT / "requirements.lock"


def main() -> int:
    """Bring the checkout into a state in which `make run` and `make test` work."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is what an older Python meets first)
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}",
                    "install it, then run `make setup PYTHON=python3.11`")  # fmt: skip
    wanted = digest("pyproject.toml", LOCK.name)
    if not PYTHON.exists() or read(STAMP) != wanted:
        if make_environment() != 0:
            return 1
        STAMP.write_text(wanted)
    link_types()
    if not build_islands():
        print("set-up: goes on without the browser's part: pages work, islands do not", flush=True)
    return 0


def make_environment() -> int:
    """Make the virtual environment and install the project into it."""
    if not PYTHON.exists():
        print("making .venv …", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode != 0:
            # A half-made one has a Python and no pip, and would fail later with another text.
            shutil.rmtree(VENV, ignore_errors=True)
            return fail("the virtual environment could not be made",
                        "on Debian and Ubuntu: apt-get install python3-venv")  # fmt: skip
    print("installing Python libraries …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check",
               "-c", str(LOCK), "-e", ".[test]"]  # fmt: skip
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        how = "pip says why above; it needs PyPI, or a mirror named in PIP_INDEX_URL"
        return fail("the Python libraries could not be installed", how)
    return 0


def link_types() -> None:
    """Let static tools find `platform/` under its import name."""
    link = ROOT / ".types" / "trellis"
    link.parent.mkdir(exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path("..") / "platform")


if __name__ == "__main__":
    sys.exit(main())
