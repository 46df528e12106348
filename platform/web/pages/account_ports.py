"""What sign-in and the profile ask of the room of access."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import Response
from trellis.access.sessions import NewSession
from trellis.web.demo_figures import DemoFigure


@dataclass(frozen=True)
class TokenView:
    """An API token in a list; the token itself was shown once."""

    id: str
    name: str
    start: str
    created: datetime
    used: datetime | None
    expires: datetime | None


class Door(Protocol):
    """The way in and out of the workspace, with its cookies."""

    def enter(self, login: str, password: str) -> NewSession:
        """Sign in; SignInError or ThrottledError otherwise."""
        ...

    def enter_demo(self, login: str) -> NewSession:
        """Step in as somebody of the demo; SignInError where this is no demo."""
        ...

    def demo_figures(self, locale: str) -> Sequence[DemoFigure]:
        """Return the people to step in as; nobody where this is no demo."""
        ...

    def keep(self, answer: Response, session: NewSession) -> None:
        """Put a session into the browser's cookie."""
        ...

    def leave(self, answer: Response) -> None:
        """End the session of this request, and take the cookie away."""
        ...

    def csrf(self) -> str:
        """Return the value that forms of strangers carry."""
        ...

    def is_inside(self) -> bool:
        """Tell whether this request proves somebody."""
        ...


class Account(Protocol):
    """A person's own settings, password and tokens."""

    @property
    def timezone(self) -> str:
        """Return the name of the person's time zone."""
        ...

    def set_language(self, locale: str) -> None:
        """Change the language."""
        ...

    def set_timezone(self, name: str) -> None:
        """Change the time zone; InvalidError for a name that is none."""
        ...

    def columns(self, object_key: str) -> Sequence[str]:
        """Return the columns the person chose for an object's lists; none when they did not."""
        ...

    def keep_columns(self, object_key: str, paths: Sequence[str]) -> None:
        """Keep the columns of an object's lists; none is what everybody sees."""
        ...

    def change_password(self, old: str, new: str) -> NewSession:
        """Change the password; every other session and every token ends."""
        ...

    def tokens(self) -> Sequence[TokenView]:
        """Return the person's API tokens."""
        ...

    def create_token(self, label: str, days: int) -> str:
        """Make a token and return it: it is shown once."""
        ...

    def revoke_token(self, token_id: str) -> None:
        """End a token."""
        ...
