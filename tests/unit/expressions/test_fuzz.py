"""Texts spoilt by chance: each is a value or a problem with a place, soon, whatever it says."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from trellis.expressions import ExpressionProblemsError, evaluate

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "expressions"
#: Seconds of work: ten minutes where everything is asked.
SECONDS = 600.0 if os.environ.get("TRELLIS_TEST_FULL") else 2.0
#: CPU seconds that one text may take; what was measured is a third of it.
MOST_SECONDS = 3.0
PIECES = (
    "(", ")", "[", "]", "{", "}", ",", ":", "..", ".", '"', "@", "?", "-", "**", "*", "/", "=",
    "!=", "<=", ">", " and ", " or ", " not(", " in ", " between ", " if ", " then ", " else ",
    " for x in ", " return ", " some x in ", " satisfies ", " instance of ", "function(", "item",
    "partial", "null", "true", "1e9", "0.1", "9" * 40, '"\\u{1F40E}"', "date(", "duration(",
    "P1Y", "__class__", "客户", "\u2028", "\x00", "\ud800", "<", "//", "/*", "*/",
)  # fmt: skip
CONTEXT = {"a": 1, "b": "text", "l": [1, 2, {"n": 3}], "c": {"d e": None}, "客户": {"等级": "vip"}}


def texts() -> list[str]:
    """Return lawful and unlawful expressions to begin with."""
    lines = [
        line.partition(" => ")[0].partition(" | ")[0]
        for name in ("values.txt", "problems.txt")
        for line in (GOLDEN / name).read_text("utf-8").splitlines()
    ]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def spoilt(chance: random.Random, known: list[str]) -> str:
    """Return a text with pieces put in, taken out, doubled or crossed with another."""
    text = chance.choice(known)
    for _ in range(chance.randrange(1, 6)):
        at, to = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        match chance.randrange(5):
            case 0:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[to:]
            case 2:
                text = text[:to] + text[at:to] * chance.randrange(1, 4) + text[to:]
            case 3:
                other = chance.choice(known)
                text = text[:at] + other[chance.randrange(len(other)) :]
            case _:
                text = f"({text}) {chance.choice(('+', '=', 'and', 'in', '..'))} ({text})"
    return text[:4_000]


def test_no_spoilt_text_crashes_or_takes_long() -> None:
    seed = random.SystemRandom().randrange(10**9)
    chance, known = random.Random(seed), texts()  # noqa: S311 - a seed, to be told
    wrong: list[str] = []
    tried, answered, end = 0, 0, time.process_time() + SECONDS

    while time.process_time() < end and not wrong:
        text = spoilt(chance, known)
        began = time.process_time()
        try:
            evaluate(text, CONTEXT)
            answered += 1
        except ExpressionProblemsError as error:
            if not all(0 <= one.start <= len(text) for one in error.problems):
                wrong.append(f"a place outside {text!r}")
        except Exception as error:
            wrong.append(f"{error!r} for {text!r}")
        if time.process_time() - began > MOST_SECONDS:
            wrong.append(f"too long: {text!r}")
        tried += 1

    assert wrong == [], f"seed {seed}"
    assert 0 < answered < tried
