"""What the documentation shows works: Python runs, commands and targets exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser
from trellis.cli.main import build_parser
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
_INLINE = re.compile(r"`((?:make|trellis) [^`]+)`")


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(program: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (page, words) for every command of a program that a page shows."""
    for page in PAGES:
        text = page.read_text("utf-8")
        lines = [line for block in _FENCED.findall(text) for line in block.splitlines()]
        for line in [*lines, *_INLINE.findall(text)]:
            shown = line.split("  #")[0].strip()
            if shown.startswith(f"{program} ") and "…" not in shown:
                yield names(page), shlex.split(shown)[1:]


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_python_in_a_page_runs(page: Path) -> None:
    examples = list(Document.parse(str(page), PythonCodeBlockParser()).examples())

    for example in examples:
        example.evaluate()
    assert len(examples) == page.read_text("utf-8").count("```python")


def test_the_first_app_of_the_readme_has_no_problem() -> None:
    block = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    files = {
        text.partition("\n")[0].removeprefix("# "): text.encode()
        for text in block[0].split("---\n")
    }

    catalog = compile_catalog([package_from_files(files)])

    assert set(files) == {"app.yaml", "objects.yaml"}
    assert {"subject", "amount", "big"} <= set(catalog.objects["request"].fields)


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    shown = {word for _, words in commands("make") for word in words if "=" not in word}

    assert {"run", "test", "check"} <= shown
    assert shown <= targets


@pytest.mark.parametrize(("page", "words"), list(commands("trellis")))
def test_every_command_that_is_shown_is_understood(page: str, words: list[str]) -> None:
    assert build_parser().parse_args(words).run


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{names(page)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
