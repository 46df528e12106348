"""What a business knows is data: no word of the service domain stands in the platform."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import PLATFORM, ROOT, files

WORDS = Path(__file__).with_name("domain_words.txt")
SUFFIXES = (".py", ".html", ".ts", ".yaml", ".css", ".po", ".json", ".lark", ".svg")
#: `workOrder` and `HTTPServer` fall into words as people read them.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def phrases() -> list[str]:
    lines = WORDS.read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def plain(text: str) -> str:
    """Return a text as lower-case words between single blanks; marks between words stay apart."""
    spaced = re.sub(r"[\s_-]+", " ", _HUMP.sub(" ", text))
    words = re.findall(r"[A-Za-z]+|[^A-Za-z ]+", spaced)
    return f" {' '.join(words).lower()} "


@cache
def _pattern() -> re.Pattern[str]:
    english = "|".join(phrase for phrase in phrases() if phrase.isascii())
    others = "|".join(phrase for phrase in phrases() if not phrase.isascii())
    return re.compile(f" ({english})s?(?= )|({others})")


def found_in(text: str) -> list[str]:
    """Return the phrases that a text holds."""
    return [found[1] or found[2] for found in _pattern().finditer(plain(text))]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("def open_work_orders():", "work order"),
        ("class WorkOrder:", "work order"),
        ("<b>Spare parts</b>", "spare part"),
        ('msgstr "新工单"', "工单"),
        ("TICKETS = 1", "ticket"),
    ],
)
def test_a_domain_word_is_found_however_it_is_written(text: str, phrase: str) -> None:
    assert found_in(text) == [phrase]


@pytest.mark.parametrize(
    "text", ["class EngineError:", "dispatchEvent(", "the spare rows", "site, visit"]
)
def test_words_of_other_trades_are_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_the_platform_holds_no_word_of_the_service_domain() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {phrase}"
        for path in files(PLATFORM, *SUFFIXES)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for phrase in found_in(line)
    ]

    assert found == []


def test_no_file_of_the_platform_is_named_after_the_service_domain() -> None:
    found = [
        str(path) for path in files(PLATFORM, *SUFFIXES)
        if found_in(str(path.relative_to(PLATFORM)))
    ]  # fmt: skip

    assert found == []
