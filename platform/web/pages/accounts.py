"""The profile's doors, answered by access and engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from trellis.access.preferences import keep_preference, preference
from trellis.access.principals import Proof
from trellis.access.room import AccessRoom
from trellis.access.sessions import NewSession
from trellis.access.tokens import TokenWish, create_token, list_tokens, revoke_token
from trellis.engine import records
from trellis.engine.actors import Actor
from trellis.engine.errors import InvalidError, problem
from trellis.web.pages.account_ports import TokenView
from trellis.web.pages.desk import Session

USER = "user"


@dataclass(frozen=True)
class EngineAccount:
    """The account of the person who proved who they are."""

    session: Session
    room: AccessRoom
    proof: Proof
    address: str

    @property
    def timezone(self) -> str:
        """Return the name of the person's time zone."""
        return self.proof.principal.timezone

    def set_language(self, locale: str) -> None:
        """Change the language."""
        self._set("language", locale)

    def set_timezone(self, name: str) -> None:
        """Change the time zone; InvalidError for a name that is none."""
        if name not in available_timezones():
            raise InvalidError([problem("timezone", "NO_ZONE", "is no time zone")])
        self._set("timezone", name)

    def _set(self, field: str, value: str) -> None:
        """Write one's own record as the platform: roles need not let people edit users."""
        person = self.proof.principal
        with self.session.writing() as tx:
            own = tx.acting(Actor(person, "ui").as_system())
            records.update(own, USER, person.id, {field: value}, rev=None)

    def columns(self, object_key: str) -> Sequence[str]:
        """Return the columns the person chose for an object's lists; none when they did not."""
        connection = self.session.reading.connection
        kept = preference(connection, self.proof.principal.id, f"columns.{object_key}")
        return [str(path) for path in kept] if isinstance(kept, list) else []

    def keep_columns(self, object_key: str, paths: Sequence[str]) -> None:
        """Keep the columns of an object's lists; none is what everybody sees."""
        person, name = self.proof.principal.id, f"columns.{object_key}"
        with self.session.writing() as tx:
            keep_preference(tx.connection, person, name, list(paths) or None)

    def change_password(self, old: str, new: str) -> NewSession:
        """Change the password; every other session and every token ends."""
        self.session.close()
        return self.room.change_own_password(self.proof, old, new, self.address)

    def tokens(self) -> Sequence[TokenView]:
        """Return the person's API tokens."""
        rows = list_tokens(self.session.reading.connection, self.proof.principal.id)
        return [
            TokenView(row.id, row.label, row.start, row.created_at, row.used_at, row.expires_at)
            for row in rows
        ]

    def create_token(self, label: str, days: int) -> str:
        """Make a token and return it: it is shown once."""
        with self.session.writing() as tx:
            wish = TokenWish(label, expires_at=tx.now + timedelta(days=days))
            _, token = create_token(
                tx.connection, tx.ids, tx.now, self.proof.principal, wish, tx.compiled.catalog
            )
        return token

    def revoke_token(self, token_id: str) -> None:
        """End a token."""
        with self.session.writing() as tx:
            revoke_token(tx.connection, tx.ids, tx.now, self.proof.principal, token_id)
