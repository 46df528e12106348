"""Fields: what they refer to exists, what is said of them can be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2
from trellis.metadata.checks.literals import literal_problems
from trellis.metadata.checks.paths import known_names
from trellis.metadata.checks.places import at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field, FieldType, OnDelete
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.problems import Location, Problem

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DATE_WORDS = ("yyyy", "yy", "MM", "dd", "yyyyMM", "yyyyMMdd")
#: What a number that begins again must hold, so that two periods do not give the same one.
_PERIODS = {"year": ("yyyy", "yyyyMM", "yyyyMMdd"), "month": ("yyyyMM", "yyyyMMdd", "MM"),
            "day": ("yyyyMMdd", "dd")}  # fmt: skip
_AGGREGATES = ("sum", "min", "max", "average", "mean")
_SUMMED = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT,
                     FieldType.DURATION})  # fmt: skip


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every field."""
    for item in catalog.objects.values():
        for field in item.fields.values():
            yield from _reference_problems(catalog, item, field)
            yield from literal_problems(catalog, field, field.default, at(field, "default"))
            yield from _pattern_problems(field)
            yield from _number_problems(field)
            yield from _column_problems(field)


def _reference_problems(catalog: Catalog, item: Object, field: Field) -> Iterator[Problem]:
    if field.to is not None and field.to not in catalog.objects:
        yield Problem(at(field, "to"), "META110", f"there is no object `{field.to}`",
                      hint(field.to, catalog.objects))  # fmt: skip
    if field.options is not None and field.options not in catalog.options:
        known = [key for key in catalog.options if "." not in key]
        yield Problem(at(field, "options"), "META111", f"there is no option set `{field.options}`",
                      hint(field.options, known))  # fmt: skip
    if field.of is not None:
        yield from _inverse_problems(catalog, item, field, field.of, field.link)
    if field.rollup is not None:
        of, link = field.rollup.object, field.rollup.link
        yield from _inverse_problems(catalog, item, field, of, link)
        yield from _aggregated_problems(catalog, field)
    if field.was is not None and field.was in item.fields:
        yield Problem(at(field, "was"), "META118",
                      f"`{field.key}` was called `{field.was}`, which is still a field",
                      "remove the old field, or `was`")  # fmt: skip


def _inverse_problems(
    catalog: Catalog, item: Object, field: Field, of: str, link: str | None
) -> Iterator[Problem]:
    child = catalog.objects.get(of)
    place = at(field, "of" if field.place is None or "of" in field.place.value else "from")
    if child is None:
        yield Problem(place, "META110", f"there is no object `{of}`",
                      hint(of, catalog.objects))  # fmt: skip
        return
    links = [f.key for f in child.fields.values() if f.type in TO_ONE_TYPES and f.to == item.key]
    if link is None:
        yield Problem(place, "META113", f"object `{of}` has no reference back to here",
                      f"add a field `{{type: ref, to: {item.key}}}` to `{of}`")  # fmt: skip
        return
    if link not in links:
        yield Problem(place, "META114",
                      f"`{of}.{link}` is not a reference to `{item.key}`",
                      hint(link, links))  # fmt: skip


def _aggregated_problems(catalog: Catalog, field: Field) -> Iterator[Problem]:
    rollup = field.rollup
    child = catalog.objects.get(rollup.object) if rollup is not None else None
    if rollup is None or child is None or rollup.field is None:
        return
    place = _aggregate_place(field)
    source = child.fields.get(rollup.field)
    if source is None and rollup.field not in SYSTEM_FIELDS:
        yield Problem(place, "META100",
                      f"object `{child.key}` has no field `{rollup.field}`",
                      hint(rollup.field, known_names(child)))  # fmt: skip
        return
    kind = source.value_type if source is not None else SYSTEM_FIELDS[rollup.field]
    if rollup.function in ("sum", "mean") and kind not in _SUMMED:
        word = "sum" if rollup.function == "sum" else "average"
        yield Problem(place, "META115",
                      f"a field of type `{kind}` has no {word}",
                      "choose a field with numbers, or `count: true`")  # fmt: skip
    if source is not None and source.type is FieldType.FORMULA and not source.stored:
        yield Problem(place, "META115",
                      f"`{rollup.field}` is computed when read, so it cannot be rolled up",
                      f"add `stored: true` to `{rollup.field}` of `{child.key}`")  # fmt: skip


def _aggregate_place(field: Field) -> Location:
    written = field.place.value if field.place is not None else {}
    return at(field, next((key for key in _AGGREGATES if key in written), "from"))


def _pattern_problems(field: Field) -> Iterator[Problem]:
    if field.pattern is None:
        return
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(field.pattern, options)
    except re2.error as error:
        text = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        yield Problem(
            at(field, "pattern"),
            "META038",
            f"the pattern is not a regular expression: {text}",
            "use the syntax of RE2: no look-around, no back-references",
        )


def _number_problems(field: Field) -> Iterator[Problem]:
    if field.type is not FieldType.AUTO or field.format is None:
        return
    words = _PLACEHOLDER.findall(field.format)
    for word in words:
        if word not in _DATE_WORDS and set(word) != {"0"}:
            yield Problem(
                at(field, "format"),
                "META039",
                f"`{{{word}}}` is no part of a number",
                "known are `{00000}` and " + ", ".join(f"`{{{w}}}`" for w in _DATE_WORDS),
            )
    if sum(set(word) == {"0"} for word in words) != 1:
        yield Problem(at(field, "format"), "META039",
                      f"the format `{field.format}` needs exactly one counter",
                      "write it as zeros, for example `{00000}`")  # fmt: skip
    needed = _PERIODS.get(field.reset or "")
    if needed is not None and not set(words) & set(needed):
        yield Problem(at(field, "format"), "META039",
                      f"a number that begins again every {field.reset} does not say which",
                      f"add `{{{needed[0]}}}` to the format")  # fmt: skip


def _column_problems(field: Field) -> Iterator[Problem]:
    if field.type is FieldType.FORMULA and not field.stored and (field.unique or field.index):
        word = "unique" if field.unique else "indexed"
        yield Problem(at(field, "unique" if field.unique else "index"), "META119",
                      f"`{field.key}` is computed when read, so it cannot be {word}",
                      "add `stored: true`")  # fmt: skip
    if field.on_delete is OnDelete.CLEAR and field.required is True:
        yield Problem(at(field, "on_delete"), "META125",
                      f"`{field.key}` is required, so deleting cannot clear it",
                      "use `on_delete: refuse` or `cascade`")  # fmt: skip
