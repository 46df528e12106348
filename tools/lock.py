"""Write `requirements.lock`: the versions in this environment, which set-up installs everywhere.

Usage: bring the libraries of `.venv` up to date, run `make check`, then `python tools/lock.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
HEAD = "# Made by tools/lock.py: the versions that `make setup` installs, all extras.\n"
#: What environments bring themselves.
NOT_OURS = ("pip", "wheel")


def main() -> int:
    """Write the file."""
    LOCK.write_text(HEAD + "".join(f"{line}\n" for line in pinned()), "utf-8")
    return 0


def pinned() -> list[str]:
    """Return `name==version` for every installed library but our own, sorted."""
    command = [sys.executable, "-m", "pip", "freeze", "--all", "--exclude-editable"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if "==" in line]
    return sorted((line for line in lines if line.split("==")[0] not in NOT_OURS), key=str.lower)


if __name__ == "__main__":
    sys.exit(main())
