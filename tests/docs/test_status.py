"""The README says of every feature which test proves it, and promises nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.status_table import README, challenges, with_table

ROOT = Path(__file__).resolve().parents[2]
PROOFS = [line["test"] for one in challenges() for line in one["works"]]


def test_the_table_is_the_one_that_the_file_makes() -> None:
    text = README.read_text("utf-8")

    assert text == with_table(text), "run `python tools/status_table.py`"


def test_the_five_challenges_are_answered_each_by_something_that_works() -> None:
    assert len(challenges()) == 5
    assert all(one["works"] and one["planned"] for one in challenges())


@pytest.mark.parametrize("proof", PROOFS)
def test_the_test_that_proves_a_line_is_there(proof: str) -> None:
    file, _, name = proof.partition("::")

    tree = ast.parse((ROOT / file).read_text("utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_screenshot_is_there_and_small() -> None:
    assert (ROOT / "docs" / "images" / "home.png").stat().st_size < 300_000
