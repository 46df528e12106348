"""`who:` and the keys around it → resolvers and a policy (flows.md 2.2)."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.metadata.build.reading import Reading
from trellis.metadata.hints import hint
from trellis.metadata.model.people import (
    EMPTY_MAPS,
    EMPTY_RULES,
    RESOLVER_KEYS,
    Resolver,
    SeatPolicy,
    WhenEmpty,
)
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression

#: Resolvers whose value is an expression, but for `requester`.
_OF_PEOPLE = frozenset({"manager_of", "managers_of", "head_of"})


def build_who(reading: Reading, key: str, roles: Mapping[str, Resolver]) -> tuple[Resolver, ...]:
    """Return the resolvers of a key; `roles` are the flow's short names."""
    return tuple(build_resolver(item, roles) for item in reading.items(key))


def build_resolver(reading: Reading, roles: Mapping[str, Resolver]) -> Resolver:
    """Return one resolver: a short name, `requester`, `role.key`, a path, or a map."""
    if isinstance(reading.value, Mapping):
        return _resolver_map(reading, roles)
    text = str(reading.value)
    if text in roles:
        return roles[text]
    if text == "requester":
        return Resolver("requester", reading.location)
    if text.startswith("role."):
        return Resolver("role", reading.location, text.removeprefix("role."))
    return Resolver("expression", reading.location, reading.as_expression())


def _resolver_map(reading: Reading, roles: Mapping[str, Resolver]) -> Resolver:
    named = [name for name in RESOLVER_KEYS if reading.has(name)]
    if len(named) != 1:
        reading.report("META062", "people are named by exactly one resolver",
                       "known are " + ", ".join(f"`{name}`" for name in RESOLVER_KEYS))  # fmt: skip
        return Resolver("requester", reading.location)
    name = named[0]
    for key, item in reading.entries():
        if key != name and key not in RESOLVER_KEYS[name]:
            item.report("META021", f"the key `{key}` is not known beside `{name}`",
                        hint(key, RESOLVER_KEYS[name], "leave it out"))  # fmt: skip
    return Resolver(name, reading.location, _value(reading.child(name), name),
                    _arguments(reading, name), build_who(reading, "from", roles))  # fmt: skip


def _value(item: Reading, name: str) -> str | ExpressionText:
    if name == "expr" or (name in _OF_PEOPLE and item.value != "requester"):
        return item.as_expression()
    value = item.literal_or_expression()
    return value if isinstance(value, ExpressionText) else str(value)


def _arguments(reading: Reading, name: str) -> dict[str, ValueOrExpression]:
    found = {key: item.literal_or_expression() for key, item in reading.entries()
             if key not in (name, "from")}  # fmt: skip
    if isinstance(found.get("in"), str):
        found["in"] = reading.child("in").as_expression()
    until = reading.child("until")
    if until.has("limit"):
        # An amount is a field of the record or a number; both are FEEL.
        found["until"] = {"limit": until.child("limit").as_expression()}
    return found


def build_policy(reading: Reading, roles: Mapping[str, Resolver]) -> SeatPolicy:
    """Return what a node says with `empty`, `same`, `watch`, `not` and `resolve`."""
    same = reading.child("same")
    return SeatPolicy(
        empty=_when_empty(reading.child("empty"), roles),
        requester=same.get("requester", "escalate"),
        repeat=same.get("repeat", "ask"),
        watch=reading.texts("watch") if reading.has("watch") else None,
        apart=reading.texts("not"),
        resolve=reading.get("resolve", "entry"),
    )


def _when_empty(reading: Reading, roles: Mapping[str, Resolver]) -> WhenEmpty:
    value = reading.value
    if value is None:
        return WhenEmpty()
    if isinstance(value, str) and value in EMPTY_RULES:
        return WhenEmpty(value)
    keys = list(value) if isinstance(value, Mapping) else []
    if len(keys) != 1 or keys[0] not in EMPTY_MAPS:
        reading.report("META064", "`empty` does not say what to do when nobody is found",
                       "write `approve`, `reject`, `{to: role.…}`, `{pick: requester}` or "
                       "`{block: incident}`")  # fmt: skip
        return WhenEmpty()
    if keys[0] == "to":
        return WhenEmpty("to", build_who(reading, "to", roles))
    wanted = "requester" if keys[0] == "pick" else "incident"
    if reading.get(keys[0]) != wanted:
        reading.child(keys[0]).report("META064", f"`{keys[0]}` of `empty` knows one value",
                                      f"write `{wanted}`")  # fmt: skip
    return WhenEmpty(keys[0])
