"""`who:` of a task or approval turned into people, in the author's order, nobody twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.engine.assignment.ports import Organisation
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression

#: More people than this for one approval is a mistake of the definition, not a plan.
MAX_SEATS = 100
_MAX_CLIMB = 50


class PeopleError(ValueError):
    """Nobody can be said to be meant: the step stops as an incident, never silently."""


class TooManyPeopleError(PeopleError):
    """A resolver found more people than an approval may have."""

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} people were found, at most {MAX_SEATS} may share a step")


def _nobody(_user: str) -> bool:
    return False


@dataclass(frozen=True)
class Asker:
    """The flow that asks: who started it, who decided which node, how to read an expression.

    `picked` are the people chosen for this node in an earlier form; `replaced` tells whether
    somebody acts for a user who may not sign in.
    """

    requester: str | None
    decided: Mapping[str, tuple[str, ...]]
    value_of: Callable[[ValueOrExpression], Any]
    user_of_login: Callable[[str], str | None]
    picked: tuple[str, ...] = ()
    replaced: Callable[[str], bool] = _nobody

    def ids_of(self, value: ValueOrExpression) -> tuple[str, ...]:
        """Return the ids that an expression gives: of a record, of a list of them."""
        return tuple(ids_in(self.value_of(value)))


@dataclass(frozen=True)
class People:
    """Users by name, and roles whose members share one pooled piece of work.

    `chains` numbers the users of a chain of managers, who are asked one after the other.
    """

    users: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    chains: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.users or self.pools)


def ids_in(value: object) -> Iterator[str]:
    """Yield the ids in a value: records, lists of them, or ids themselves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from ids_in(item)
    else:
        identity = getattr(value, "id", None)
        if isinstance(identity, str):
            yield identity


def resolve(
    resolvers: Iterable[Resolver], asker: Asker, organisation: Organisation, *, pooled: bool
) -> People:
    """Return who is meant: with `pooled`, a plain role stays a pool, else its members.

    Users who may not sign in and for whom nobody acts are dropped. Raises PeopleError when an
    expression fails, TooManyPeopleError above MAX_SEATS.
    """
    users: list[str] = []
    pools: list[str] = []
    chains: dict[str, int] = {}
    for number, resolver in enumerate(resolvers, 1):
        if resolver.kind == "role" and _stays_pool(resolver, pooled=pooled):
            pools.append(str(resolver.value))
            continue
        found = tuple(_FINDERS[resolver.kind](resolver, asker, organisation))
        if resolver.kind == "managers_of":
            chains |= dict.fromkeys((user for user in found if user not in users), number)
        users.extend(found)
    able = organisation.active(users) if users else frozenset()
    kept = [user for user in dict.fromkeys(users) if user in able or asker.replaced(user)]
    if len(kept) > MAX_SEATS:
        raise TooManyPeopleError(len(kept))
    return People(tuple(kept), tuple(dict.fromkeys(pools)),
                  {user: chains[user] for user in kept if user in chains})  # fmt: skip


def _stays_pool(resolver: Resolver, *, pooled: bool) -> bool:
    if "in" in resolver.arguments:
        return False
    return pooled or resolver.arguments.get("claim") is True


Finder = Callable[[Resolver, Asker, Organisation], Iterable[str]]


