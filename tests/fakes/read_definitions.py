"""Run as a program: reads definition files and prints what came of each, and what it took."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from trellis.metadata.source import read_source
from trellis.problems import ProblemsFoundError


def outcome(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    before, begin = _megabytes(), time.process_time()
    problems: list[str] = []
    try:
        read_source(content, file=path.name)
    except ProblemsFoundError as error:
        problems = [problem.code for problem in error.problems]
    return {
        "problems": problems,
        "seconds": time.process_time() - begin,
        "megabytes": _megabytes() - before,
    }


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps({Path(name).name: outcome(Path(name)) for name in sys.argv[1:]}))
