"""What small texts could make of time and memory: each is answered soon, or stopped by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from trellis.expressions import encode
from trellis.expressions.wire import is_too_large

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "expressions"
#: Twice and more what was measured, for slower machines.
MOST_SECONDS = 3.0
MOST_MEGABYTES = 80
_MEASURE = """
import resource, sys, time
from trellis.expressions import ExpressionProblemsError, encode, evaluate
evaluate("1 + 1", {})
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
for text in sys.stdin.read().splitlines():
    try:
        encode(evaluate(text, {}))
    except (ExpressionProblemsError, ValueError) as error:
        assert "more than" in str(error) or "deeper than" in str(error), error
    used = time.process_time() - start
    size = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"{used:.2f} {size} {text[-80:]}")
    start = time.process_time()
"""


def _texts() -> list[str]:
    lines = (GOLDEN / "bombs.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def measured() -> list[str]:
    """Give the seconds and megabytes that each text took in one process."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE], input="\n".join(_texts()), text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_every_text_is_answered_soon(measured: list[str]) -> None:
    slow = [line for line in measured if float(line.split()[0]) > MOST_SECONDS]

    assert len(measured) == len(_texts())
    assert slow == []


def test_no_text_takes_much_memory(measured: list[str]) -> None:
    assert [line for line in measured if int(line.split()[1]) > MOST_MEGABYTES] == []


def test_a_value_that_holds_a_list_many_times_is_too_large_to_be_sent() -> None:
    value: list[object] = [1]
    for _ in range(40):
        value = [value, value]

    assert is_too_large(value)
    assert not is_too_large([[1, 2], {"a": [3]}])
    with pytest.raises(ValueError, match="more than 150000 parts"):
        encode(value)
