"""Writes: create, update, transition, delete, restore; there is no other way in.

Read `values` (what was sent), `draft` (what will be stored), `checks` (whether it may be),
`lifecycle`, `storing`, and then the verbs in `writes`.
"""

from trellis.engine.records.writes import create, delete, restore, transition, update

__all__ = ["create", "delete", "restore", "transition", "update"]
