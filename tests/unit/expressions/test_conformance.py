"""The visible part of the vendor-neutral conformance suite, read from the shared folder."""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType
from typing import Any

from trellis.expressions import ExpressionProblemsError, decode, encode, evaluate

from tests.unit.expressions.shared import shared_file

#: `instance of` with a type that the case's model defines; an expression alone cannot know it.
_NEEDS_A_MODEL = 9


def _module(name: str) -> ModuleType:
    path = shared_file("tck", f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _answer(case: dict[str, Any]) -> dict[str, Any]:
    context = {name: decode(value) for name, value in case["inputs"].items()}
    try:
        value = encode(evaluate(case["feel"], context))
    except ExpressionProblemsError as error:
        return {"id": case["id"], "status": "error", "error": str(error)}
    return {"id": case["id"], "status": "ok", "value": value}


def test_the_visible_conformance_cases_pass() -> None:
    lines = shared_file("tck", "visible.jsonl").read_text("utf-8").splitlines()
    _module("tck_values")
    score = _module("tck_score")
    cases = [case for case in map(json.loads, lines) if case["feel"] is not None]

    answers = [_answer(case) for case in cases]
    total, _ = score.score(cases, answers)

    failed = [case["feel"] for case, answer in zip(cases, answers, strict=True)
              if not score.judge(case, answer)[0]]  # fmt: skip
    assert all("instance of" in text for text in failed), failed
    assert len(failed) < _NEEDS_A_MODEL
    assert total["valued"] / total["valued_n"] > 0.99
    assert total["macro_valued"] > 0.99
