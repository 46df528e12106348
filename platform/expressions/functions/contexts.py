"""Functions over contexts.

A record is none: its fields are read by names that stand in the expression, so that rights to them
can be judged before it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import MAX_DEPTH, MAX_LIST
from trellis.expressions.values import kind, record_id

_ENTRY = t.ContextType(entries={"key": t.STRING, "value": t.ANY})


def _is_context(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return kind(value) == "context" and record_id(value) is None


def _get_value(context: Mapping[str, Any], key: str) -> Any:
    return context.get(key)


def _get_path(context: Mapping[str, Any], keys: list[Any]) -> Any:
    if not keys:
        return None
    found: Any = context
    for key in keys:
        if not isinstance(key, str) or not _is_context(found):
            return None
        found = found.get(key)
    return found


def _entries(context: Mapping[str, Any]) -> list[Any]:
    return [{"key": key, "value": context[key]} for key in context]


def _context(entries: list[Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for entry in entries:
        if not _is_context(entry) or "key" not in entry or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in found:
            return None
        found[key] = entry.get("value")
    return found


def _put(context: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


def _put_path(context: Mapping[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not keys or len(keys) > MAX_DEPTH or not all(isinstance(key, str) for key in keys):
        return None
    found: Any = value
    levels: list[Mapping[str, Any]] = [context]
    for key in keys[:-1]:
        below = levels[-1].get(key)
        if below is None or not _is_context(below):
            return None
        levels.append(below)
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        found = {**level, key: found}
    return found  # type: ignore[no-any-return]


def _merge(contexts: list[Any]) -> dict[str, Any] | None:
    if not all(_is_context(context) for context in contexts) or len(contexts) > MAX_LIST:
        return None
    found: dict[str, Any] = {}
    for context in contexts:
        found.update(context)
    return found


FUNCTIONS = (
    builtin("get value", "The entry of a context under a key, or behind a path of keys.",
            form("m: context, key: string", t.ANY, _get_value),
            form("m: context, keys: list", t.ANY, _get_path)),
    builtin("get entries", "The entries of a context as a list of `key` and `value`.",
            form("m: context", t.ListType(of=_ENTRY), _entries)),
    builtin("context", "A context from a list of `key` and `value`.",
            form("entries: list", t.ContextType(open=True), _context)),
    builtin("context put", "A context with one entry added or replaced.",
            form("context: context, key: string, value: any", t.ContextType(open=True), _put),
            form("context: context, keys: list, value: any", t.ContextType(open=True), _put_path)),
    builtin("context merge", "The entries of several contexts; later ones replace earlier ones.",
            form("contexts: list", t.ContextType(open=True), _merge)),
)  # fmt: skip
