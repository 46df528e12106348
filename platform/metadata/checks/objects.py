"""Objects: references lead somewhere, options exist, lifecycles hold together."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks.paths import known_names
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field, FieldType
from trellis.metadata.model.objects import SYSTEM_FIELDS, Lifecycle, Object, Transition
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Problem, suggest

#: `from: ["*"]`: every state that is not final.
ANY_STATE = "*"


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every object."""
    for item in catalog.objects.values():
        for field in item.fields.values():
            yield from _field_problems(catalog, field)
        yield from _object_problems(item)
        yield from _key_problems(item)
        if item.lifecycle is not None:
            yield from _lifecycle_problems(catalog, item, item.lifecycle)


def _field_problems(catalog: Catalog, field: Field) -> Iterator[Problem]:
    if field.to is not None and field.to not in catalog.objects:
        yield Problem(field.location, "META110", f"there is no object `{field.to}`",
                      suggest(field.to, catalog.objects))  # fmt: skip
    if field.options is not None and field.options not in catalog.options:
        yield Problem(field.location, "META111", f"there is no option set `{field.options}`",
                      suggest(field.options, catalog.options))  # fmt: skip
    elif field.options is not None and isinstance(field.default, str):
        options = catalog.options[field.options].options
        if field.default not in options:
            yield Problem(field.location, "META112",
                          f"`{field.default}` is not an option of `{field.options}`",
                          suggest(field.default, options))  # fmt: skip
    if field.of is not None:
        yield from _inverse_problems(catalog, field, field.of, field.link)
    if field.rollup is not None:
        yield from _inverse_problems(catalog, field, field.rollup.object, field.rollup.link)
        yield from _aggregated_problems(catalog, field)


def _inverse_problems(
    catalog: Catalog, field: Field, of: str, link: str | None
) -> Iterator[Problem]:
    child = catalog.objects.get(of)
    if child is None:
        yield Problem(field.location, "META110", f"there is no object `{of}`",
                      suggest(of, catalog.objects))  # fmt: skip
        return
    if link is None:
        yield Problem(field.location, "META113", f"object `{of}` has no reference back to here",
                      f"add a `ref` field to `{of}`")  # fmt: skip
        return
    back = child.fields.get(link)
    if back is None or back.type not in TO_ONE_TYPES:
        yield Problem(field.location, "META114", f"`{of}.{link}` is not a reference",
                      suggest(link, [f.key for f in child.fields.values()
                                     if f.type in TO_ONE_TYPES]))  # fmt: skip


def _aggregated_problems(catalog: Catalog, field: Field) -> Iterator[Problem]:
    rollup = field.rollup
    child = catalog.objects.get(rollup.object) if rollup is not None else None
    if rollup is None or child is None or rollup.field is None:
        return
    if rollup.field not in child.fields and rollup.field not in SYSTEM_FIELDS:
        yield Problem(field.location, "META100",
                      f"object `{child.key}` has no field `{rollup.field}`",
                      suggest(rollup.field, known_names(child)))  # fmt: skip
    elif field.result is None:
        yield Problem(field.location, "META115", "the type of this roll-up is not known",
                      "add `of:` with a field type")  # fmt: skip


def _object_problems(item: Object) -> Iterator[Problem]:
    if isinstance(item.title, str) and item.title not in known_names(item):
        yield Problem(item.location, "META116", f"the title `{item.title}` is not a field",
                      suggest(item.title, known_names(item)))  # fmt: skip
    if item.tree is not None:
        parent = item.fields.get(item.tree)
        if parent is None or parent.type is not FieldType.REF or parent.to != item.key:
            what = f"`tree: {item.tree}` is not a reference of `{item.key}` to itself"
            yield Problem(item.location, "META117", what)


def _key_problems(item: Object) -> Iterator[Problem]:
    for group in (*item.unique, *item.indexes):
        for name in group:
            if name not in item.fields and name not in SYSTEM_FIELDS:
                yield Problem(item.location, "META100",
                              f"object `{item.key}` has no field `{name}`",
                              suggest(name, known_names(item)))  # fmt: skip
    for validation in item.validations:
        if validation.field is not None and validation.field not in item.fields:
            yield Problem(validation.location, "META100",
                          f"object `{item.key}` has no field `{validation.field}`",
                          suggest(validation.field, item.fields))  # fmt: skip


def _lifecycle_problems(catalog: Catalog, item: Object, lifecycle: Lifecycle) -> Iterator[Problem]:
    field = item.fields.get(lifecycle.field)
    if field is None or field.type is not FieldType.CHOICE or field.options is None:
        yield Problem(lifecycle.location, "META120",
                      f"`{lifecycle.field}` is not a choice field of `{item.key}`")  # fmt: skip
        return
    options = catalog.options.get(field.options)
    for state in lifecycle.states.values():
        if options is not None and state.key not in options.options:
            yield Problem(state.location, "META121",
                          f"state `{state.key}` is not an option of `{field.options}`",
                          suggest(state.key, options.options))  # fmt: skip
    for name in lifecycle.initial:
        if name not in lifecycle.states:
            yield Problem(lifecycle.location, "META122", f"there is no state `{name}`",
                          suggest(name, lifecycle.states))  # fmt: skip
    for transition in lifecycle.transitions.values():
        yield from _transition_problems(catalog, item, lifecycle, transition)
    yield from _unreachable_problems(lifecycle)


def _transition_problems(
    catalog: Catalog, item: Object, lifecycle: Lifecycle, transition: Transition
) -> Iterator[Problem]:
    states = lifecycle.states
    target = () if transition.target is None else (transition.target,)
    for name in (*transition.source, *target):
        if name not in states and not (name == ANY_STATE and name in transition.source):
            yield Problem(transition.location, "META122", f"there is no state `{name}`",
                          suggest(name, states))  # fmt: skip
    for name in (*transition.require, *transition.fields, *transition.set):
        if name not in item.fields and name not in ("owner", "owner_department"):
            yield Problem(transition.location, "META100",
                          f"object `{item.key}` has no field `{name}`",
                          suggest(name, item.fields))  # fmt: skip
    for who in transition.who:
        if not isinstance(who, ExpressionText) and who != "system" and who not in catalog.roles:
            yield Problem(transition.location, "META123", f"there is no role `{who}`",
                          suggest(who, catalog.roles))  # fmt: skip


def _unreachable_problems(lifecycle: Lifecycle) -> Iterator[Problem]:
    reached = set(lifecycle.initial)
    grew = True
    while grew:
        grew = False
        for transition in lifecycle.transitions.values():
            leaves = ANY_STATE in transition.source or reached.intersection(transition.source)
            if leaves and transition.target and transition.target not in reached:
                reached.add(transition.target)
                grew = True
    for state in lifecycle.states.values():
        if state.key not in reached:
            yield Problem(state.location, "META124", f"state `{state.key}` cannot be reached",
                          "add a transition to it, or remove it")  # fmt: skip
