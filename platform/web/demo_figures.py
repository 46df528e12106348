"""The people whom the sign-in page of a demo offers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoFigure:
    """Somebody of the demo: texts are in the language that was asked for."""

    login: str
    name: str
    post: str
    tries: tuple[str, ...] = ()
