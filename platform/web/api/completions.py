"""What an editor of expressions may offer, told in the caller's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trellis.engine.query.visible import visible_expression
from trellis.engine.transactions import Transaction
from trellis.expressions.completions import NameInScope, functions_in_scope, names_in
from trellis.formbuilder.layout import SYSTEM_WORDS
from trellis.metadata.model.objects import Object
from trellis.web.i18n import words_of

#: What the names mean that every scope has.
SCOPE_WORDS = {
    "record": "The record itself",
    "old": "The record before the change",
    "user": "The person signed in",
    "settings": "The app's settings",
}
Words = Callable[[str], str]


def completions(tx: Transaction, object_key: str) -> dict[str, Any]:
    """Return the names of an object that the caller sees, and every function.

    Labels and docs are in the caller's language; no object, no names.
    """
    locale = tx.actor.principal.locale
    words = words_of(locale)
    names = list(_names(tx, object_key, words)) if object_key else []
    return {"names": names, "functions": list(_functions(words))}


def _functions(words: Words) -> Iterator[Mapping[str, Any]]:
    for one in functions_in_scope():
        yield {"name": one.name, "signatures": list(one.signatures), "doc": words(one.doc),
               "family": words(one.family)}  # fmt: skip


def _names(tx: Transaction, object_key: str, words: Words) -> Iterator[Mapping[str, Any]]:
    # Any text has the scope of the object.
    scope = visible_expression(tx, "null", object_key).scope
    item = tx.compiled.catalog.objects[object_key]
    locale = tx.actor.principal.locale
    for one in () if scope is None else names_in(scope):
        help_ = _help(item, one, locale)
        yield {"name": one.name, "type": str(one.type), "property": one.is_property,
               "label": _label(item, one, locale, words),
               **({"doc": help_} if help_ else {})}  # fmt: skip


def _label(item: Object, name: NameInScope, locale: str, words: Words) -> str:
    if not name.is_property:
        known = SCOPE_WORDS.get(name.name)
        return name.name if known is None else words(known)
    field = item.fields.get(name.name)
    if field is not None and field.label:
        return field.label.text(locale, name.name)
    known = SYSTEM_WORDS.get(name.name) if field is None else None
    return name.name if known is None else words(known)


def _help(item: Object, name: NameInScope, locale: str) -> str:
    field = item.fields.get(name.name) if name.is_property else None
    return "" if field is None else field.help.text(locale)
