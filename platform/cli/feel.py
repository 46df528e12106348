"""`trellis feel`: an expression's value, its type, and how the value came about."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from trellis.cli.json_values import value_of_json
from trellis.clock import SystemClock
from trellis.expressions import ExpressionProblemsError
from trellis.expressions.compiled import compile_untyped, long_names
from trellis.expressions.functions.moments import NOW
from trellis.expressions.trace import Step
from trellis.expressions.values import kind
from trellis.expressions.words import text_of

_WIDEST = 60


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("feel", help="evaluate an expression")
    parser.add_argument("text", metavar="EXPRESSION")
    parser.add_argument("--context", default="{}", metavar="JSON|FILE.json",
                        help="the names in scope; values of kinds that JSON lacks in wire form, "
                             '`{"t": "date", "v": "2026-03-02"}`')  # fmt: skip
    parser.add_argument("--explain", action="store_true", help="show what each part gave")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the value and its type; a mistake in the text is shown with its place."""
    context = read_context(arguments.context)
    try:
        expression = compile_untyped(arguments.text, frozenset(long_names(context)))
    except ExpressionProblemsError as error:
        print(error, file=sys.stderr)
        return 1
    trace = expression.explain({**context, NOW: SystemClock().now()})
    print(f"{shown(trace.value)}  ({kind(trace.value)})")
    if arguments.explain:
        for line in lines_of(trace.step, 0):
            print(line)
    for step in trace.warnings:
        print(f"`{step.text}`: {step.warning}", file=sys.stderr)
    if trace.limit is not None:
        print(trace.limit, file=sys.stderr)
        return 1
    return 0


def read_context(given: str) -> dict[str, Any]:
    """Return the names in scope from JSON or a file of it; raises SystemExit where it is none."""
    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text("utf-8")
        found = value_of_json(json.loads(text, parse_float=Decimal))
    except (OSError, ValueError) as error:
        raise SystemExit(f"--context: {error}") from None
    if not isinstance(found, dict):
        raise SystemExit("--context: a JSON object is expected")
    return found


def shown(value: Any) -> str:
    """Return a value as the language writes it."""
    if value is None:
        return "null"
    text = text_of([value])
    return kind(value) if text is None else text[1:-1]


def lines_of(step: Step, depth: int) -> Iterator[str]:
    """Yield a line for each part of the expression that has a value, the whole first."""
    text = " ".join(step.text.split())
    part = text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
    values = ", ".join(shown(value) for value in step.values)
    yield f"{'  ' * depth}{part} => {values}"
    for inner in step.steps:
        yield from lines_of(inner, depth + 1)
