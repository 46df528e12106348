"""Who works on a node: its resolvers asked in the name of an instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.approvals.work import Task, TaskKind
from trellis.engine.assignment.delegation import Matter, stand_in
from trellis.engine.assignment.people import Asker, People, PeopleError, resolve
from trellis.engine.assignment.seating import FALLBACK_ROLE, Facts, Seating, seats_for
from trellis.engine.errors import ConflictError
from trellis.engine.flows.returns import open_at
from trellis.engine.flows.state import Case, FlowError
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.flows import Node, NodeKind
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.texts import ValueOrExpression

#: Variables of an instance that no expression reaches: people kept from its start, and picked.
KEPT_PEOPLE = "#people"
PICKED_PEOPLE = "#picked"


def people_of(stage: Stage, case: Case, node: Node, *, pooled: bool) -> People:
    """Return whom a node names; after a return who completed it before.

    FlowError when that cannot be said.
    """
    again = familiar(stage, case, node)
    if again:
        return People(users=again)
    kept = case.vars.get(KEPT_PEOPLE)
    if isinstance(kept, Mapping) and node.id in kept:
        return _people_from(kept[node.id])
    try:
        return _resolved(stage, case, node, node.who, pooled=pooled)
    except PeopleError as error:
        raise FlowError(node.id, str(error)) from error


def familiar(stage: Stage, case: Case, node: Node) -> tuple[str, ...]:
    """Return who completed the node before the flow was returned to it, where they are there."""
    point = open_at(case, node.id)
    if point is None or not point.people:
        return ()
    active = stage.world.organisation.active(point.people)
    return tuple(user for user in point.people if user in active)


def barred(stage: Stage, case: Case, node: Node, *, own: bool) -> frozenset[str]:
    """Return who must not decide the node: the requester unless `own`, and who did `not:` nodes."""
    apart = node.policy.apart
    others = stage.world.decisions(case, node).people_at(apart) if apart else frozenset()
    return others | ({case.starter} if case.starter and not own else frozenset())


def stop_unfit(stage: Stage, case: Case, task: Task) -> None:
    """Raise when who acts may not take pooled work: their own request, or another's step of it."""
    node = stage.plan.graph.nodes.get(task.node)
    if node is None or task.holder is not None:
        return
    own = task.kind is not TaskKind.SEAT or node.policy.requester == "allow"
    if stage.actor not in barred(stage, case, node, own=own):
        return
    if stage.actor == case.starter and not own:
        raise ConflictError("REQUESTER", "nobody decides about their own request",
                            hint="leave it to the others to whom it is offered")  # fmt: skip
    raise ConflictError("SEPARATION", "who did an earlier step does not do this one",
                        hint="leave it to the others to whom it is offered")  # fmt: skip


def workers_of(stage: Stage, case: Case, node: Node) -> People:
    """Return who works on a task: whom `who:` names, else whom `empty:` does; never nobody.

    Whose work another step of `not:` was is not asked; FlowError when nobody is left.
    """
    found = _without_apart(stage, case, node, people_of(stage, case, node, pooled=True))
    empty = node.policy.empty
    if found:
        return found
    if empty.kind == "block":
        raise FlowError(node.id, "nobody was found who could do it")
    if not empty.people:
        return People(pools=(FALLBACK_ROLE,))
    try:
        others = _resolved(stage, case, node, empty.people, pooled=True)
    except PeopleError as error:
        raise FlowError(node.id, str(error)) from error
    others = _without_apart(stage, case, node, others)
    if not others:
        raise FlowError(node.id, "nobody was found who could do it, not even whom `empty` names")
    return others


def _without_apart(stage: Stage, case: Case, node: Node, people: People) -> People:
    if not node.policy.apart:
        return people
    apart = stage.world.decisions(case, node).people_at(node.policy.apart)
    return replace(people, users=tuple(user for user in people.users if user not in apart))


def people_at_start(stage: Stage, case: Case) -> dict[str, Any]:
    """Return the variables that keep the people of nodes that say `resolve: start`.

    People who cannot be found yet are looked for again when the node is entered.
    """
    found: dict[str, Any] = {}
    for node in stage.plan.graph.nodes.values():
        if node.policy.resolve == "start" and node.kind is NodeKind.APPROVAL:
            try:
                people = people_of(stage, case, node, pooled=False)
            except FlowError:
                continue
            found[node.id] = {"users": list(people.users), "pools": list(people.pools),
                              "chains": dict(people.chains)}  # fmt: skip
    return {KEPT_PEOPLE: found} if found else {}


def _people_from(kept: Mapping[str, Any]) -> People:
    return People(tuple(kept["users"]), tuple(kept["pools"]), dict(kept["chains"]))


def seating_of(stage: Stage, case: Case, node: Node) -> Seating:
    """Return the seats of an approval node that is entered now (flows.md 2.2 and 2.6)."""
    people = people_of(stage, case, node, pooled=False)
    try:
        return seats_for(people, node.policy, facts_of(stage, case, node))
    except PeopleError as error:
        raise FlowError(node.id, str(error)) from error


def facts_of(stage: Stage, case: Case, node: Node) -> Facts:
    """Return what is true of the instance for the seats of a node."""

    def others(resolvers: Iterable[Resolver]) -> People:
        return _resolved(stage, case, node, resolvers, pooled=False)

    return Facts(
        requester=case.starter,
        matter=matter_of(stage, case),
        now=stage.now,
        organisation=stage.world.organisation,
        delegations=stage.world.delegations,
        decisions=stage.world.decisions(case, node),
        others=others,
    )


def holder_of(stage: Stage, case: Case, user: str) -> tuple[str, str | None]:
    """Return who does the work of one person, and who may do it too (flows.md 2.6)."""
    organisation, delegations = stage.world.organisation, stage.world.delegations
    acting = stand_in(user, matter_of(stage, case), stage.now, delegations.of_giver,
                      lambda _user: False, organisation.active)  # fmt: skip
    return acting.holder, acting.also


def matter_of(stage: Stage, case: Case) -> Matter:
    """Return what is decided about, with the largest amount of the record."""
    return Matter(case.flow, case.object, lambda: stage.world.amount_of(case))


def resolved_by(stage: Stage, case: Case, node: Node, who: Iterable[Resolver]) -> tuple[str, ...]:
    """Return the people that resolvers name; FlowError when that cannot be said."""
    try:
        return _resolved(stage, case, node, who, pooled=False).users
    except PeopleError as error:
        raise FlowError(node.id, str(error)) from error


def _resolved(
    stage: Stage, case: Case, node: Node, who: Iterable[Resolver], *, pooled: bool
) -> People:
    return resolve(who, _asker(stage, case, node), stage.world.organisation, pooled=pooled)


def _asker(stage: Stage, case: Case, node: Node) -> Asker:
    context = stage.context(case)
    picked = case.vars.get(PICKED_PEOPLE)

    def value_of(value: ValueOrExpression) -> Any:
        return stage.plan.value(value, context)

    def replaced(user: str) -> bool:
        return holder_of(stage, case, user)[0] != user

    return Asker(
        requester=case.starter,
        decided=stage.store.decided_by(case.id),
        value_of=value_of,
        user_of_login=stage.world.user_of_login,
        picked=tuple(picked.get(node.id, ())) if isinstance(picked, Mapping) else (),
        replaced=replaced,
    )
