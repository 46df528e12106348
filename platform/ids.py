"""Record ids: UUIDv7 (RFC 9562), ordered by time, so that phones may make them offline."""

from __future__ import annotations

import os
import re
import secrets
import threading
from typing import Protocol

from trellis.clock import Clock

_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class IdSource(Protocol):
    """A source of new record ids."""

    def new(self) -> str:
        """Return a new id in the canonical text form, lower case with hyphens."""
        ...


class TimeOrderedIds:
    """UUIDv7 with a counter inside the millisecond, so that ids of one process ascend."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        """Return the next id; it sorts after every id this source gave before."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        noise = int.from_bytes(os.urandom(8), "big")
        with self._lock:
            # 60 bits of order: 48 of time and 12 of a counter seeded at random.
            order = max((milliseconds << 12) | (noise >> 54), self._last + 1)
            self._last = order
        return format_uuid7(order, noise & ((1 << 62) - 1))


def format_uuid7(order: int, tail: int) -> str:
    """Return the text of a UUIDv7 from 60 bits of order and 62 bits of tail."""
    number = ((order >> 12) << 80) | (0x7 << 76) | ((order & 0xFFF) << 64) | (0b10 << 62) | tail
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class CountingIds:
    """Ids that count from one: for tests that want to name them."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        """Return the next id."""
        self._last += 1
        return format_uuid7(0, self._last)


def is_id(text: object) -> bool:
    """Tell whether `text` is an id in canonical form."""
    return isinstance(text, str) and _CANONICAL.fullmatch(text) is not None


def new_secret(bits: int = 256) -> str:
    """Return an unguessable URL-safe text of at least `bits` bits."""
    return secrets.token_urlsafe(bits // 8)
