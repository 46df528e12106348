"""The reference of problem codes is what the code tells."""

from __future__ import annotations

import re

from tools.problem_reference import TARGET, WORDS, reference


def rows() -> dict[str, str]:
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", TARGET.read_text("utf-8"), re.M)
    return {code: words.strip() for code, words in found}


def test_the_page_is_the_one_that_the_code_makes() -> None:
    told = "run `python tools/problem_reference.py`, and read what it wrote"

    assert TARGET.read_text("utf-8") == reference(), told


def test_every_code_has_words() -> None:
    assert [code for code, words in rows().items() if not words] == []


def test_no_words_are_kept_for_a_code_that_is_gone() -> None:
    assert set(WORDS) <= set(rows())


def test_known_codes_of_every_kind_are_found() -> None:
    assert {"META021", "FEEL010", "HIST001", "APPLY001", "REV_CONFLICT"} <= set(rows())
