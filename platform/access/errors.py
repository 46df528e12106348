"""Refusals of this room; `web/errors.py` maps them to HTTP like those of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Details = Sequence[Mapping[str, Any]]


class AccessError(Exception):
    """A refusal with a code, a message for a person, and how to go on."""

    def __init__(
        self, code: str, message: str, hint: str | None = None, details: Details = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = tuple(details)


class SignInError(AccessError):
    """Name and password do not belong together; never says which of them was wrong."""

    def __init__(self) -> None:
        super().__init__("SIGN_IN_FAILED", "user name or password is wrong")


class NotSignedInError(AccessError):
    """The request proves nobody: no session, no token, or one that ended."""

    def __init__(self, message: str = "sign in first") -> None:
        super().__init__(
            "NOT_SIGNED_IN",
            message,
            "send `Authorization: Bearer …` or sign in at `/login`",
        )


class ThrottledError(AccessError):
    """Too many attempts; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "TOO_MANY_ATTEMPTS",
            "too many attempts",
            f"try again in {retry_after} seconds",
        )
        self.retry_after = retry_after


class AccessDeniedError(AccessError):
    """The principal may not do this."""


class AccessInvalidError(AccessError):
    """What was sent breaks a rule: a weak password, an unknown role, a past expiry."""


class AccessNotFoundError(AccessError):
    """There is no such user or token."""
