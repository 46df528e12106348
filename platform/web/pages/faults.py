"""Pages for what went wrong: a refusal said plainly, with a way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Response, g, make_response
from sqlalchemy.exc import SQLAlchemyError
from trellis.engine.errors import EngineError
from trellis.web.errors import Refusal
from trellis.web.i18n import words_of
from trellis.web.pages.frame import frame_of
from trellis.web.pages.sign_in import gate_frame, stranger_locale
from trellis.web.pages.views import Frame
from trellis.web.pages.visit import Visit, site, visit

TITLE_WORDS = {
    400: "The request could not be read",
    401: "Please sign in",
    403: "You may not do this",
    404: "There is nothing here",
    405: "The request could not be read",
    409: "Somebody was quicker",
    413: "That is too large",
    422: "This does not fit",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Not available at the moment",
}
TEXT_WORDS = {
    403: "Ask an administrator if you think you should.",
    404: "It does not exist, or you may not see it.",
    409: "Go back, load the page again and repeat what you did.",
    429: "Wait a moment, then try again.",
    500: "It has been written down. Trying again may help; nothing was half saved.",
    503: "Try again in a moment.",
}
#: From here on the workspace itself is in trouble, and is not asked for more.
_FAULTS = 500


@dataclass(frozen=True)
class FaultView:
    """A refusal or fault."""

    status: int
    title: str
    text: str
    hint: str


def _frame(opened: object, title: str, locale: str) -> Frame:
    """Return the person's own frame; the gate's for strangers, and when the frame itself fails."""
    if isinstance(opened, Visit):
        try:
            return frame_of(opened, title)
        except (SQLAlchemyError, EngineError):
            return gate_frame(title, locale)
    return gate_frame(title, locale)


def _visit(status: int) -> Visit | None:
    """Return the visit of who asked: the door may refuse somebody known before it is opened."""
    if "trellis_visit" in g or "trellis_proof" not in g or status >= _FAULTS:
        return cast(Visit | None, g.get("trellis_visit"))
    try:
        return visit()
    except (SQLAlchemyError, EngineError):
        return None


def fault_page(refusal: Refusal) -> Response:
    """Return the page of a refusal, in the language of whoever reads it."""
    opened = _visit(refusal.status)
    locale = opened.audience.locale if isinstance(opened, Visit) else stranger_locale()
    words = words_of(locale)
    title = words(TITLE_WORDS.get(refusal.status, "This does not fit"))
    own = "" if locale != "en" and refusal.status in TEXT_WORDS else refusal.message
    text = words(TEXT_WORDS.get(refusal.status, "")) if refusal.status in TEXT_WORDS else own
    told = refusal.status in TEXT_WORDS
    hint = refusal.hint if locale == "en" and refusal.hint and not told else ""
    view = FaultView(refusal.status, title, text, hint)
    page = _frame(opened, title, locale)
    html = site().renderer.render("fault.html", locale, page=page, fault=view)
    return make_response(html, refusal.status)
