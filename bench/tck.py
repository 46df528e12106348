"""Run the visible part of the conformance suite and say what passes; each failing case is listed.

The cases are read from ../shared/tck and never copied. Usage: `python bench/tck.py [--folders]`.
The bars are those of the design: 97 % of the values that are not null, 98 % as mean over folders.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from trellis.clock import SetClock
from trellis.expressions import ExpressionProblemsError, decode, encode, evaluate

SHARED = Path(__file__).resolve().parents[2] / "shared" / "tck"
VALUED_BAR, FOLDER_BAR = 0.97, 0.98
CLOCK = SetClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
Case = dict[str, Any]


def main() -> int:
    """Print the figures; return 1 when a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", action="store_true", help="print the figures of each folder")
    parser.add_argument("--cases", type=Path, default=SHARED / "visible.jsonl")
    options = parser.parse_args()
    if not options.cases.exists():
        print(f"{options.cases} is not here; the suite's cases are not part of this repository")
        return 2
    lines = options.cases.read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["feel"] is not None]
    answers = [answer(case) for case in cases]
    load("tck_values")
    score = load("tck_score")
    total, folders = score.score(cases, answers)
    for case, given in zip(cases, answers, strict=True):
        if not score.judge(case, given)[0]:
            print(f"{case['suite']} {case['case']}: {case['feel']}\n    {reason(case, given)}")
    if options.folders:
        print_folders(folders)
    return print_figures(total)


def load(name: str) -> ModuleType:
    """Return a module of the suite's folder."""
    spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def answer(case: Case) -> Case:
    """Return what the expression of a case gives, in the suite's form."""
    context = {name: decode(value) for name, value in case["inputs"].items()}
    try:
        value = encode(evaluate(case["feel"], context, clock=CLOCK))
    except (ExpressionProblemsError, ValueError) as error:
        return {"id": case["id"], "status": "error", "error": str(error)}
    return {"id": case["id"], "status": "ok", "value": value}


def reason(case: Case, given: Case) -> str:
    """Say why a case fails."""
    if given["status"] == "error":
        return f"refused: {given['error'].splitlines()[0]}"
    wanted, found = (json.dumps(one, ensure_ascii=False) for one in
                     (case["expected"], given["value"]))  # fmt: skip
    model = " (a type of the case's model, which an expression alone cannot know)"
    return f"{wanted} is expected, {found} was found" + (model if needs_a_model(case) else "")


def needs_a_model(case: Case) -> bool:
    """Tell whether the case asks for a type that only its model defines."""
    return "instance of t" in case["feel"]


def print_folders(folders: Mapping[str, Mapping[str, int]]) -> None:
    """Print the figures of each folder that is not whole."""
    for name, row in sorted(folders.items()):
        if row["pass"] < row["n"]:
            print(
                f"{name}: {row['pass']} of {row['n']}, valued {row['valued']} of {row['valued_n']}"
            )


def print_figures(total: Mapping[str, Any]) -> int:
    """Print the figures of the whole; return 1 when a bar is not met."""
    valued = total["valued"] / total["valued_n"]
    lines: Sequence[tuple[str, str, float, float | None]] = (
        ("pass", f"{total['pass']} of {total['n']}", total["pass"] / total["n"], None),
        ("valued", f"{total['valued']} of {total['valued_n']}", valued, VALUED_BAR),
        ("folder mean of valued", "", total["macro_valued"], FOLDER_BAR),
        ("folder mean of pass", "", total["macro"], None),
    )
    for name, counts, share, bar in lines:
        shown = f"{name}: {share:.2%}" + (f" ({counts})" if counts else "")
        print(shown + (f", bar {bar:.0%}: {'met' if share >= bar else 'NOT MET'}" if bar else ""))
    return 0 if valued >= VALUED_BAR and total["macro_valued"] >= FOLDER_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
