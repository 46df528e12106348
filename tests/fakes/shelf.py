"""Workspaces that tests take ready-made: built once a run, as new for each test.

Building one (migrations, a package, its tables, people, the web application) costs far more than
most tests. What a test changes, in the database and in the files, is gone before the next one; so
is what the application's process remembers, as if it had been started anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from trellis.access.room import AccessRoom
from trellis.clock import SetClock
from trellis.engine.workspace import Workspace
from trellis.storage.database import Database


class Workplace(Protocol):
    """What stands on the shelf: a workspace over a database, and who may enter it."""

    @property
    def database(self) -> Database:
        """Return the database that it was made on."""
        ...

    @property
    def workspace(self) -> Workspace:
        """Return the workspace."""
        ...

    @property
    def access(self) -> AccessRoom:
        """Return its room of access."""
        ...


Made = TypeVar("Made", bound=Workplace)
#: Makes a workplace on an empty database, with a folder of its own for files.
Make = Callable[[Database, Path], Made]


class Shelf:
    """The workplaces of one run, by kind and database system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[str, str], _Kept] = {}

    def take(self, kind: str, server: str | None, make: Make[Made]) -> Made:
        """Return the workplace of a kind, as new: on a PostgreSQL server, or on SQLite."""
        system = "sqlite" if server is None else "postgresql"
        kept = self._kept.get((kind, system))
        if kept is None:
            folder = self._folder / f"{kind}_{system}"
            folder.mkdir()
            store = _SqliteFile(folder) if server is None else _PostgresDatabase(server, kind)
            made = make(Database(store.url), folder)
            self._kept[kind, system] = kept = _Kept.of(made, store, folder)
        else:
            kept.bring_back()
        result: Made = kept.workplace
        return result

    def clear(self) -> None:
        """Close every workplace and drop its database."""
        for kept in self._kept.values():
            kept.dispose()
            kept.store.drop()
        self._kept.clear()


@dataclass
class _Kept:
    workplace: Any
    store: _SqliteFile | _PostgresDatabase
    folder: Path
    moment: datetime
    state: dict[str, Any]
    versions: dict[int, Any]

    @classmethod
    def of(
        cls, workplace: Workplace, store: _SqliteFile | _PostgresDatabase, folder: Path
    ) -> _Kept:
        """Remember how a workplace is when it is new."""
        workspace = workplace.workspace
        made = cls(workplace, store, folder, workspace.clock.now(), dict(vars(workplace)),
                   dict(workspace._compiled))  # fmt: skip
        made.state = {name: _copied(value) for name, value in made.state.items()}
        made.dispose()
        store.keep()
        return made

    def bring_back(self) -> None:
        """Undo what a test did."""
        self.dispose()
        self.store.bring_back()
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        vars(self.workplace).update({name: _copied(v) for name, v in self.state.items()})
        workspace, principals = self.workplace.workspace, self.workplace.access.principals
        assert isinstance(workspace.clock, SetClock)
        workspace.clock.moment = self.moment
        # What a process remembers: compiled catalogs and principals, by versions that will be
        # given again.
        workspace._compiled = dict(self.versions)
        principals._kept.clear()
        principals._scopes.clear()

    def dispose(self) -> None:
        """Close every connection."""
        self.workplace.database.dispose()
        self.workplace.workspace.database.dispose()


def _copied(value: Any) -> Any:
    """Return maps and lists as copies, so that a test's additions to them are not kept."""
    return type(value)(value) if type(value) in (dict, list, set) else value


class _SqliteFile:
    """A database in a file; its first state lies beside it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "workspace.db"
        self._first = folder / "workspace.first"
        self.url = f"sqlite:///{self._path}"

    def keep(self) -> None:
        """Keep the present state; nobody is connected."""
        shutil.copyfile(self._path, self._first)

    def bring_back(self) -> None:
        """Bring back the kept state; nobody is connected."""
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        copy = self._path.with_suffix(".next")
        shutil.copyfile(self._first, copy)
        os.replace(copy, self._path)

    def drop(self) -> None:
        """Leave the files to pytest, which clears its own folders."""


class _PostgresDatabase:
    """A database on a server; its first state is the template of the later ones."""

    def __init__(self, server: str, kind: str) -> None:
        self._server = sa.make_url(server)
        self._name = f"{self._server.database}_{kind}"
        self._first = f"{self._name}_first"
        url = self._server.set(database=self._name)
        self.url = url.render_as_string(hide_password=False)
        self._do(f"CREATE DATABASE {self._name}")

    def keep(self) -> None:
        """Keep the present state; nobody is connected."""
        self._do(f"ALTER DATABASE {self._name} RENAME TO {self._first}")
        self.bring_back()

    def bring_back(self) -> None:
        """Bring back the kept state; whoever is still connected is thrown out."""
        self._do(
            f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)",
            f"CREATE DATABASE {self._name} TEMPLATE {self._first}",
        )

    def drop(self) -> None:
        """Drop both states."""
        self._do(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
                   for name in (self._name, self._first)))  # fmt: skip

    def _do(self, *statements: str) -> None:
        engine = sa.create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
