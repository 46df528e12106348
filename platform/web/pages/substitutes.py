"""The pages of substitutes: who acts for me, and the work of people whom I lead."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.errors import ConflictError, EngineError, InvalidError
from trellis.formbuilder.formats.times import moment
from trellis.web.pages.blueprint import pages
from trellis.web.pages.frame import go, show, tell
from trellis.web.pages.refusals import refusal_text
from trellis.web.pages.substitute_ports import (
    Colleague,
    Gone,
    Having,
    Led,
    PersonWork,
    Standing,
    StandingWish,
)
from trellis.web.pages.visit import Visit, visit

STATE_WORDS = {"running": "running", "planned": "planned", "ended": "ended"}
STATE_COLORS = {"running": "green", "planned": "blue", "ended": "gray"}
CAUSE_WORDS = {
    "delegation": "Delegation",
    "absence": "Absence",
    "left": "Left",
    "by_hand": "Handed over by hand",
}
FIELD_WORDS = {"to": "Substitute", "start": "From", "end": "Until", "reason": "Reason"}
#: What the engine says about a delegation or a piece that had to stay.
PROBLEM_WORDS = (
    "is no user name",
    "is no moment",
    "is the same person",
    "is nobody who may sign in",
    "is somebody else who may sign in",
    "is not after the start",
    "has passed already",
    "an absence has an end",
    "has a vote in this approval already",
    "would decide about their own request",
    "did an earlier step of it",
    "may not sign in",
    "is not theirs any more",
)
PIECE_WORDS = {"task": "Task", "seat": "Approval", "record": "Record", "records": "All records"}


@dataclass(frozen=True)
class StandingItem:
    """A delegation in a list."""

    id: str
    who: str
    period: Markup
    what: str
    reason: str
    state: str
    color: str
    can_end: bool


@dataclass(frozen=True)
class SubstitutesView:
    """The page of one's substitutes, or of somebody whom one leads."""

    giver: str
    name: str
    zone: str
    given: tuple[StandingItem, ...]
    received: tuple[StandingItem, ...]
    colleagues: tuple[Colleague, ...]
    led: tuple[Led, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class PieceItem:
    """A piece of work or a record in a list."""

    key: str
    kind: str
    label: str
    about: str
    url: str
    due: Markup


@dataclass(frozen=True)
class GoneItem:
    """A piece that went to somebody else."""

    at: Markup
    label: str
    url: str
    taker: str
    cause: str
    note: str
    returned: bool


@dataclass(frozen=True)
class WorkView:
    """The page of a person's work."""

    id: str
    name: str
    active: bool
    pieces: tuple[PieceItem, ...]
    gone: tuple[GoneItem, ...]
    standing: SubstitutesView
    problem: str = ""


@pages.get("/profile/substitutes")
def substitutes_page() -> ResponseReturnValue:
    """Show who acts for the person, and for whom the person acts."""
    return _substitutes(visit())


def _substitutes(at: Visit, problem: str = "") -> str:
    view = _standing_view(at, at.person.id, at.person.name, problem)
    words = at.audience.words
    crumbs = [(words("Profile and tokens"), "/profile")]
    return show("substitutes.html", at, words("My substitutes"), crumbs=crumbs, subs=view)


def _standing_view(at: Visit, user_id: str, name: str, problem: str = "") -> SubstitutesView:
    found = at.substitutes.standing(user_id)
    own = user_id == at.person.id
    return SubstitutesView(
        giver=user_id,
        name=name,
        zone=at.account.timezone if own else "",
        given=tuple(_item(at, one) for one in found if one.mine),
        received=tuple(_item(at, one) for one in found if not one.mine),
        colleagues=tuple(at.substitutes.colleagues()),
        led=tuple(at.substitutes.led()) if own else (),
        problem=problem,
    )


def _item(at: Visit, one: Standing) -> StandingItem:
    words = at.audience.words
    what = words("Absence") if one.absence else words("Delegation")
    if one.mode == "also":
        what = words("Acts beside")
    end = _when(at, one.end) if one.end is not None else Markup(words("open end"))  # noqa: S704
    return StandingItem(
        one.id,
        one.taker if one.mine else one.giver,
        _when(at, one.start) + Markup(" – ") + end,
        " · ".join(part for part in (what, one.scope) if part),
        one.reason,
        words(STATE_WORDS[one.state]),
        STATE_COLORS[one.state],
        one.mine and one.state != "ended",
    )


def _when(at: Visit, value: object) -> Markup:
    return Markup(moment(value, at.now, at.audience)) if value is not None else Markup("")  # type: ignore[arg-type]  # noqa: S704


@pages.post("/profile/substitutes")
def make_substitute() -> ResponseReturnValue:
    """Let somebody act for the person, or for somebody whom the person leads."""
    at, form = visit(), request.form
    giver = form.get("from") or at.person.id
    wish = StandingWish(
        giver, form.get("to", ""), form.get("start", ""), form.get("end", ""),
        form.get("kind") == "absence", form.get("kind") == "also", form.get("reason", "").strip(),
    )  # fmt: skip
    try:
        at.substitutes.delegate(wish)
    except InvalidError as error:
        told = _told(at, error)
        own = giver == at.person.id
        return (_substitutes(at, told) if own else _work(at, giver, told)), 422
    tell(at.audience.words("The substitute is set."))
    return go("/profile/substitutes" if giver == at.person.id else f"/people/{giver}/work")


def _told(at: Visit, error: EngineError) -> str:
    """Return what is wrong, with the fields by their names on the page."""
    words, names = at.audience.words, FIELD_WORDS
    parts = [
        f"{words(names[str(one.get('field'))])}: {words(str(one.get('message')))}"
        if one.get("field") in names else words(str(one.get("message")))
        for one in error.details
    ]  # fmt: skip
    return "; ".join(parts) or refusal_text(at.audience, error)


@pages.post("/profile/substitutes/<delegation_id>/end")
def end_substitute(delegation_id: str) -> ResponseReturnValue:
    """End a delegation now."""
    at = visit()
    try:
        at.substitutes.revoke(delegation_id)
    except ConflictError as error:
        tell(refusal_text(at.audience, error), "bad")
    else:
        tell(at.audience.words("The delegation is ended."))
    giver = request.form.get("from") or at.person.id
    return go("/profile/substitutes" if giver == at.person.id else f"/people/{giver}/work")


@pages.get("/people/<user_id>/work")
def work_page(user_id: str) -> ResponseReturnValue:
    """Show what somebody whom the person leads has, and what went from them."""
    return _work(visit(), user_id)


def _work(at: Visit, user_id: str, problem: str = "") -> str:
    found: PersonWork = at.substitutes.work(user_id)
    words = at.audience.words
    view = WorkView(
        user_id, found.name, found.active, tuple(_piece(at, one) for one in found.pieces),
        tuple(_went(at, one) for one in found.gone),
        _standing_view(at, user_id, found.name), problem,
    )  # fmt: skip
    crumbs = [(words("My substitutes"), "/profile/substitutes")]
    title = words("Work of {name}").replace("{name}", found.name)
    return show("person_work.html", at, title, crumbs=crumbs, work=view)


def _piece(at: Visit, one: Having) -> PieceItem:
    kind = at.audience.words(PIECE_WORDS[one.kind])
    return PieceItem(one.key, kind, one.label, one.about, one.url, _when(at, one.due))


def _went(at: Visit, one: Gone) -> GoneItem:
    words = at.audience.words
    cause = words(CAUSE_WORDS[one.cause])
    return GoneItem(
        _when(at, one.at), one.label or "—", one.url, one.taker or words("back to its pool"),
        f"{cause} · {one.by}" if one.by else cause, one.note, one.returned,
    )  # fmt: skip


@pages.post("/people/<user_id>/work")
def hand_over_page(user_id: str) -> ResponseReturnValue:
    """Hand over what is ticked, or everything."""
    at, form, words = visit(), request.form, visit().audience.words
    keys, everything = form.getlist("piece"), form.get("all") == "1"
    if not keys and not everything:
        return _work(at, user_id, words("Tick what should go over.")), 422
    try:
        moved, stayed = at.substitutes.hand_over(
            user_id, form.get("to", ""), keys, form.get("reason", "").strip(),
            everything=everything,
        )  # fmt: skip
    except InvalidError as error:
        return _work(at, user_id, _told(at, error)), 422
    tell(words("{count} handed over.").replace("{count}", str(moved)))
    for text in dict.fromkeys(stayed):
        tell(f"{words('Stayed:')} {words(text)}", "bad")
    return go(f"/people/{user_id}/work")
