"""Who acts, and through which entrance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.access.principal import SYSTEM_ID, Principal

SOURCES = ("ui", "mobile", "portal", "api", "import", "flow")


@dataclass(frozen=True)
class Actor:
    """A principal acting through a source; the platform may act on somebody's behalf."""

    principal: Principal
    source: str = "ui"
    on_behalf_of: str | None = None

    @property
    def is_system(self) -> bool:
        """Tell whether the platform itself acts: it has rights to everything."""
        return self.principal.id == SYSTEM_ID

    def as_system(self) -> Actor:
        """Return the platform acting on this actor's behalf."""
        behalf = self.on_behalf_of if self.is_system else self.principal.id
        return replace(SYSTEM, source="flow", on_behalf_of=behalf)


SYSTEM = Actor(SYSTEM_PRINCIPAL, "flow")
