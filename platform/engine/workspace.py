"""A workspace: one tenant's database, files and catalog, and the way into its transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection
from trellis.clock import Clock
from trellis.engine.actors import Actor
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.transactions import Reaction, Transaction
from trellis.ids import IdSource
from trellis.metadata.compile import compile_catalog
from trellis.storage.catalogs import current_version, load_names, load_packages
from trellis.storage.database import Database


@dataclass
class Workspace:
    """Everything one workspace runs on; `notes` are given to every transaction."""

    database: Database
    clock: Clock
    ids: IdSource
    secret: bytes
    reactions: tuple[Reaction, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    #: Rings when a transaction of this process has left a job that is due at once.
    bell: threading.Event = field(default_factory=threading.Event)
    _compiled: dict[int, CompiledCatalog] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def transaction(self, actor: Actor, version: int | None = None) -> Iterator[Transaction]:
        """Give a transaction that commits at the end, or leaves nothing when it raises.

        `version` is the newest published catalog where the caller has just asked for it.
        """
        with self.database.write() as connection:
            tx = self._transaction(connection, actor, version)
            yield tx
            tx.pending.finish(connection)
        if tx.pending.wakes_workers:
            self.bell.set()

    @contextmanager
    def reading(self, actor: Actor, version: int | None = None) -> Iterator[Transaction]:
        """Give a transaction that writes nothing; see `Database.read` for what it sees."""
        with self.database.read() as connection:
            yield self._transaction(connection, actor, version)

    def _transaction(
        self, connection: Connection, actor: Actor, version: int | None
    ) -> Transaction:
        # On SQLite the transaction sees one state, the catalog's version with it: asking is cheap.
        if version is None or self.database.is_sqlite:
            version = current_version(connection)
        return Transaction(
            connection=connection,
            actor=actor,
            now=self.clock.now(),
            ids=self.ids,
            compiled=self.compiled_at(connection, version),
            reactions=self.reactions,
            sqlite=self.database.is_sqlite,
            secret=self.secret,
            notes=dict(self.notes),
        )

    def compiled(self, connection: Connection) -> CompiledCatalog:
        """Return the newest published catalog, compiled once per version."""
        return self.compiled_at(connection, current_version(connection))

    def latest(self) -> CompiledCatalog:
        """Return the newest catalog that this process has compiled, without asking the database.

        Another process may have published since; the next transaction finds that out.
        """
        if not self._compiled:
            with self.database.read() as connection:
                return self.compiled(connection)
        return self._compiled[max(self._compiled)]

    def compiled_at(self, connection: Connection, version: int) -> CompiledCatalog:
        """Return a published catalog: running flows keep the version they began with."""
        found = self._compiled.get(version)
        if found is None:
            with self._lock:
                found = self._compiled.get(version) or self._load(connection, version)
                self._compiled[version] = found
        return found

    def _load(self, connection: Connection, version: int) -> CompiledCatalog:
        packages = load_packages(connection, version)
        catalog = compile_catalog(packages, version=version, published=True)
        return CompiledCatalog(catalog, load_names(connection, version))
