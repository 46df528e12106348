"""What is stored of computed fields follows only from what its own record stores.

A stored formula is computed when its record is written, a roll-up when a child is. What either
reads elsewhere, or off the clock, would change without them; so it is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator

from trellis.expressions import Expression, ExpressionProblemsError, compile_expression
from trellis.expressions import nodes as n
from trellis.metadata.checks.places import at
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.scopes import record_scope
from trellis.problems import Problem

#: Names whose values change without a write to the record.
_OUTSIDE = frozenset({"user", "settings", "old"})
_MOMENTS = frozenset({"now", "today"})
#: System fields that a write sets behind the formulas.
_LATE = frozenset({"rev", "updated_at", "updated_by", "deleted_at"})


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every computed field; its expressions hold already."""
    for item in catalog.objects.values():
        for field in item.fields.values():
            if field.formula is not None and field.stored:
                yield from _source_problems(catalog, item, field, field.formula, "stored formula")
            if field.rollup is not None and field.rollup.where is not None:
                child = catalog.objects[field.rollup.object]
                where = field.rollup.where
                yield from _source_problems(catalog, child, field, where, "roll-up's filter")


def _compiled(catalog: Catalog, item: Object, text: ExpressionText) -> Expression | None:
    try:
        return compile_expression(text.text, record_scope(catalog, item.key))
    except ExpressionProblemsError:
        return None


def own_reads(expression: Expression) -> Iterator[tuple[str, ...]]:
    """Yield the paths from the record that an expression reads, without `record`."""
    for path in sorted(expression.names):
        if path[0] == "record" and len(path) > 1:
            yield path[1:]


def _source_problems(
    catalog: Catalog, item: Object, field: Field, text: ExpressionText, what: str,
    seen: frozenset[str] = frozenset(),
) -> Iterator[Problem]:  # fmt: skip
    expression = _compiled(catalog, item, text)
    if expression is None:
        return
    mends = ("leave `stored` out, so that it is computed when read",
             "roll it up, copy it into a field, or leave `stored` out")  # fmt: skip
    if field.rollup is not None:
        mends = ("filter by fields of the records themselves",) * 2
    place = at(field, "formula") if field.rollup is None else at(field, "where")
    for name in _outside_names(expression):
        yield Problem(place, "META180",
                      f"a {what} reads `{name}`, which changes without this record",
                      mends[0])  # fmt: skip
    for path in own_reads(expression):
        read = item.fields.get(path[0])
        if _leads_away(read, path):
            yield Problem(place, "META181",
                          f"a {what} reads `{'.'.join(path)}` of another record, which may change",
                          mends[1])  # fmt: skip
        elif read is not None and read.formula is not None and not read.stored \
                and read.key not in seen:  # fmt: skip
            yield from _source_problems(catalog, item, field, read.formula, what,
                                        seen | {read.key})  # fmt: skip


def _outside_names(expression: Expression) -> Iterator[str]:
    names = {path[0] for path in expression.names}
    yield from sorted(names & _OUTSIDE)
    yield from sorted(path[0] for path in own_reads(expression) if path[0] in _LATE)
    for node in n.walk(expression.typed.tree):
        if isinstance(node, n.Call) and isinstance(node.function, n.Name) \
                and node.function.name in _MOMENTS:  # fmt: skip
            yield f"{node.function.name}()"


def _leads_away(read: Field | None, path: tuple[str, ...]) -> bool:
    if read is None:
        kind = SYSTEM_FIELDS.get(path[0])
        return kind in (FieldType.USER, FieldType.REF) and len(path) > 1 and path[1] != "id"
    if read.type in INVERSE_TYPES:
        return True
    return read.type in TO_ONE_TYPES | TO_MANY_TYPES and len(path) > 1 and path[1] != "id"
