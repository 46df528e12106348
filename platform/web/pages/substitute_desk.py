"""Substitutes for the pages, answered by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from trellis.engine import query
from trellis.engine.assignment.delegation import Delegation, DelegationMode
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.errors import InvalidError, problem
from trellis.engine.flows.running import Flows
from trellis.engine.handover.by_hand import MOST, Wish, hand_over, stop_unless_leading
from trellis.engine.handover.delegating import DelegationWish, delegate, revoke
from trellis.engine.handover.owned import OwnedRecord, count_owned, owned_by
from trellis.engine.handover.trail import HandedOver, of_giver
from trellis.engine.handover.work import work_of
from trellis.engine.query import PageRequest
from trellis.engine.transactions import Transaction, zone_of
from trellis.engine.views import view_of
from trellis.formbuilder.audience import humanise
from trellis.metadata.model.access import Action
from trellis.web.pages.addresses import record_path
from trellis.web.pages.desk import Session
from trellis.web.pages.substitute_ports import (
    Colleague,
    Gone,
    Having,
    Led,
    PersonWork,
    Standing,
    StandingWish,
)
from trellis.web.pages.trail import Names

_OFFERED = 200
_LISTED = 100
#: Records of an object that are listed one by one.
_SHOWN = 20
_EVERY = "*"
_ORDER = {"running": 0, "planned": 1, "ended": 2}


@dataclass(frozen=True)
class EngineSubstitutes:
    """Who acts for whom, as one person sees it."""

    session: Session
    flows: Flows

    @property
    def _tx(self) -> Transaction:
        return self.session.reading

    def colleagues(self) -> Sequence[Colleague]:
        """Return people who may be named as substitutes, by name."""
        if not self._tx.rights("user").may(Action.READ):
            return []
        asked = PageRequest(fields=("login", "name"), filter="active = true", sort=("name",),
                            limit=_OFFERED)  # fmt: skip
        found = query.page(self._tx, "user", asked).items
        return [Colleague(str(one["login"]), str(one["name"])) for one in found]

    def led(self) -> Sequence[Led]:
        """Return the people who report to the person."""
        users = self._tx.compiled.table("user").columns
        me = self.session.actor.principal.id
        statement = (
            sa.select(users["id"], users["name"])
            .where(users["manager"] == me, users["deleted_at"].is_(None))
            .order_by(users["name"]).limit(_OFFERED)
        )  # fmt: skip
        return [Led(str(row[0]), str(row[1])) for row in self._tx.connection.execute(statement)]

    def standing(self, user_id: str) -> Sequence[Standing]:
        """Return the delegations of a person, running ones first."""
        names = Names(self._tx)
        found = [self._standing(one, user_id, names)
                 for one in SqlDelegations(self._tx).of_person(user_id)]  # fmt: skip
        return sorted(found, key=lambda one: _ORDER[one.state])

    def _standing(self, one: Delegation, user_id: str, names: Names) -> Standing:
        now, ended = self._tx.now, one.revoked_at is not None
        over = ended or (one.end is not None and one.end <= now)
        state = "ended" if over else "running" if one.start <= now else "planned"
        locale, catalog = self.session.actor.principal.locale, self._tx.compiled.catalog
        flows = [catalog.flows[key].label.text(locale, key) for key in one.flows
                 if key in catalog.flows]  # fmt: skip
        objects = [catalog.objects[key].label.text(locale, key) for key in one.objects
                   if key in catalog.objects]  # fmt: skip
        amount = [f"≤ {one.limit}"] if one.limit is not None else []
        return Standing(
            one.id, self._name(one.giver, names), self._name(one.taker, names),
            one.giver == user_id,
            one.start, one.revoked_at or one.end, str(one.mode),
            ", ".join([*flows, *objects, *amount]), one.reason, one.absence, state,
        )  # fmt: skip

    def _name(self, user_id: str, names: Names) -> str:
        """Return a name; the two of a delegation know each other, whatever else they may see."""
        view = view_of(self._tx, "user", user_id)
        return names.person(user_id) or str((view.get("name") if view is not None else "") or "")

    def delegate(self, wish: StandingWish) -> None:
        """Make a delegation; InvalidError or ForbiddenError otherwise."""
        with self.session.writing() as tx:
            view = view_of(tx, "user", wish.giver)
            zone = str((view.get("timezone") if view is not None else None) or "UTC")
            made = DelegationWish(
                giver=wish.giver,
                taker=_user_named(tx, wish.taker),
                start=_moment(wish.start, zone, "start") or tx.now,
                end=_moment(wish.end, zone, "end"),
                mode=str(DelegationMode.ALSO if wish.also else DelegationMode.INSTEAD),
                reason=wish.reason,
                include_open=not wish.also,
                absence=wish.absence,
            )
            delegate(tx, made)

    def revoke(self, delegation_id: str) -> None:
        """End a delegation."""
        with self.session.writing() as tx:
            revoke(tx, delegation_id)

    def work(self, user_id: str) -> PersonWork:
        """Return what somebody whom the person leads has."""
        tx = self._tx
        stop_unless_leading(tx, user_id)
        names, view = Names(tx), view_of(tx, "user", user_id)
        active = bool(SqlOrganisation(tx).active((user_id,)))
        pieces = [*self._tasks(user_id, names), *self._records(user_id, names)]
        name = str(view.get("name")) if view is not None else ""
        gone = [_gone(one, names) for one in of_giver(tx, user_id, _LISTED)]
        return PersonWork(name, active, pieces, gone)

    def _tasks(self, user_id: str, names: Names) -> list[Having]:
        catalog, locale = self._tx.compiled.catalog, self.session.actor.principal.locale
        found: list[Having] = []
        for task in work_of(self._tx, user_id)[:_LISTED]:
            flow = catalog.flows.get(task.flow)
            node = flow.nodes.get(task.node) if flow is not None else None
            label = humanise(task.node)
            label = node.label.text(locale, label) if node is not None else label
            about = names.of(task.object, task.record_id) if task.object and task.record_id else ""
            url = record_path(task.object, task.record_id) if about else ""  # type: ignore[arg-type]
            found.append(Having(task.id, str(task.kind), label, about, url, task.due_at))
        return found

    def _records(self, user_id: str, names: Names) -> Iterator[Having]:
        """Yield the records by object: all of them in one row, then those the reader may see."""
        locale = self.session.actor.principal.locale
        for key, number in count_owned(self._tx, user_id).items():
            item = self._tx.compiled.object(key)
            label = item.label.text(locale, humanise(key)) if item is not None else key
            yield Having(f"{key}:{_EVERY}", "records", label, str(number), "")
            for one in owned_by(self._tx, user_id, _SHOWN, (key,)):
                about = names.of(one.object, one.record_id)
                if about:
                    url = record_path(one.object, one.record_id)
                    yield Having(f"{key}:{one.record_id}", "record", label, about, url)

    def hand_over(
        self, user_id: str, taker: str, keys: Sequence[str], reason: str, *, everything: bool
    ) -> tuple[int, Sequence[str]]:
        """Hand pieces over; return how many went, and why others stayed."""
        tasks = tuple(key for key in keys if ":" not in key)
        with self.session.writing() as tx:
            records = tuple(one for key in keys if ":" in key for one in _named(tx, user_id, key))
            done = hand_over(self.flows, tx, user_id, _user_named(tx, taker),
                             Wish(tasks, records, everything, reason))  # fmt: skip
        return done.moved, [one.message for one in done.refused]


def _named(tx: Transaction, user_id: str, key: str) -> Sequence[OwnedRecord]:
    """Return the records that a ticked row stands for: one, or all of an object."""
    object_key, _, record_id = key.partition(":")
    if record_id == _EVERY:
        return owned_by(tx, user_id, MOST, (object_key,))
    return [OwnedRecord(object_key, record_id)]


def _user_named(tx: Transaction, login: str) -> str:
    """Return the user with a sign-in name; an InvalidError names the field."""
    found = SqlOrganisation(tx).user_of_login(login.strip().lower())
    if found is None:
        raise InvalidError([problem("to", "UNKNOWN", "is no user name")])
    return found


def _moment(text: str, zone: str, field: str) -> datetime | None:
    """Return what a field for a moment holds, in a person's time zone."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidError([problem(field, "TYPE", "is no moment")]) from None
    return found.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def _gone(one: HandedOver, names: Names) -> Gone:
    piece = one.piece
    about = names.of(piece.object, piece.record_id) if piece.object and piece.record_id else ""
    url = record_path(piece.object, piece.record_id) if about else ""  # type: ignore[arg-type]
    return Gone(one.at, about, url, names.person(one.taker), one.cause.kind,
                names.person(one.cause.actor), one.cause.note,
                one.returned_at is not None)  # fmt: skip
