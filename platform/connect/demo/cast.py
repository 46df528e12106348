"""The people and records that stories are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.access.principal import Principal
from trellis.connect.demo.values import DemoError, Maker
from trellis.engine import records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.errors import EngineError
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.engine.workspace import Workspace

#: Gives a role to a user: transaction, user id, role.
GiveRole = Callable[[Transaction, str, str], None]


@dataclass
class Cast:
    """Makes people and records, and knows people as actors by login, role and id."""

    workspace: Workspace
    maker: Maker
    give_role: GiveRole
    script: Mapping[str, Any]
    size: str
    actors: dict[str, Actor] = field(default_factory=dict)
    by_role: dict[str, list[str]] = field(default_factory=dict)
    by_id: dict[str, str] = field(default_factory=dict)
    records: int = 0

    def make(self) -> None:
        """Make everybody and everything the script declares, in its order."""
        people = [*self.script.get("people", []), *self._crowd()]
        with self.workspace.transaction(SYSTEM) as tx:
            for entry in people:
                self._make_person(tx, entry)
        for entry in self.script.get("records", []):
            self._make_records(entry)
        self._link(people)

    def member(self, role: str, chance: Any) -> Actor:
        """Return one of those who have a role."""
        return self.actors[chance.choice(self.by_role[role])]

    def person(self, user_id: str) -> Actor | None:
        """Return a user as an actor."""
        login = self.by_id.get(user_id)
        return None if login is None else self.actors[login]

    def _make_person(self, tx: Transaction, entry: Mapping[str, Any]) -> None:
        login, roles = entry["login"], entry.get("roles", [])
        values = self.maker.values(entry.get("values", {}), {"login": login})
        identity = records.create(tx, "user", {"login": login, **values})
        self.maker.remember("user", login, identity, values)
        for role in roles:
            self.give_role(tx, identity, role)
            self.by_role.setdefault(role, []).append(login)
            self.maker.members.setdefault(role, []).append(identity)
        principal = Principal(identity, login, str(values.get("name", login)), frozenset(roles),
                              locale=str(values.get("language", "en")))  # fmt: skip
        self.actors[login] = Actor(principal, "ui")
        self.by_id[identity] = login

    def _crowd(self) -> Iterator[dict[str, Any]]:
        """Yield the people that the script makes by number."""
        for entry in self.script.get("crowd", []):
            for number in range(1, self._count(entry) + 1):
                yield {**entry, "login": f"{entry['login']}{number}"}

    def _link(self, people: list[Mapping[str, Any]]) -> None:
        """Fill in what people refer to, once it is there."""
        with self.workspace.transaction(SYSTEM) as tx:
            for entry in people:
                if "links" in entry:
                    values = self.maker.values(entry["links"], {"login": entry["login"]})
                    records.update(tx, "user", self.maker.find("user", entry["login"]), values)

    def _make_records(self, entry: Mapping[str, Any]) -> None:
        object_key = entry["object"]
        rows = entry.get("rows")
        specs = rows if rows is not None else [entry["values"]] * self._count(entry)
        with self.workspace.transaction(SYSTEM) as tx:
            for number, spec in enumerate(specs, start=1):
                values = self.maker.values(spec, {"n": number})
                try:
                    self._make_record(tx, object_key, entry.get("key"), values)
                except EngineError as error:
                    details = "; ".join(str(one) for one in error.details)
                    raise DemoError(f"{object_key} {number}: {error.message} {details}") from error

    def _make_record(
        self, tx: Transaction, object_key: str, key: str | None, values: Mapping[str, Any]
    ) -> None:
        identity = records.create(tx, object_key, public(values))
        view = RecordView(tx, object_key, identity)
        name = str(values[key]) if key is not None else None
        self.maker.remember(object_key, name, identity, {**view.stored, **values})
        self.records += 1

    def _count(self, entry: Mapping[str, Any]) -> int:
        count = entry.get("count", 1)
        return int(count[self.size] if isinstance(count, Mapping) else count)


def public(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that belong to the record; `_names` only help to make others."""
    return {key: value for key, value in values.items() if not key.startswith("_")}
