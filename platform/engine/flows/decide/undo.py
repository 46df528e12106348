"""Compensation: what was done is undone by its handlers, the last one first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.flows.decide.cases import emptied, frame_of, put_frame, with_phase
from trellis.engine.flows.decide.scopes import Tools, next_undo
from trellis.engine.flows.state import Case, Frame, FrameKind, InstanceState, Phase, Token


def begin_undo(tools: Tools, case: Case, token: Token, only: str | None) -> Case:
    """Return the case with `token` waiting until what was done in its scope is undone.

    In an event sub-flow the scope is the one around it; `only` names a single node.
    """
    scope = token.frame
    around = frame_of(case, scope)
    while around is not None and around.kind in (FrameKind.EVENT, FrameKind.UNDO):
        scope = around.parent
        around = frame_of(case, scope)
    frame = Frame(tools.ids.new(), token.node, FrameKind.UNDO, token.frame, token.id,
                  data={"scope": scope, "only": only})  # fmt: skip
    case = with_phase(put_frame(case, frame), token.id, Phase.WAIT)
    return next_undo(tools, case, frame)


def undone_first(tools: Tools, case: Case, then: InstanceState) -> Case:
    """Return the case that does nothing but undo, and ends with `then`."""
    case = emptied(case, None)
    data: Mapping[str, Any] = {"scope": None, "only": None, "then": str(then)}
    frame = Frame(tools.ids.new(), "undo", FrameKind.UNDO, data=data)
    case = replace(put_frame(case, frame), closed=(*case.closed, case.id))
    return next_undo(tools, case, frame)
