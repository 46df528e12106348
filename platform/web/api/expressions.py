"""Expressions for editors: what is wrong with a text, what type it has, what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query.visible import visible_expression
from trellis.expressions import Expression, ExpressionProblemsError, compile_expression
from trellis.expressions.limits import MAX_STEPS, MAX_TEXT
from trellis.expressions.problems import StepLimitError
from trellis.expressions.wire import is_too_large
from trellis.metadata.model.access import Action
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading
from trellis.web.api.completions import completions
from trellis.web.api.feel_json import feel_of_json, json_of_feel
from trellis.web.api.reading import check_keys, json_body, mapping_of, text_of
from trellis.web.policy import policy

MAX_CONTEXT_KEYS = 1_000


@api.post("/v1/expressions/check")
@policy()
def check_expression() -> ResponseReturnValue:
    """Return the problems of an expression, or its type and the paths it reads.

    With `completions` also what an editor may offer: the names that the caller sees, functions;
    labels and docs are in the caller's language.
    """
    body = json_body().value
    check_keys(body, ("expression", "object", "completions"))
    text, object_key = _text(body), text_of(body, "object", 80)
    more = {"completions": _completions(object_key)} if body.get("completions") is True else {}
    try:
        found = _typed(text, object_key) if object_key else compile_expression(text)
    except ExpressionProblemsError as error:
        return answer({"ok": False, "problems": _problems(error), **more})
    return answer({"ok": True, "problems": [], "type": str(found.type),
                   "reads": sorted(".".join(path) for path in found.names), **more})  # fmt: skip


@api.post("/v1/expressions/evaluate")
@policy()
def evaluate_expression() -> ResponseReturnValue:
    """Return the value of an expression over a context of plain JSON."""
    body = json_body().value
    check_keys(body, ("expression", "context"))
    context = mapping_of(body, "context")
    if len(context) > MAX_CONTEXT_KEYS:
        raise InvalidError([problem("context", "TYPE", f"has more than {MAX_CONTEXT_KEYS} keys")])
    try:
        expression = compile_expression(_text(body))
    except ExpressionProblemsError as error:
        return answer({"ok": False, "problems": _problems(error)})
    values = {key: feel_of_json(value) for key, value in context.items()}
    try:
        value = expression.value(values)
    except StepLimitError:
        raise InvalidError([problem("expression", "STEPS",
                                    f"does more than {MAX_STEPS} steps")]) from None  # fmt: skip
    if is_too_large(value):
        raise InvalidError([problem("expression", "STEPS", "gives a value too large to be sent")])
    return answer({"ok": True, "problems": [], "value": json_of_feel(value)})


def _text(body: Mapping[str, Any]) -> str:
    text = text_of(body, "expression", MAX_TEXT)
    if not text.strip():
        raise InvalidError([problem("expression", "REQUIRED", "is required")])
    return text


def _typed(text: str, object_key: str) -> Expression:
    """Return an expression over an object's records as the caller sees them."""
    with reading() as tx:
        if not tx.rights(object_key).may(Action.READ):
            raise NotFoundError("object")
        return visible_expression(tx, text, object_key)


def _completions(object_key: str) -> dict[str, Any]:
    with reading() as tx:
        if object_key and not tx.rights(object_key).may(Action.READ):
            raise NotFoundError("object")
        return completions(tx, object_key)


def _problems(error: ExpressionProblemsError) -> list[dict[str, Any]]:
    return [
        {"start": one.start, "end": one.end, "code": one.code, "message": one.message,
         "help": one.help}
        for one in error.problems
    ]  # fmt: skip
