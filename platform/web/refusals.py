"""Refusals that only HTTP knows: bodies that cannot be read."""

from __future__ import annotations

from trellis.engine.errors import EngineError


class MalformedError(EngineError):
    """What was sent cannot be read at all."""


class WrongTypeError(EngineError):
    """What was sent is of another type than the address takes."""
