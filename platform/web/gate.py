"""The way in and out for browsers: passwords and demo people come in, cookies go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Response, request
from trellis.access.errors import SignInError
from trellis.access.principals import Proof
from trellis.access.room import AccessRoom
from trellis.access.secrets import hash_secret
from trellis.access.sessions import NewSession
from trellis.access.sign_in import Attempt
from trellis.storage.database import Database
from trellis.storage.platform_tables.catalog import SETTING
from trellis.web.demo_figures import DemoFigure
from trellis.web.door import Door
from trellis.web.security import SESSION_COOKIE, is_loopback

#: The workspace setting that lists the people of a demo:
#: [{login, name, post, try: {en: [text, …], zh-CN: […]}}, …].
DEMO_PEOPLE = "demo_people"


@dataclass(frozen=True)
class Gate:
    """Signs browsers in and out; `demo` is true in a demo on this machine only."""

    door: Door
    access: AccessRoom
    demo: bool = False

    def enter(self, login: str, password: str) -> NewSession:
        """Sign in; SignInError or ThrottledError otherwise."""
        return self.access.enter(Attempt(login, password, self._address(), self._cookie()))

    def enter_demo(self, login: str) -> NewSession:
        """Step in as somebody of the demo; SignInError where this is no demo."""
        if login not in {str(one.get("login")) for one in self._people()}:
            raise SignInError
        return self.access.enter_as(login, Attempt(login, "", self._address(), self._cookie()))

    def demo_figures(self, locale: str) -> Sequence[DemoFigure]:
        """Return the people to step in as; nobody where this is no demo."""
        return [_figure(one, locale) for one in self._people()]

    def keep(self, answer: Response, session: NewSession) -> None:
        """Put a session into the browser's cookie."""
        self.door.surroundings.set_cookie(answer, SESSION_COOKIE, session.secret)

    def leave(self, answer: Response) -> None:
        """End the session of this request, and take the cookie away."""
        cookie = self._cookie()
        if cookie:
            self.access.leave(hash_secret(cookie))
        self.door.surroundings.drop_cookie(answer, SESSION_COOKIE)

    def csrf(self) -> str:
        """Return the value that forms of strangers carry."""
        return self.door.guest_csrf(self.door.guest_cookie())

    def is_inside(self) -> bool:
        """Tell whether this request proves somebody."""
        return self.known() is not None

    def known(self) -> Proof | None:
        """Return who asks, None for a stranger."""
        return self.door.known()

    def _cookie(self) -> str:
        name = self.door.surroundings.cookie_name(request, SESSION_COOKIE)
        return request.cookies.get(name, "")

    @staticmethod
    def _address() -> str:
        return request.remote_addr or ""

    def _people(self) -> Sequence[Mapping[str, Any]]:
        """Return the people of the demo; nobody when somebody asks from another machine."""
        if not self.demo or not is_loopback(self._address()):
            return ()
        return demo_people(self.access.database)


def demo_people(database: Database) -> Sequence[Mapping[str, Any]]:
    """Return the people of a demo workspace; nobody where it is none."""
    with database.read() as connection:
        value = connection.execute(_PEOPLE).scalar()
    return value if isinstance(value, list) else ()


_PEOPLE = sa.select(SETTING.c.value).where(SETTING.c.key == DEMO_PEOPLE)


def _figure(one: Mapping[str, Any], locale: str) -> DemoFigure:
    tries = one.get("try")
    texts = tries.get(locale) or tries.get("en") or () if isinstance(tries, Mapping) else ()
    post = one.get("post", "")
    shown = post.get(locale) or post.get("en") or "" if isinstance(post, Mapping) else post
    return DemoFigure(str(one["login"]), str(one.get("name", "")), str(shown), tuple(texts))
