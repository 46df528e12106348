"""Refusals: what a person may not do or must mend, with a code; `web` alone knows HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class EngineError(Exception):
    """A refusal; `details` are for programs, `message` and `hint` for people."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        details: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.details = list(details)
        super().__init__(message)


class NotFoundError(EngineError):
    """There is no such record, or none that the person may see: the same answer for both."""

    def __init__(self, what: str = "record") -> None:
        super().__init__("NOT_FOUND", f"there is no such {what}")


class ForbiddenError(EngineError):
    """The person sees it but may not do this."""


class InvalidError(EngineError):
    """Values do not fit; each detail names a field, a code and what is wrong."""

    def __init__(self, details: Sequence[dict[str, Any]], *, hint: str | None = None) -> None:
        message = "; ".join(f"{d['field']}: {d['message']}" if d.get("field") else d["message"]
                            for d in details)  # fmt: skip
        super().__init__("INVALID", message, hint=hint, details=details)


class ConflictError(EngineError):
    """Somebody else was quicker, or the state does not allow it any more."""


class LoopError(ConflictError):
    """Records, rules and flows cause one another without end; nothing of it is kept."""

    def __init__(self, depth: int, what: str) -> None:
        super().__init__(
            "TOO_DEEP",
            f"rules and flows cause one another more than {depth} times, last on `{what}`",
            hint="give one of them a condition that ends it",
        )


class PreconditionError(EngineError):
    """The request does not say which revision it changes."""

    def __init__(self) -> None:
        super().__init__("PRECONDITION_REQUIRED", "say which revision you change",
                         hint="send `If-Match` with the record's rev")  # fmt: skip


class LimitError(EngineError):
    """More than is allowed at once."""


def problem(field: str | None, code: str, message: str) -> dict[str, Any]:
    """Return a detail of an InvalidError."""
    return {"field": field, "code": code, "message": message}
