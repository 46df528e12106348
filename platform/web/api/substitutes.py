"""Who acts for whom, and what goes from one person to another: delegations and hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine.assignment.delegation import Delegation
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.errors import InvalidError, problem
from trellis.engine.flows.running import Flows
from trellis.engine.handover.by_hand import (
    MOST,
    Outcome,
    Wish,
    hand_over,
    stop_unless_leading,
)
from trellis.engine.handover.delegating import LONGEST_REASON, DelegationWish, delegate, revoke
from trellis.engine.handover.owned import OwnedRecord, count_owned, owned_by
from trellis.engine.handover.trail import HandedOver, of_giver
from trellis.engine.handover.work import work_of
from trellis.engine.transactions import Transaction, zone_of
from trellis.engine.views import view_of
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import check_keys, json_body, query_of, text_of
from trellis.web.door import proof
from trellis.web.policy import policy
from trellis.web.serving import server

_KEYS = ("from", "to", "start", "end", "mode", "flows", "objects", "limit", "reason",
         "include_open", "give_back", "absence")  # fmt: skip
_SHOWN = 200


@api.get("/v1/delegations")
@policy()
def list_delegations() -> ResponseReturnValue:
    """Return the delegations from and to the caller, or to somebody whom the caller leads."""
    user = query_of(("user",)).get("user") or proof().principal.id
    with reading() as tx:
        if user != proof().principal.id:
            stop_unless_leading(tx, user)
        found = SqlDelegations(tx).of_person(user)
        return answer({"items": [_delegation(tx, one) for one in found]})


@api.post("/v1/delegations")
@policy()
def make_delegation() -> ResponseReturnValue:
    """Let somebody act for the caller, or for somebody whom the caller leads."""
    body, key = json_body(), request_key()
    check_keys(body.value, _KEYS)

    with writing() as tx:

        def work() -> Response:
            return answer(_delegation(tx, delegate(tx, _wish(tx, body.value))), 201)

        return once(tx, key, body.raw, work)


@api.delete("/v1/delegations/<delegation_id>")
@policy()
def end_delegation(delegation_id: str) -> ResponseReturnValue:
    """End a delegation now; what is undecided goes back."""
    with writing() as tx:
        revoke(tx, delegation_id)
    return Response(status=204)


@api.get("/v1/users/<user_id>/work")
@policy()
def work_of_user(user_id: str) -> ResponseReturnValue:
    """Return what somebody whom the caller leads has: open work, records by object."""
    with reading() as tx:
        stop_unless_leading(tx, user_id)
        tasks = [{"id": task.id, "kind": task.kind, "flow": task.flow, "node": task.node,
                  "object": task.object, "record": task.record_id, "holder": task.holder,
                  "due_at": task.due_at} for task in work_of(tx, user_id)]  # fmt: skip
        records = [{"object": one.object, "id": one.record_id}
                   for one in owned_by(tx, user_id, _SHOWN)]  # fmt: skip
        return answer({"tasks": tasks, "records": records, "counts": count_owned(tx, user_id)})


@api.post("/v1/users/<user_id>/handover")
@policy()
def hand_over_work(user_id: str) -> ResponseReturnValue:
    """Hand over what somebody has: pieces by id, or everything; what stays is named."""
    body, key = json_body(), request_key()
    check_keys(body.value, ("to", "tasks", "records", "everything", "reason"))
    taker = _text(body.value, "to", 80)
    wish = Wish(_ids(body.value, "tasks"), _records(body.value),
                _flag(body.value, "everything", default=False),
                text_of(body.value, "reason", LONGEST_REASON) or "")  # fmt: skip
    with writing() as tx:

        def work() -> Response:
            return answer(_outcome(hand_over(Flows(server().workspace), tx, user_id, taker, wish)))

        return once(tx, key, body.raw, work)


@api.get("/v1/users/<user_id>/handovers")
@policy()
def handovers_of(user_id: str) -> ResponseReturnValue:
    """Return what went from somebody whom the caller leads (or the caller) to others."""
    with reading() as tx:
        if user_id != proof().principal.id:
            stop_unless_leading(tx, user_id)
        return answer({"items": [_handed(one) for one in of_giver(tx, user_id)]})


def _wish(tx: Transaction, body: Mapping[str, Any]) -> DelegationWish:
    giver = text_of(body, "from", 80) or tx.actor.principal.id
    start = _moment(tx, giver, body, "start") or tx.now
    return DelegationWish(
        giver=giver, taker=_text(body, "to", 80), start=start,
        end=_moment(tx, giver, body, "end"), mode=text_of(body, "mode", 20) or "instead",
        flows=_ids(body, "flows"), objects=_ids(body, "objects"), limit=_amount(body),
        reason=text_of(body, "reason", LONGEST_REASON) or "",
        include_open=_flag(body, "include_open", default=False),
        give_back=_flag(body, "give_back", default=True),
        absence=_flag(body, "absence", default=False),
    )  # fmt: skip


def _moment(tx: Transaction, giver: str, body: Mapping[str, Any], key: str) -> datetime | None:
    """Return a moment; one without a zone is meant in the giver's."""
    text = text_of(body, key, 40)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(
            [problem(key, "TYPE", "is a moment such as 2026-12-31T18:00:00Z")]
        ) from None
    if found.tzinfo is None:
        view = view_of(tx, "user", giver)
        found = found.replace(tzinfo=zone_of(str((view.get("timezone") if view else "") or "UTC")))
    return found.astimezone(UTC)


