"""Objects: titles, trees, owned rows and keys hold; lifecycles hold together."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks.literals import literal_problems
from trellis.metadata.checks.paths import known_names
from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType, has_column
from trellis.metadata.model.objects import SYSTEM_FIELDS, Lifecycle, Object, Transition
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location, Problem

#: System fields that a definition may set or ask for.
SETTABLE = frozenset({"owner", "owner_department"})
#: `from: ["*"]`: every state that is not final.
ANY_STATE = "*"


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every object."""
    for item in catalog.objects.values():
        yield from _object_problems(item)
        yield from _parent_problems(catalog, item)
        yield from _key_problems(item)
        if item.lifecycle is not None:
            yield from _lifecycle_problems(catalog, item, item.lifecycle)


def _object_problems(item: Object) -> Iterator[Problem]:
    if isinstance(item.title, str) and item.title not in known_names(item):
        yield Problem(at(item, "title"), "META116", f"the title `{item.title}` is not a field",
                      hint(item.title, known_names(item)))  # fmt: skip
    if item.tree is not None:
        parent = item.fields.get(item.tree)
        if parent is None or parent.type is not FieldType.REF or parent.to != item.key:
            links = [field.key for field in item.fields.values()
                     if field.type is FieldType.REF and field.to == item.key]  # fmt: skip
            yield Problem(at(item, "tree"), "META117",
                          f"`{item.tree}` is not a reference of `{item.key}` to itself",
                          hint(item.tree, links,
                               f"add a field `{{type: ref, to: {item.key}}}`"))  # fmt: skip


def _parent_problems(catalog: Catalog, item: Object) -> Iterator[Problem]:
    """Yield a problem when records would belong to two parents."""
    owners = [
        (owner, field)
        for owner in catalog.objects.values()
        for field in owner.fields.values()
        if field.type is FieldType.ROWS and field.of == item.key
    ]
    for owner, field in owners[1:]:
        first, name = owners[0]
        yield Problem(at(field, "of"), "META126",
                      f"`{item.key}` are rows of `{first.key}.{name.key}` already, they cannot be "
                      f"rows of `{owner.key}` too", "use `{type: related, from: …}`")  # fmt: skip


def _key_problems(item: Object) -> Iterator[Problem]:
    for key, groups in (("unique", item.unique), ("indexes", item.indexes)):
        for number, group in enumerate(groups):
            for position, name in enumerate(group):
                place = at(item, key, number, position)
                if name not in item.fields and name not in SYSTEM_FIELDS:
                    yield Problem(place, "META100", f"object `{item.key}` has no field `{name}`",
                                  hint(name, known_names(item)))  # fmt: skip
                elif name in item.fields and not has_column(item.fields[name]):
                    yield Problem(place, "META119", f"`{name}` is not kept in a column, so it "
                                  f"cannot be part of `{key}`", "leave it out")  # fmt: skip
    for validation in item.validations:
        if validation.field is not None and validation.field not in item.fields:
            yield Problem(at(validation, "field"), "META100",
                          f"object `{item.key}` has no field `{validation.field}`",
                          hint(validation.field, item.fields))  # fmt: skip


def _lifecycle_problems(catalog: Catalog, item: Object, lifecycle: Lifecycle) -> Iterator[Problem]:
    field = item.fields.get(lifecycle.field)
    if field is None or field.type is not FieldType.CHOICE or field.options is None:
        choices = [f.key for f in item.fields.values() if f.type is FieldType.CHOICE]
        yield Problem(at(lifecycle, "field"), "META120",
                      f"`{lifecycle.field}` is not a choice field of `{item.key}`",
                      hint(lifecycle.field, choices,
                           "add a field of type `choice` with the states as options"))  # fmt: skip
        return
    options = catalog.options.get(field.options)
    for state in lifecycle.states.values():
        if options is not None and state.key not in options.options:
            yield Problem(state.location, "META121",
                          f"state `{state.key}` is not an option of `{field.options}`",
                          hint(state.key, options.options))  # fmt: skip
    for name in lifecycle.initial:
        if name not in lifecycle.states:
            yield Problem(_initial_place(lifecycle, name), "META122",
                          f"there is no state `{name}`",
                          hint(name, lifecycle.states))  # fmt: skip
    for name, roles in lifecycle.initial.items():
        for role in roles:
            if role != "system" and role not in catalog.roles:
                yield Problem(_initial_place(lifecycle, name), "META123",
                              f"there is no role `{role}`",
                              hint(role, catalog.roles))  # fmt: skip
    for transition in lifecycle.transitions.values():
        yield from _transition_problems(catalog, item, lifecycle, transition)
    yield from _unreachable_problems(lifecycle)


def _transition_problems(
    catalog: Catalog, item: Object, lifecycle: Lifecycle, transition: Transition
) -> Iterator[Problem]:
    states = lifecycle.states
    for name in transition.source:
        if name not in states and name != ANY_STATE:
            yield Problem(item_at(transition, "from", name), "META122",
                          f"there is no state `{name}`", hint(name, states))  # fmt: skip
    if transition.target is not None and transition.target not in states:
        yield Problem(at(transition, "to"), "META122", f"there is no state `{transition.target}`",
                      hint(transition.target, states))  # fmt: skip
    for who in transition.who:
        if not isinstance(who, ExpressionText) and who != "system" and who not in catalog.roles:
            yield Problem(item_at(transition, "who", who), "META123", f"there is no role `{who}`",
                          hint(who, catalog.roles))  # fmt: skip
    yield from _transition_field_problems(catalog, item, transition)


def _transition_field_problems(
    catalog: Catalog, item: Object, transition: Transition
) -> Iterator[Problem]:
    asked = [(name, item_at(transition, key, name)) for key in ("require", "fields")
             for name in getattr(transition, key)]  # fmt: skip
    for name, place in (
        *asked,
        *((name, at_key(transition, "set", name)) for name in transition.set),
    ):
        if name not in item.fields and name not in SETTABLE:
            yield Problem(place, "META100", f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    for name, value in transition.set.items():
        yield from set_problems(catalog, item, name, value, at(transition, "set", name))


def set_problems(
    catalog: Catalog, item: Object, name: str, value: object, place: Location
) -> Iterator[Problem]:
    """Yield what is wrong with setting a field to a value by a definition."""
    field = item.fields.get(name)
    if field is None:
        return
    if field.computed or field.type is FieldType.ROWS:
        yield Problem(place, "META127", f"`{name}` is kept by the platform, it cannot be set",
                      "leave it out")  # fmt: skip
    else:
        yield from literal_problems(catalog, field, value, place)


def _initial_place(lifecycle: Lifecycle, state: str) -> Location:
    written = lifecycle.place.value.get("initial") if lifecycle.place is not None else None
    if isinstance(written, dict):
        return at_key(lifecycle, "initial", state)
    return item_at(lifecycle, "initial", state)


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
