"""The profile: language, time zone, theme, password, API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import available_timezones

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.access.errors import (
    AccessDeniedError,
    AccessInvalidError,
    SignInError,
    ThrottledError,
)
from trellis.engine.errors import InvalidError
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.times import moment
from trellis.formbuilder.moments import short_date
from trellis.web.i18n import LANGUAGES, words_of
from trellis.web.pages.addresses import local_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.frame import show, tell
from trellis.web.pages.opening import THEMES
from trellis.web.pages.sign_in import A_YEAR, THEME_COOKIE
from trellis.web.pages.visit import Visit, site, visit

DAYS = (30, 90, 365)


@dataclass(frozen=True)
class TokenItem:
    """A token in the list."""

    id: str
    name: str
    created: Markup
    used: Markup
    expires: str


@dataclass(frozen=True)
class ProfileView:
    """The profile page."""

    login: str
    roles: str
    timezone: str
    zones: tuple[str, ...]
    tokens: tuple[TokenItem, ...]
    timezone_error: str = ""
    old_error: str = ""
    new_error: str = ""
    again_error: str = ""
    new_token: str = ""
    token_error: str = ""


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """Return the zones people know: cities, and UTC."""
    shown = (
        "Africa/",
        "America/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Pacific/",
        "UTC",
    )
    return tuple(sorted(name for name in available_timezones() if name.startswith(shown)))


@pages.get("/profile")
def profile_page() -> ResponseReturnValue:
    """Show the profile."""
    return _profile(visit())


def _profile(at: Visit, **more: str) -> str:
    locale = at.audience.locale
    roles = ", ".join(role.label.text(locale, humanise(role.key)) for role in at.held_roles())
    tokens = tuple(
        TokenItem(
            one.id,
            f"{one.name} ({one.start}…)",
            _when(at, one.created),
            _when(at, one.used),
            short_date(at.audience.local(one.expires), locale) if one.expires else "—",
        )
        for one in at.account.tokens()
    )
    view = ProfileView(at.person.login, roles, at.account.timezone, _zones(), tokens, **more)
    return show("profile.html", at, at.audience.words("Profile and tokens"), profile=view)


def _when(at: Visit, value: datetime | None) -> Markup:
    if value is None:
        return Markup(at.audience.words("never"))  # noqa: S704 - a word of ours
    return Markup(moment(value, at.now, at.audience))  # noqa: S704 - our own tag


@pages.post("/profile")
def save_profile() -> ResponseReturnValue:
    """Save language, time zone and theme."""
    at = visit()
    language, zone = request.form.get("language", ""), request.form.get("timezone", "").strip()
    if zone and zone != at.account.timezone:
        try:
            at.account.set_timezone(zone)
        except InvalidError:
            return _profile(at, timezone_error=at.audience.words("is no time zone")), 422
    if language in LANGUAGES and language != at.audience.locale:
        at.account.set_language(language)
    tell(words_of(language)("Saved."))
    return _with_theme("/profile", request.form.get("theme", ""))


@pages.post("/profile/theme")
def choose_theme() -> ResponseReturnValue:
    """Choose the theme of this browser."""
    return _with_theme(request.form.get("back", "/"), request.form.get("theme", ""))


def _with_theme(back: str, theme: str) -> ResponseReturnValue:
    answer = make_response(redirect(local_path(back), 303))
    if theme in THEMES:
        answer.set_cookie(
            THEME_COOKIE, theme, max_age=A_YEAR, samesite="Lax", httponly=True,
            secure=request.is_secure,
        )  # fmt: skip
    return answer


@pages.post("/profile/language")
def choose_own_language() -> ResponseReturnValue:
    """Choose one's language from the menu."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        visit().account.set_language(chosen)
    return redirect(local_path(request.form.get("back", "/")), 303)


@pages.post("/profile/password")
def change_password() -> ResponseReturnValue:
    """Change one's password."""
    at = visit()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _profile(at, again_error=at.audience.words("is not the same as above")), 422
    try:
        session = at.account.change_password(old, new)
    except SignInError:
        return _profile(at, old_error=at.audience.words("is not right")), 422
    except ThrottledError:
        return _profile(at, old_error=at.audience.words("Too many attempts, wait a while.")), 429
    except AccessInvalidError as error:
        return _profile(at, new_error=error.message), 422
    tell(at.audience.words("Your password is changed."))
    answer = make_response(redirect("/profile", 303))
    site().door.keep(answer, session)
    return answer


@pages.post("/profile/tokens")
def make_token() -> ResponseReturnValue:
    """Make an API token and show it once."""
    at = visit()
    days = request.form.get("days", default=90, type=int)
    label = request.form.get("name", "").strip()
    try:
        token = at.account.create_token(label, days if days in DAYS else 90)
    except (AccessInvalidError, AccessDeniedError) as error:
        return _profile(at, token_error=error.message), 422
    return _profile(at, new_token=token)


@pages.post("/profile/tokens/<token_id>/revoke")
def end_token(token_id: str) -> ResponseReturnValue:
    """End an API token."""
    at = visit()
    at.account.revoke_token(token_id)
    tell(at.audience.words("The token is revoked."))
    return redirect("/profile", 303)
