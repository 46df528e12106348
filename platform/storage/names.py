"""Physical names: given once to each object and field, never reused (definitions.md 1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

#: PostgreSQL cuts names at 63 bytes; indexes add a prefix to a table's name.
MAX_NAME_BYTES = 55
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class PhysicalNames:
    """Names by (object, field); the empty field is the object's table."""

    given: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def table(self, object_key: str) -> str:
        """Return the table of an object."""
        return self.given.get((object_key, "")) or default_name(f"r_{object_key}")

    def column(self, object_key: str, field_key: str) -> str:
        """Return the column (or link table) of a field."""
        return self.given.get((object_key, field_key)) or default_name(f"f_{field_key}")


def default_name(wanted: str) -> str:
    """Return a name of plain letters, hashed when it is long or not ASCII."""
    if _PLAIN.fullmatch(wanted) and len(wanted) <= MAX_NAME_BYTES:
        return wanted
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:16]
    readable = "".join(c for c in wanted if c.isascii() and (c.isalnum() or c == "_"))
    return f"{readable[: MAX_NAME_BYTES - 17]}_{digest}"
