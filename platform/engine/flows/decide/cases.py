"""Small changes of an instance: tokens moved, removed and answered, variables set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from trellis.engine.flows.state import (
    Case,
    Command,
    Frame,
    FrameKind,
    InstanceState,
    Phase,
    Step,
    Token,
)
from trellis.ids import IdSource


def performed(case: Case, token: Token, command: Command) -> Case:
    """Return the case after the world did what `command` asked for."""
    if command is Command.COLLECT:
        frames = tuple(f for f in case.frames if f.token != token.id)
        case = replace(case, frames=frames)
    phase = Phase.WORK if command is Command.TRANSITION else Phase.LEAVE
    return with_phase(case, token.id, phase)


def waiting(case: Case, token: Token) -> Case:
    """Return the case with `token` waiting for an answer."""
    return with_phase(case, token.id, Phase.WAIT)


def left(case: Case, token: Token) -> Case:
    """Return the case with `token` about to go on."""
    return with_phase(case, token.id, Phase.LEAVE)


def answered(case: Case, token_id: str, outcome: str) -> Case:
    """Return the case after a person, clock or job answered what the token waited for."""
    token = token_of(case, token_id)
    outcomes = {**case.outcomes, token.node: outcome}
    case = with_phase(replace(case, outcomes=outcomes), token_id, Phase.LEAVE)
    frame = frame_of(case, token.frame)
    if frame is not None and frame.kind is FrameKind.ITEM and frame.node == token.node:
        return put_frame(case, replace(frame, vars={**frame.vars, "outcome": outcome}))
    return case


def chosen(case: Case, token_id: str, node: str, now: datetime) -> Case:
    """Return the case after an event behind an event gateway came: the token is past it."""
    gateway = token_of(case, token_id)
    past = replace(gateway, node=node, phase=Phase.LEAVE, arrived_at=now, origin=gateway.node)
    case = replace(case, closed=(*case.closed, token_id), rounds=_counted(case, [node]))
    return map_token(case, token_id, lambda _: past)


def finished(case: Case, state: InstanceState, now: datetime) -> Step:
    """Return the step that ends the instance with `state` and withdraws every token."""
    owners = (*case.closed, *(frame.id for frame in case.frames), case.id)
    tokens = (*case.cancelled, *case.tokens)
    ended = replace(case, tokens=(), frames=(), state=state, ended_at=now, cancelled=(), closed=())
    return Step(ended, cancelled=tokens, closed=owners)


def token_of(case: Case, token_id: str) -> Token:
    """Return a token of the case; KeyError when it has gone on."""
    for token in case.tokens:
        if token.id == token_id:
            return token
    raise KeyError(token_id)


def frame_of(case: Case, frame_id: str | None) -> Frame | None:
    """Return a frame of the case; None for the flow itself."""
    return next((frame for frame in case.frames if frame.id == frame_id), None)


def frames_around(case: Case, frame_id: str | None) -> Iterator[Frame]:
    """Yield a frame and those around it, the innermost first."""
    frame = frame_of(case, frame_id)
    while frame is not None:
        yield frame
        frame = frame_of(case, frame.parent)


def with_vars(case: Case, values: Mapping[str, Any], frame_id: str | None = None) -> Case:
    """Return the case with variables set: those of an item stay its own."""
    item = next((f for f in frames_around(case, frame_id) if f.kind is FrameKind.ITEM), None)
    if not values:
        return case
    if item is not None:
        return put_frame(case, replace(item, vars={**item.vars, **values}))
    return replace(case, vars={**case.vars, **values})


def seen_vars(case: Case, frame_id: str | None) -> Mapping[str, Any]:
    """Return the variables that expressions in a frame see: inner ones hide outer ones."""
    seen = dict(case.vars)
    for frame in reversed(tuple(frames_around(case, frame_id))):
        seen.update(frame.vars)
    return seen


def seen_names(case: Case, frame_id: str | None) -> Mapping[str, Any]:
    """Return what expressions in a frame see by name besides the platform's own names."""
    seen: dict[str, Any] = {}
    for frame in reversed(tuple(frames_around(case, frame_id))):
        seen.update(frame.names)
    return seen


def put_frame(case: Case, changed: Frame) -> Case:
    """Return the case with a frame changed, or added at the end."""
    if frame_of(case, changed.id) is None:
        return replace(case, frames=(*case.frames, changed))
    frames = tuple(changed if frame.id == changed.id else frame for frame in case.frames)
    return replace(case, frames=frames)


def without(case: Case, token_id: str) -> Case:
    """Return the case without a token that has come to its end."""
    return replace(case, tokens=tuple(t for t in case.tokens if t.id != token_id))


def dropped(case: Case, frames: Iterable[str], tokens: Iterable[str] = ()) -> Case:
    """Return the case without the given frames and tokens and all that is inside of them."""
    gone_frames, gone_tokens = set(frames), set(tokens)
    grew = True
    while grew:
        size = len(gone_frames) + len(gone_tokens)
        gone_tokens |= {t.id for t in case.tokens if t.frame in gone_frames}
        gone_frames |= {f.id for f in case.frames
                        if f.parent in gone_frames or f.token in gone_tokens}  # fmt: skip
        grew = len(gone_frames) + len(gone_tokens) > size
    cancelled = tuple(t for t in case.tokens if t.id in gone_tokens)
    return replace(
        case,
        tokens=tuple(t for t in case.tokens if t.id not in gone_tokens),
        frames=tuple(f for f in case.frames if f.id not in gone_frames),
        cancelled=(*case.cancelled, *cancelled),
        closed=(*case.closed, *sorted(gone_frames)),
    )


def emptied(case: Case, frame_id: str | None) -> Case:
    """Return the case with nothing left inside a frame, which itself stays."""
    tokens = [token.id for token in case.tokens if token.frame == frame_id]
    frames = [frame.id for frame in case.frames if frame.parent == frame_id]
    return dropped(case, frames, tokens)


def moved(case: Case, token: Token, ways: tuple[str, ...], now: datetime, ids: IdSource) -> Case:
    """Replace `token` by one on each way; the first keeps its id."""
    on = [
        Token(token.id if position == 0 else ids.new(), way, Phase.ENTER, now, token.node,
              token.frame)
        for position, way in enumerate(ways)
    ]  # fmt: skip
    tokens: list[Token] = []
    for other in case.tokens:
        tokens.extend(on if other.id == token.id else [other])
    return replace(case, tokens=tuple(tokens), rounds=_counted(case, ways))


def added(case: Case, token: Token) -> Case:
    """Return the case with one more token."""
    return replace(case, tokens=(*case.tokens, token), rounds=_counted(case, [token.node]))


def _counted(case: Case, ways: Iterable[str]) -> Mapping[str, int]:
    rounds = dict(case.rounds)
    for way in ways:
        rounds[way] = rounds.get(way, 0) + 1
    return rounds


def with_phase(case: Case, token_id: str, phase: Phase) -> Case:
    """Return the case with a token in another phase."""
    return map_token(case, token_id, lambda token: replace(token, phase=phase))


def map_token(case: Case, token_id: str, change: Callable[[Token], Token]) -> Case:
    """Return the case with one token changed."""
    token_of(case, token_id)
    tokens = tuple(change(t) if t.id == token_id else t for t in case.tokens)
    return replace(case, tokens=tokens)
