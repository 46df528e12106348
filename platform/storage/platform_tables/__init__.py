"""The platform's own tables, grouped by concept; records live in tables of their objects."""

from trellis.storage.platform_tables import (
    access,
    catalog,
    clocks,
    flows,
    people,
    talk,
    trail,
    work,
)
from trellis.storage.platform_tables.base import METADATA

__all__ = ["METADATA", "access", "catalog", "clocks", "flows", "people", "talk", "trail", "work"]
