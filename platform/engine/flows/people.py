"""Who works on a node: its resolvers asked in the name of an instance."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.engine.assignment.people import Asker, People, TooManyPeopleError, resolve
from trellis.engine.flows.returns import open_at
from trellis.engine.flows.state import Case, FlowError
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.flows import Node, Resolver
from trellis.metadata.model.texts import ValueOrExpression

#: Who gets work that nobody was found for: never a silent approval (flows.md 2.2).
FALLBACK_ROLE = "flow_admin"


def seat_holders(stage: Stage, case: Case, node: Node) -> tuple[str, ...]:
    """Return who votes: nobody approves a request of their own (flows.md 2.2, `escalate`)."""
    organisation = stage.world.organisation
    again = familiar(stage, case, node)
    if again:
        return again
    found = people_of(stage, case, node, pooled=False).users
    same = node.settings.get("same")
    allow_own = isinstance(same, Mapping) and same.get("requester") == "allow"
    holders: list[str] = []
    for user in found:
        if user == case.starter and not allow_own:
            above = Resolver("manager_of", node.location, "requester")
            holders.extend(resolve([above], _asker(stage, case), organisation, pooled=False).users)
        else:
            holders.append(user)
    unique = tuple(user for user in dict.fromkeys(holders) if allow_own or user != case.starter)
    if unique:
        return unique
    fallback = organisation.members_of_role(FALLBACK_ROLE)
    others = tuple(user for user in fallback if allow_own or user != case.starter)
    if not others:
        raise FlowError(node.id, f"nobody is there to approve, not even role `{FALLBACK_ROLE}`")
    return others


def familiar(stage: Stage, case: Case, node: Node) -> tuple[str, ...]:
    """Return who completed the node before the flow was returned to it, where they are there."""
    point = open_at(case, node.id)
    if point is None or not point.people:
        return ()
    active = stage.world.organisation.active(point.people)
    return tuple(user for user in point.people if user in active)


def barred(stage: Stage, case: Case, node: Node, *, own: bool) -> frozenset[str]:
    """Return who must not decide the node: the requester unless `own`, and who did `not:` nodes."""
    apart = node.settings.get("not") or ()
    named = apart if isinstance(apart, list | tuple) else (apart,)
    decided = stage.store.decided_by(case.id) if named else {}
    others = {user for name in named for user in decided.get(str(name), ())}
    return frozenset(others | ({case.starter} if case.starter and not own else set()))


def people_of(stage: Stage, case: Case, node: Node, *, pooled: bool) -> People:
    """Return who works on the node; after a return who completed it before."""
    again = familiar(stage, case, node)
    if again:
        return People(users=again)
    try:
        return resolve(node.who, _asker(stage, case), stage.world.organisation, pooled=pooled)
    except TooManyPeopleError as error:
        raise FlowError(node.id, str(error)) from error


def _asker(stage: Stage, case: Case) -> Asker:
    context = stage.context(case)

    def ids_of(value: ValueOrExpression) -> tuple[str, ...]:
        return tuple(_ids_in(stage.plan.value(value, context)))

    return Asker(
        requester=case.starter,
        decided=stage.store.decided_by(case.id),
        ids_of=ids_of,
        user_of_login=stage.world.user_of_login,
    )


def _ids_in(value: object) -> list[str]:
    """Return the ids in a value: records, lists of them, or ids themselves."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [found for item in value for found in _ids_in(item)]
    identity = getattr(value, "id", None)
    return [identity] if isinstance(identity, str) else []