def _amount(body: Mapping[str, Any]) -> Decimal | None:
    value = body.get("limit")
    if value is None:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or abs(found.adjusted()) > 18:
        raise InvalidError([problem("limit", "TYPE", "is an amount")])
    return found


def _flag(body: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise InvalidError([problem(key, "TYPE", "is true or false")])
    return value


def _text(body: Mapping[str, Any], key: str, longest: int) -> str:
    found = text_of(body, key, longest)
    if not found:
        raise InvalidError([problem(key, "REQUIRED", "is required")])
    return found


def _ids(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key)
    if value is None:
        return ()
    fits = isinstance(value, list) and len(value) <= MOST
    if not fits or not all(isinstance(one, str) and len(one) <= 80 for one in value):
        raise InvalidError([problem(key, "TYPE", f"is a list of at most {MOST} names")])
    return tuple(value)


def _records(body: Mapping[str, Any]) -> tuple[OwnedRecord, ...]:
    value = body.get("records")
    if value is None:
        return ()
    told = "is a list of `{object, id}`"
    if not isinstance(value, list) or len(value) > MOST:
        raise InvalidError([problem("records", "TYPE", told)])
    found = [(one.get("object"), one.get("id")) if isinstance(one, dict) else (None, None)
             for one in value]  # fmt: skip
    if not all(isinstance(key, str) and isinstance(identity, str) for key, identity in found):
        raise InvalidError([problem("records", "TYPE", told)])
    return tuple(OwnedRecord(str(key), str(identity)) for key, identity in found)


def _delegation(tx: Transaction, one: Delegation) -> dict[str, Any]:
    return {
        "id": one.id, "from": one.giver, "to": one.taker, "start": one.start, "end": one.end,
        "mode": one.mode, "flows": list(one.flows), "objects": list(one.objects),
        "limit": one.limit, "reason": one.reason, "include_open": one.include_open,
        "give_back": one.give_back, "absence": one.absence, "created_at": one.created_at,
        "revoked_at": one.revoked_at, "running": one.runs(tx.now),
    }  # fmt: skip


def _outcome(done: Outcome) -> dict[str, Any]:
    refused = [{"id": one.id, "code": one.code, "message": one.message} for one in done.refused]
    return {"moved": done.moved, "refused": refused}


def _handed(one: HandedOver) -> dict[str, Any]:
    return {
        "id": one.id, "at": one.at, "to": one.taker, "kind": one.piece.kind,
        "object": one.piece.object, "record": one.piece.record_id, "task": one.piece.task_id,
        "cause": one.cause.kind, "by": one.cause.actor, "note": one.cause.note,
        "returned_at": one.returned_at,
    }  # fmt: skip