def _user(resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    if isinstance(resolver.value, ExpressionText):
        return asker.ids_of(resolver.value)
    found = asker.user_of_login(str(resolver.value))
    return () if found is None else (found,)


def _role(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    members = organisation.members_of_role(str(resolver.value))
    within = resolver.arguments.get("in")
    if within is None:
        return members
    department = next(iter(asker.ids_of(within)), None)
    for _ in range(_MAX_CLIMB):
        if department is None:
            break
        there = tuple(m for m in members if organisation.department_of(m) == department)
        if there:
            return there
        department = organisation.parent_of(department)
    return ()


def _group(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    if isinstance(resolver.value, ExpressionText):
        teams = asker.ids_of(resolver.value)
        return [user for team in teams for user in organisation.members_of_team(team)]
    return organisation.members_of_team(str(resolver.value))


def _manager_of(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    level = int(str(resolver.arguments.get("level", 1)))
    for person in _people_named(resolver, asker):
        chain = list(managers(person, organisation))
        if level <= len(chain):
            yield chain[level - 1]
        elif chain and resolver.arguments.get("top") != "empty":
            # Above the top stands the top: `top: last` is the default of flows.md 2.2.
            yield chain[-1]


def _managers_of(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    found: list[str] = []
    for person in _people_named(resolver, asker):
        found += _chain(resolver, asker, organisation, person)
    # The same person twice has one seat, at the higher position.
    return reversed(dict.fromkeys(reversed(found)))


def _chain(
    resolver: Resolver, asker: Asker, organisation: Organisation, person: str
) -> Iterable[str]:
    """Return the managers of one person up to the level, the post or the amount that is named.

    A chain that does not come to its end is empty with `top: empty`. Nobody approves what is
    above their own limit and all others': with `until: {limit}` that is the default.
    """
    chain = list(managers(person, organisation))
    until = resolver.arguments.get("until")
    if not isinstance(until, Mapping):
        levels = _levels(resolver)
        short = len(chain) < levels and resolver.arguments.get("top") == "empty"
        return [] if short else chain[:levels]
    ends = _end_of_chain(until, asker, organisation)
    last = next((place for place, user in enumerate(chain) if ends(user)), None)
    if last is not None:
        return chain[: last + 1]
    default = "empty" if "limit" in until else "last"
    return chain if resolver.arguments.get("top", default) == "last" else []


def _end_of_chain(
    until: Mapping[str, Any], asker: Asker, organisation: Organisation
) -> Callable[[str], bool]:
    if "title" in until:
        title = str(asker.value_of(until["title"])).strip().casefold()
        return lambda user: (organisation.title_of(user) or "").strip().casefold() == title
    amount = asker.value_of(until["limit"])
    if amount is None:
        raise PeopleError("the amount that ends the chain of managers is not known")

    def may_approve(user: str) -> bool:
        limit = organisation.limit_of(user)
        return limit is not None and bool(limit >= amount)

    return may_approve


def managers(person: str, organisation: Organisation) -> Iterator[str]:
    """Yield the active managers above `person`, nearest first; a circle ends the climb."""
    seen = {person}
    current = organisation.manager_of(person)
    while current is not None and current not in seen:
        seen.add(current)
        if organisation.active((current,)):
            yield current
        current = organisation.manager_of(current)


def _head_of(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    up = int(str(resolver.arguments.get("up") or 0))
    for department in _departments_named(resolver, asker, organisation):
        current: str | None = department
        for _ in range(up):
            current = organisation.parent_of(current) if current else None
        yield from _first_head(current, organisation)


def _departments_named(
    resolver: Resolver, asker: Asker, organisation: Organisation
) -> Iterable[str]:
    if resolver.value != "requester":
        return asker.ids_of(resolver.value)
    own = organisation.department_of(asker.requester) if asker.requester is not None else None
    return () if own is None else (own,)


def _first_head(department: str | None, organisation: Organisation) -> Iterable[str]:
    for _ in range(_MAX_CLIMB):
        if department is None:
            return
        head = organisation.head_of(department)
        if head is not None and organisation.active((head,)):
            yield head
            return
        department = organisation.parent_of(department)


def _requester(_resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    return () if asker.requester is None else (asker.requester,)


def _decided(resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    return asker.decided.get(str(resolver.value), ())


def _picked(_resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    return asker.picked


def _field(resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    return asker.ids_of(resolver.value)


def _expression(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    """Return what `expr` gives; what is no user is an error, never an empty list."""
    value = asker.value_of(resolver.value)
    items = value if isinstance(value, list | tuple) else [value]
    found = [user for item in items for user in ids_in(item)]
    if len(found) != len(items) or organisation.known(found) != frozenset(found):
        text = resolver.value.text if isinstance(resolver.value, ExpressionText) else ""
        raise PeopleError(f"`{text}` does not give users")
    return found


def _people_named(resolver: Resolver, asker: Asker) -> tuple[str, ...]:
    if resolver.value == "requester":
        return () if asker.requester is None else (asker.requester,)
    return asker.ids_of(resolver.value)


def _levels(resolver: Resolver) -> int:
    """Return how many managers are asked: `3` and `1..3` are three."""
    return int(str(resolver.arguments.get("levels", 1)).rsplit(".", 1)[-1])


_FINDERS: Mapping[str, Finder] = {
    "user": _user,
    "role": _role,
    "group": _group,
    "manager_of": _manager_of,
    "managers_of": _managers_of,
    "head_of": _head_of,
    "requester": _requester,
    "decided": _decided,
    "pick": _picked,
    "expression": _field,
    "expr": _expression,
}
