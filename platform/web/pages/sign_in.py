"""Signing in and out."""

from __future__ import annotations

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from trellis.access.errors import SignInError, ThrottledError
from trellis.access.sessions import NewSession
from trellis.formbuilder.formats.common import initials
from trellis.web.demo_figures import DemoFigure
from trellis.web.i18n import LANGUAGES, locale_key, words_of
from trellis.web.pages.addresses import local_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.opening import THEMES
from trellis.web.pages.views import DemoPerson, Frame, GateView
from trellis.web.pages.visit import site

LANGUAGE_COOKIE = "trellis_language"
THEME_COOKIE = "trellis_theme"
A_YEAR = 365 * 24 * 3600


def stranger_locale() -> str:
    """Return the language of somebody who is not signed in: chosen before, else the browser's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    best = request.accept_languages.best_match(["en", "zh-CN", "zh", "zh-TW", "zh-Hans"], "en")
    return locale_key(best)


def theme_of_request() -> str:
    """Return the theme this browser chose."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def gate_frame(title: str, locale: str) -> Frame:
    """Return the frame of pages before sign-in."""
    assets = site().renderer.assets
    return Frame(
        title=title,
        locale=locale,
        theme=theme_of_request(),
        brand=site().brand,
        assets=assets.head,
        static=assets.static,
        built=assets.built,
        csrf=site().door.csrf(),
        here=local_path(request.full_path.rstrip("?")),
        bare=True,
    )


@pages.get("/login")
def sign_in_page() -> ResponseReturnValue:
    """Show the sign-in page; who is inside already goes on."""
    following = local_path(request.args.get("next", "/"))
    if site().door.is_inside():
        return redirect(following, 303)
    return _gate(following)


def _gate(following: str, login: str = "", problem: str = "") -> str:
    locale = stranger_locale()
    words = words_of(locale)
    view = GateView(
        lede=words("Sign in to go on."),
        next=following,
        login=login,
        problem=problem,
        people=tuple(_person(one) for one in site().door.demo_figures(locale)),
    )
    page = gate_frame(words("Sign in"), locale)
    return site().renderer.render("sign_in.html", locale, page=page, gate=view)


def _person(one: DemoFigure) -> DemoPerson:
    shade = sum(map(ord, one.name)) % 8
    return DemoPerson(one.login, one.name, one.post, initials(one.name), shade, one.tries)


@pages.post("/login")
def sign_in() -> ResponseReturnValue:
    """Sign in with user name and password."""
    login, following = request.form.get("login", ""), local_path(request.form.get("next", "/"))
    words = words_of(stranger_locale())
    try:
        session = site().door.enter(login, request.form.get("password", ""))
    except SignInError:
        return _gate(following, login, words("User name or password is wrong.")), 401
    except ThrottledError as error:
        minutes = max(1, round(error.retry_after / 60))
        text = words("Too many attempts. Try again in %(minutes)s minutes.") % {"minutes": minutes}
        answer = make_response(_gate(following, login, text), 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return _inside(session, following)


@pages.post("/login/demo")
def step_in() -> ResponseReturnValue:
    """Sign in as somebody of the demo."""
    following = local_path(request.form.get("next", "/"))
    try:
        session = site().door.enter_demo(request.form.get("login", ""))
    except SignInError:
        text = words_of(stranger_locale())("This is not offered here.")
        return _gate(following, problem=text), 401
    return _inside(session, following)


def _inside(session: NewSession, following: str) -> ResponseReturnValue:
    answer = make_response(redirect(following, 303))
    site().door.keep(answer, session)
    return answer


@pages.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    answer = make_response(redirect("/login", 303))
    site().door.leave(answer)
    # What this browser kept of the workspace goes with the session.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@pages.post("/login/language")
def choose_language() -> ResponseReturnValue:
    """Choose the language before signing in."""
    chosen = request.form.get("language", "")
    answer = make_response(redirect(local_path(request.form.get("back", "/login")), 303))
    if chosen in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=A_YEAR, samesite="Lax", httponly=True,
            secure=request.is_secure,
        )  # fmt: skip
    return answer
