"""An instance as rows: itself, its tokens and its frames; only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.engine.flows.state import (
    Case,
    Frame,
    FrameKind,
    InstanceState,
    Phase,
    Token,
    Undo,
)
from trellis.engine.flows.values import kept, plain
from trellis.storage.platform_tables.flows import FRAME, INSTANCE, TOKEN
from trellis.storage.prepared import Kept

_COLUMNS = ("id", "flow", "version", "object", "record_id", "starter", "rev", "started_at",
            "ended_at", "incident", "parent", "parent_token", "previous")  # fmt: skip
_MAPS = ("vars", "outcomes", "rounds")
_INSERT = Kept(sa.insert(INSTANCE))
_INSERTS = {TOKEN: Kept(sa.insert(TOKEN)), FRAME: Kept(sa.insert(FRAME))}
_UPDATES = {INSTANCE: sa.update(INSTANCE), TOKEN: sa.update(TOKEN), FRAME: sa.update(FRAME)}
_DELETES = {
    TOKEN: Kept(sa.delete(TOKEN).where(TOKEN.c.id == sa.bindparam("this"))),
    FRAME: Kept(sa.delete(FRAME).where(FRAME.c.id == sa.bindparam("this"))),
}
_TOKENS = Kept(
    sa.select(TOKEN)
    .where(TOKEN.c.instance_id == sa.bindparam("instance"))
    .order_by(TOKEN.c.position)
)


def load_case(connection: Connection, row: Mapping[str, Any]) -> Case:
    """Return the instance of a row, with its tokens and frames."""
    found = _TOKENS.rows(connection, {"instance": row["id"]})
    tokens = tuple(_token(token) for token in found)
    # Where no token is inside a frame, there is none.
    nested = any(token.frame is not None for token in tokens)
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values |= {name: row[name] or {} for name in _MAPS}
    return Case(
        **values,
        state=InstanceState(row["state"]),
        tokens=tokens,
        frames=_frames(connection, row["id"]) if nested else (),
        undo=tuple(_undo(one) for one in row["undo"] or ()),
        returns=tuple(row["returns"] or ()),
    )


def save_case(connection: Connection, before: Case | None, after: Case) -> None:
    """Write what differs between two states of an instance (all of it when new)."""
    row = _row(after)
    if before is None:
        _INSERT.run(connection, row)
    else:
        old = _row(before)
        changed = {name: value for name, value in row.items() if value != old[name]}
        if changed:
            _update(INSTANCE, frozenset(changed)).run(connection, {"this": after.id, **changed})
    _save_tokens(connection, before, after)
    if after.frames or (before is not None and before.frames):
        _save_frames(connection, before, after)


def _save_tokens(connection: Connection, before: Case | None, after: Case) -> None:
    old = before.tokens if before is not None else ()
    change = _change(
        after.id,
        {token.id: _token_row(token, position) for position, token in enumerate(old)},
        {token.id: _token_row(token, position) for position, token in enumerate(after.tokens)},
    )
    _write(connection, TOKEN, change)


def _save_frames(connection: Connection, before: Case | None, after: Case) -> None:
    old = before.frames if before is not None else ()
    change = _change(
        after.id,
        {frame.id: _frame_row(frame) for frame in old},
        {frame.id: _frame_row(frame) for frame in after.frames},
    )
    _write(connection, FRAME, change)


def _write(connection: Connection, table: sa.Table, change: _Change) -> None:
    if change.gone:
        rows = [{"this": identity} for identity in change.gone]
        _DELETES[table].of(connection).run_many(connection, rows)
    if change.new:
        _INSERTS[table].of(connection).run_many(connection, change.new)
    if change.changed:
        update = _update(table, frozenset(change.changed[0]) - {"this"})
        update.of(connection).run_many(connection, change.changed)


@cache
def _update(table: sa.Table, names: frozenset[str]) -> Kept:
    """Return the update of some columns; only a few sets of them ever occur."""
    values = {name: sa.bindparam(name, type_=table.c[name].type) for name in sorted(names)}
    return Kept(_UPDATES[table].where(table.c.id == sa.bindparam("this")).values(values))


def _row(case: Case) -> dict[str, Any]:
    row = {name: getattr(case, name) for name in _COLUMNS}
    row |= {name: plain(getattr(case, name)) for name in _MAPS}
    undo = [{"node": u.node, "handler": u.handler, "frames": list(u.frames),
             "vars": plain(u.vars), "names": kept(u.names)} for u in case.undo]  # fmt: skip
    returns = [dict(one) for one in case.returns]
    return {**row, "state": str(case.state), "undo": undo or None, "returns": returns or None}


def _undo(row: Mapping[str, Any]) -> Undo:
    return Undo(row["node"], row["handler"], tuple(row.get("frames", ())), row.get("vars", {}),
                row.get("names", {}))  # fmt: skip


def _token(row: Mapping[str, Any]) -> Token:
    return Token(row["id"], row["node"], Phase(row["phase"]), row["arrived_at"], row["origin"],
                 row["frame"])  # fmt: skip


def _token_row(token: Token, position: int) -> dict[str, Any]:
    return {"node": token.node, "phase": str(token.phase), "origin": token.origin,
            "arrived_at": token.arrived_at, "frame": token.frame, "position": position}  # fmt: skip


def _frames(connection: Connection, instance_id: str) -> tuple[Frame, ...]:
    statement = sa.select(FRAME).where(FRAME.c.instance_id == instance_id).order_by(FRAME.c.id)
    rows = connection.execute(statement).mappings()
    return tuple(
        Frame(row["id"], row["node"], FrameKind(row["kind"]), row["parent"], row["token"],
              row["position"], row["vars"] or {}, row["names"] or {}, row["data"] or {})
        for row in rows
    )  # fmt: skip


def _frame_row(frame: Frame) -> dict[str, Any]:
    return {"node": frame.node, "kind": str(frame.kind), "parent": frame.parent,
            "token": frame.token, "position": frame.position, "vars": plain(frame.vars),
            "names": kept(frame.names), "data": kept(frame.data)}  # fmt: skip


@dataclass(frozen=True)
class _Change:
    """What differs between two states of a kind of row; `this` names the row to update."""

    gone: list[str]
    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]


def _change(
    instance_id: str,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
) -> _Change:
    return _Change(
        [identity for identity in before if identity not in after],
        [{"id": identity, "instance_id": instance_id, **row}
         for identity, row in after.items() if identity not in before],
        [{"this": identity, **row} for identity, row in after.items()
         if identity in before and before[identity] != row],
    )  # fmt: skip
