"""Conditions as other tools write them → FEEL, where that is certain."""

from __future__ import annotations

import re

from trellis.expressions.compiled import compile_expression
from trellis.expressions.problems import ExpressionProblemsError, ExpressionSyntaxError
from trellis.metadata.bpmn.names import FEEL_NAMES
from trellis.xml_source import Element

_BRACED = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
#: A call with a dot before it: Java, which nobody runs here.
_JAVA = re.compile(r"\.\s*\w+\s*\(")
#: XPath's function for data, as the standard defines it.
_DATA = re.compile(r"(?:\w+:)?getDataObject\(\s*['\"](\w+)['\"]\s*\)")
_STRING = re.compile(r"'([^'\"\\]*)'|\"[^\"]*\"")


def condition_text(element: Element) -> str:
    """Return the expression of an element: FEEL, or as it stands when it is another language."""
    text = element.text.strip()
    if text.startswith("="):
        return text[1:].strip()
    if "getDataObject" in text:
        return _from_unified(_DATA.sub(r"\1", text)) or text
    braced = _BRACED.fullmatch(text)
    if braced is not None and element.get("language") not in FEEL_NAMES:
        return _from_unified(braced[1].strip()) or text
    return text


def is_expression(text: str) -> bool:
    """Tell whether a text is FEEL."""
    try:
        compile_expression(text)
    except (ExpressionProblemsError, ExpressionSyntaxError):
        return False
    return True


def _from_unified(text: str) -> str | None:
    """Return FEEL for the unified expression language of Java, None where that is unsure."""
    if _JAVA.search(text) or "{" in text:
        return None
    pieces = []
    end = 0
    for found in _STRING.finditer(text):
        pieces += [_operators(text[end : found.start()]),
                   found[0] if found[1] is None else f'"{found[1]}"']  # fmt: skip
        end = found.end()
    feel = "".join([*pieces, _operators(text[end:])]).strip()
    if feel.startswith("not "):
        feel = f"not({feel.removeprefix('not ').strip()})" if feel.count(" ") == 1 else ""
    return feel if feel and is_expression(feel) else None


def _operators(text: str) -> str:
    for theirs, ours in (("==", "="), ("&&", " and "), ("||", " or ")):
        text = text.replace(theirs, ours)
    return re.sub(r"!(?!=)", "not ", text)
