"""The principal: the person or program on whose behalf a request is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trellis.metadata.model.access import Capability, Role

#: The id and the role of the platform itself; no user can have either.
SYSTEM_ID = "system"
SYSTEM_ROLE = "system"


@dataclass(frozen=True)
class Principal:
    """Somebody who proved who they are, as of this request.

    `roles` and `capabilities` are what this request may use: a token may carry fewer than its
    user holds. `objects` and `methods` are the token's limits, None where there are none.
    """

    id: str
    login: str
    name: str
    roles: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = frozenset()
    department: str | None = None
    teams: frozenset[str] = frozenset()
    locale: str = "en"
    timezone: str = "UTC"
    post: str = ""
    auth_version: int = 0
    rev: int = 0
    objects: frozenset[str] | None = None
    methods: frozenset[str] | None = None
    token_id: str | None = None

    def can(self, capability: Capability) -> bool:
        """Tell whether an administrative right is held."""
        return capability in self.capabilities

    def reaches(self, object_key: str) -> bool:
        """Tell whether the token (if it is one) may be used for an object at all."""
        return self.objects is None or object_key in self.objects


#: The platform itself, and the operator at the command line.
SYSTEM = Principal(SYSTEM_ID, SYSTEM_ID, "System", frozenset({SYSTEM_ROLE}), frozenset(Capability))


def capabilities_of(roles: Mapping[str, Role], held: Iterable[str]) -> frozenset[Capability]:
    """Return the administrative rights that the held roles give."""
    return frozenset(capability for key in held if key in roles for capability in roles[key].can)
