"""Every mistake of the golden packages is told exactly as written there.

A golden file is a small package with the problems that are expected of it. After a change that
is meant, `TRELLIS_GOLDEN=write pytest tests/unit/metadata/test_problem_texts.py` writes them anew;
read what it wrote as somebody who has never seen the code.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files
from trellis.problems import ProblemsFoundError

ROOT = Path(__file__).parents[3]
CASES = sorted((ROOT / "tests/golden/metadata_problems").glob("*.yaml"))
APP = "app: shop\nversion: 1.0.0\nlabel: Shop\n"
#: Too much for a text file here, or no file at all; test_source and test_package have them.
NOT_FILES = {"META001", "META002", "META013", "META070", "META071", "META092"}
_yaml = YAML()
_yaml.width = 200


def problems_of(files: dict[str, str], other: dict[str, str] | None) -> str:
    try:
        packages = [package_from_files(_bytes(other), prefix="other/")] if other else []
        compile_catalog([*packages, package_from_files(_bytes(files))])
    except ProblemsFoundError as error:
        return str(error) + "\n"
    return "no problems\n"


def _bytes(files: dict[str, str]) -> dict[str, bytes]:
    texts = files if any(name.startswith("app.") for name in files) else {"app.yaml": APP, **files}
    return {name: text.encode() for name, text in texts.items()}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_mistakes_of_a_package_are_told(path: Path) -> None:
    case = _yaml.load(path.read_text("utf-8"))

    told = problems_of(dict(case["files"]), dict(case["other"]) if "other" in case else None)

    if os.environ.get("TRELLIS_GOLDEN") == "write":
        case["problems"] = LiteralScalarString(told)
        with path.open("w", encoding="utf-8") as file:
            _yaml.dump(case, file)
    assert told == case["problems"]


def codes_in_code() -> set[str]:
    files = [*(ROOT / "platform/metadata").rglob("*.py"), ROOT / "platform/problems.py"]
    return {code for file in files for code in re.findall(r'"(META\d{3})"', file.read_text())}


def test_every_code_has_a_golden_case() -> None:
    shown = {code for path in CASES for code in re.findall(r"\[(META\d{3})\]", path.read_text())}

    assert codes_in_code() - shown == NOT_FILES


def test_every_problem_says_how_to_mend_it() -> None:
    bare = []
    for path in CASES:
        lines = _yaml.load(path.read_text("utf-8"))["problems"].splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            if "[META" in line and not after.startswith("  help:"):
                bare.append(f"{path.stem}: {line}")

    assert bare == []


def test_at_least_eighty_mistakes_are_shown() -> None:
    shown = sum(path.read_text("utf-8").count(": error[") for path in CASES)

    assert shown >= 80
