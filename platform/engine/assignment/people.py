"""`who:` of a task or approval turned into people, in the author's order, nobody twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from trellis.metadata.model.flows import Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression

#: More people than this for one approval is a mistake of the definition, not a plan.
MAX_SEATS = 100
_MAX_CLIMB = 50


class TooManyPeopleError(ValueError):
    """A resolver found more people than an approval may have."""

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} people were found, at most {MAX_SEATS} may share a step")


class Organisation(Protocol):
    """What resolvers ask about people; ids are record ids of users and departments."""

    def active(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of `users` who may sign in."""
        ...

    def members_of_role(self, role: str) -> tuple[str, ...]:
        """Return the active users with the role, by name."""
        ...

    def members_of_team(self, team: str) -> tuple[str, ...]:
        """Return the active members of the team (its key or id), by name."""
        ...

    def manager_of(self, user: str) -> str | None:
        """Return the manager named on the user's record, active or not."""
        ...

    def department_of(self, user: str) -> str | None:
        """Return the user's department."""
        ...

    def head_of(self, department: str) -> str | None:
        """Return the department's head."""
        ...

    def parent_of(self, department: str) -> str | None:
        """Return the department above."""
        ...


@dataclass(frozen=True)
class Asker:
    """The flow that asks: who started it, who decided which node, how to read an expression."""

    requester: str | None
    decided: Mapping[str, tuple[str, ...]]
    ids_of: Callable[[ValueOrExpression], tuple[str, ...]]
    user_of_login: Callable[[str], str | None]


@dataclass(frozen=True)
class People:
    """Users by name, and roles whose members share one pooled piece of work."""

    users: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.pools)


def resolve(
    resolvers: Iterable[Resolver], asker: Asker, organisation: Organisation, *, pooled: bool
) -> People:
    """Return who is meant: with `pooled`, a plain role stays a pool, else its members.

    Users who may not sign in are dropped; raises TooManyPeopleError above MAX_SEATS.
    """
    users: list[str] = []
    pools: list[str] = []
    for resolver in resolvers:
        if pooled and resolver.kind == "role" and not resolver.arguments:
            pools.append(str(resolver.value))
        else:
            users.extend(_FINDERS[resolver.kind](resolver, asker, organisation))
    able = organisation.active(users) if users else frozenset()
    kept = tuple(dict.fromkeys(user for user in users if user in able))
    if len(kept) > MAX_SEATS:
        raise TooManyPeopleError(len(kept))
    return People(kept, tuple(dict.fromkeys(pools)))


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


def _group(resolver: Resolver, _asker: Asker, organisation: Organisation) -> Iterable[str]:
    return organisation.members_of_team(str(resolver.value))


def _manager_of(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    level = _level(resolver)
    for person in _people_named(resolver, asker):
        chain = list(managers(person, organisation))
        if chain:
            # Above the top stands the top: `top: last` is the default of flows.md 2.2.
            yield chain[min(level, len(chain)) - 1]


def _managers_of(resolver: Resolver, asker: Asker, organisation: Organisation) -> Iterable[str]:
    levels = _level(resolver)
    for person in _people_named(resolver, asker):
        yield from list(managers(person, organisation))[:levels]


def managers(person: str, organisation: Organisation) -> Iterable[str]:
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
    for department in _people_named(resolver, asker):
        current: str | None = department
        for _ in range(up):
            current = organisation.parent_of(current) if current else None
        yield from _first_head(current, organisation)


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


def _expression(resolver: Resolver, asker: Asker, _organisation: Organisation) -> Iterable[str]:
    return asker.ids_of(resolver.value)


def _people_named(resolver: Resolver, asker: Asker) -> tuple[str, ...]:
    if resolver.value == "requester":
        return () if asker.requester is None else (asker.requester,)
    return asker.ids_of(resolver.value)


def _level(resolver: Resolver) -> int:
    value = resolver.arguments.get("level", resolver.arguments.get("levels", 1))
    last = str(value).rsplit(".", 1)[-1]
    return max(1, int(last))


_FINDERS: Mapping[str, Finder] = {
    "user": _user,
    "role": _role,
    "group": _group,
    "manager_of": _manager_of,
    "managers_of": _managers_of,
    "head_of": _head_of,
    "requester": _requester,
    "decided": _decided,
    "expression": _expression,
}
#: Resolvers that this engine answers; publishing a flow with another is refused.
RESOLVERS = frozenset(_FINDERS)
