"""An instance as rows: itself, its tokens and its frames; only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping
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

_COLUMNS = ("id", "flow", "version", "object", "record_id", "starter", "rev", "started_at",
            "ended_at", "incident", "parent", "parent_token", "previous")  # fmt: skip
_MAPS = ("vars", "outcomes", "rounds")


def load_case(connection: Connection, row: RowMapping) -> Case:
    """Return the instance of a row, with its tokens and frames."""
    found = connection.execute(
        sa.select(TOKEN).where(TOKEN.c.instance_id == row["id"]).order_by(TOKEN.c.position)
    ).mappings()
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
        connection.execute(sa.insert(INSTANCE).values(**row))
    else:
        old = _row(before)
        changed = {name: value for name, value in row.items() if value != old[name]}
        connection.execute(sa.update(INSTANCE).where(INSTANCE.c.id == after.id).values(**changed))
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
    for part in _parts(change.gone):
        connection.execute(sa.delete(TOKEN).where(TOKEN.c.id.in_(part)))
    if change.new:
        connection.execute(sa.insert(TOKEN), change.new)
    if change.changed:
        update = sa.update(TOKEN).where(TOKEN.c.id == sa.bindparam("this"))
        connection.execute(update.values(**change.bound), change.changed)


def _save_frames(connection: Connection, before: Case | None, after: Case) -> None:
    old = before.frames if before is not None else ()
    change = _change(
        after.id,
        {frame.id: _frame_row(frame) for frame in old},
        {frame.id: _frame_row(frame) for frame in after.frames},
    )
    for part in _parts(change.gone):
        connection.execute(sa.delete(FRAME).where(FRAME.c.id.in_(part)))
    if change.new:
        connection.execute(sa.insert(FRAME), change.new)
    if change.changed:
        update = sa.update(FRAME).where(FRAME.c.id == sa.bindparam("this"))
        connection.execute(update.values(**change.bound), change.changed)


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


def _token(row: RowMapping) -> Token:
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

    @property
    def bound(self) -> dict[str, Any]:
        """Return the columns of an update, each bound by its name."""
        return {name: sa.bindparam(name) for name in self.changed[0] if name != "this"}


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


def _parts(ids: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]
