"""Where things are in a checkout, and words that the tools share. Python's own library only."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def digest(*names: str) -> str:
    """Return a hash over the given files of the checkout."""
    total = hashlib.sha256()
    for name in names:
        path = ROOT / name
        total.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return total.hexdigest()


def read(path: Path) -> str:
    """Return a file's text, empty when there is none."""
    return path.read_text("utf-8") if path.exists() else ""


def fail(what: str, how: str) -> int:
    """Say in one line what is missing and how to mend it; return the exit code."""
    print(f"set-up: {what}: {how}", file=sys.stderr)
    return 1
