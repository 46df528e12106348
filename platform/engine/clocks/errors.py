"""What goes wrong with working time: too little of it, or a span that nobody counts."""

from __future__ import annotations

#: Years that working time is looked for in, and that one question may span.
MAX_YEARS = 100


class WorkingTimeError(ValueError):
    """Working time cannot be told: the calendar has too little of it, or the span is too long."""


class NoWorkingTimeError(WorkingTimeError):
    """The calendar has too little working time to place an amount."""

    def __init__(self, calendar: str) -> None:
        super().__init__(
            f"calendar `{calendar}` has too little working time within {MAX_YEARS} years"
        )


class SpanTooLongError(WorkingTimeError):
    """Two moments lie too far apart, or outside of the years that are counted."""

    def __init__(self) -> None:
        super().__init__(f"working time is counted over {MAX_YEARS} years at most")
