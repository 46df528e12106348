"""Measure the expression language: twelve business expressions, compiling, and a large table.

Each engine evaluates the same twelve over the same values, ready-made as far as it can be; what it
cannot say is left out of its mean and counted. Times are of the processor, one core, the best of
five rounds. The other engines are the extra `bench`. Usage: `python bench/expressions.py [--bars]`.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from expression_engines import ENGINES
from expression_samples import CONTEXT, EXPRESSIONS, PYTHON, SCOPE
from trellis.expressions import compile_expression
from trellis.expressions.compiled import Expression
from trellis.expressions.decisions import Row, Table, compile_table
from trellis.expressions.to_python import compile_python
from trellis.expressions.types import NUMBER, STRING, Scope

ROUNDS, SECONDS = 5, 0.05
EVALUATIONS_BAR, SHARE_BAR, COMPILES_BAR, DECISION_BAR = 500_000, 0.6, 5_000, 50e-6
TABLE_ROWS = 10_000
Call = Callable[[], object]


def rate(call: Call) -> float:
    """Return how often a call can be made in a second of the processor."""
    call()
    best, count = math.inf, 16
    while True:
        used = timed(call, count)
        if used >= SECONDS:
            break
        count = max(count * 2, int(count * SECONDS * 1.2 / max(used, 1e-6)))
    for _ in range(ROUNDS):
        best = min(best, timed(call, count))
    return count / best


def timed(call: Call, count: int) -> float:
    """Return the processor's seconds for so many calls."""
    start = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - start


def mean(rates: Sequence[float]) -> float:
    """Return the geometric mean."""
    return math.exp(sum(map(math.log, rates)) / len(rates))


def bound(expression: Expression) -> Call:
    """Return the evaluation of an expression without what only the measuring would add."""
    return lambda: expression(CONTEXT)


def measure_evaluation() -> tuple[float, float]:
    """Print the rates of every expression and engine; return ours and hand-written Python's."""
    ours = [rate(bound(compile_expression(text, SCOPE))) for text in EXPRESSIONS]
    hand = [rate(lambda written=written: written(CONTEXT)) for written in PYTHON]
    print("evaluations a second         FEEL   by hand  ratio")
    for text, ours_one, hand_one in zip(EXPRESSIONS, ours, hand, strict=True):
        print(f"  {ours_one:>12,.0f} {hand_one:>12,.0f} {ours_one / hand_one:5.2f}  {text}")
    both = mean(ours), mean(hand)
    print(f"  {both[0]:>12,.0f} {both[1]:>12,.0f} {both[0] / both[1]:5.2f}  geometric mean")
    return both


def measure_others() -> None:
    """Print the means of the other engines over what each can say."""
    for name, make in ENGINES.items():
        try:
            calls: Mapping[int, Call] = make()
        except ImportError as error:
            print(f"  {name} is not installed: pip install '.[bench]' ({error.name})")
            continue
        rates = [rate(call) for call in calls.values()]
        print(f"  {mean(rates):>12,.0f}  {name}, {len(rates)} of {len(EXPRESSIONS)}")


def measure_compiling() -> float:
    """Return how many new texts are parsed, checked and compiled in a second."""
    rates = []
    for text in EXPRESSIONS:
        number = iter(range(10**9))

        def compiled(text: str = text, number: object = number) -> None:
            # A comment makes each text a new one, which nothing has kept.
            fresh = f"{text} // {next(number)}"  # type: ignore[call-overload]
            compile_python(compile_expression(fresh, SCOPE).typed)

        rates.append(rate(compiled))
    return mean(rates)


def measure_table() -> float:
    """Return the seconds of a decision over a large table."""
    kinds = [f"kind {number}" for number in range(TABLE_ROWS // 10)]
    rows = tuple(
        Row(f"{kind}/{step}", (f'"{kind}"', f"[{step}0..{step + 1}0)"), (f'"{kind}-{step}"',))
        for kind in kinds for step in range(10)
    )  # fmt: skip
    table = Table("U", ("kind", "amount"), ("level",), rows)
    compiled = compile_table(table, Scope({"kind": STRING, "amount": NUMBER}))
    contexts = [{"kind": kinds[number * 37 % len(kinds)], "amount": Decimal(number % 100)}
                for number in range(100)]  # fmt: skip
    decided = [compiled.decide(context) for context in contexts]
    if decided[1] != {"level": "kind 37-0"}:
        raise AssertionError(decided[1])
    return 1 / (rate(lambda: [compiled.decide(context) for context in contexts]) * len(contexts))


def main() -> int:
    """Print the figures; with `--bars` return 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", action="store_true", help="fail when a bar is not met")
    options = parser.parse_args()
    ours, hand = measure_evaluation()
    measure_others()
    compiles, decision = measure_compiling(), measure_table()
    held = {
        f"evaluate {ours:,.0f}/s, {ours / hand:.2f} of hand-written (bar {EVALUATIONS_BAR:,}/s or "
        f"{SHARE_BAR})": ours >= EVALUATIONS_BAR or ours / hand >= SHARE_BAR,
        f"parse, check and compile {compiles:,.0f}/s (bar {COMPILES_BAR:,}/s)":
            compiles >= COMPILES_BAR,
        f"decide over {TABLE_ROWS:,} rows {decision * 1e6:.1f} µs (bar {DECISION_BAR * 1e6:.0f})":
            decision < DECISION_BAR,
    }  # fmt: skip
    for words, is_met in held.items():
        print(f"{words}: {'met' if is_met else 'NOT MET'}")
    return 0 if all(held.values()) or not options.bars else 1


if __name__ == "__main__":
    sys.exit(main())
