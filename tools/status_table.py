"""Write the status table of the README from `docs/reference/status.yaml`.

Usage: `python tools/status_table.py`, after a line of the file was changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SOURCE = ROOT / "docs" / "reference" / "status.yaml"
BEGIN = "<!-- status: made by tools/status_table.py from docs/reference/status.yaml -->\n"
END = "<!-- end of status -->\n"


def challenges() -> list[dict[str, Any]]:
    """Return the challenges with what works and what is planned."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(SOURCE.read_text("utf-8"))
    return loaded["challenges"]


def table() -> str:
    """Return the table."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield "| challenge | works, each with a test | planned |\n|---|---|---|\n"
    for one in challenges():
        works = "<br>".join(f"✓ {line['what']}" for line in one["works"])
        yield f"| **{one['challenge']}** | {works} | {one['planned']} |\n"


def with_table(text: str) -> str:
    """Return the README with the table in its place."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return before + BEGIN + table() + END + after


def main() -> int:
    """Write the table."""
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
