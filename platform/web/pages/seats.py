"""The small forms of an approval: hand over, ask, add people, return; each asks what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import request
from markupsafe import Markup, escape
from trellis.formbuilder.layout import Layout, Placed, Section
from trellis.metadata.model.fields import Field, FieldType
from trellis.problems import Location
from trellis.web.pages.ports import Outlook, WorkAnswer
from trellis.web.pages.visit import Visit

#: The people field: that of the built-in user object, whose picker finds users.
PEOPLE = "manager"
_ONE = frozenset({"transfer", "assist"})
_MANY = frozenset({"add_before", "add_after", "add_parallel", "cc", "ask"})
_GROUPS = frozenset({"add_before", "add_after"})
#: Actions that stand behind the button “More”, in this order.
MORE = ("transfer", "assist", "add_before", "add_after", "add_parallel", "remove_added", "return",
        "cc", "ask", "take_back")  # fmt: skip
_HELP_WORDS: Mapping[str, str] = {
    "transfer": "The decision becomes theirs, and so does the responsibility.",
    "assist": "They give an opinion; the decision comes back to you with it.",
    "add_before": "They decide first; then it comes back to you.",
    "add_after": "You approve now; they have to approve as well.",
    "add_parallel": "They decide beside you, as one more vote each.",
    "remove_added": "Whom you added and who has not decided yet is taken away.",
    "return": "It goes back to an earlier step.",
    "cc": "They can read it; nothing waits for them.",
    "ask": "They are asked to answer; nothing waits for them.",
    "take_back": "Your decision is undone while nobody has gone on with it.",
}
_MODE_WORDS: Mapping[str, str] = {
    "all": "All of them",
    "any": "One of them is enough",
    "seq": "One after the other",
}


@dataclass(frozen=True)
class SeatForm:
    """What one action of an approval asks for."""

    at: Visit
    action: str
    outlook: Outlook

    @property
    def help(self) -> str:
        """Return what the action does, in the reader’s words."""
        return (
            self.at.audience.words(_HELP_WORDS[self.action]) if self.action in _HELP_WORDS else ""
        )

    def layout(self, comment: Section) -> Layout | None:
        """Return people and a comment; None for an action that names nobody."""
        if self.action not in _ONE | _MANY:
            return None
        words = self.at.audience.words
        kind, label = (
            (FieldType.USER, words("Person")) if self.action in _ONE
            else (FieldType.USERS, words("People"))
        )  # fmt: skip
        field = Field(PEOPLE, kind, Location(""), required=True, to="user")
        people = Section("", "", 2, (Placed(field, label, "", 2, readonly=False),))
        return Layout(self.at.catalog.objects["user"], (people, comment))

    def choices(self) -> Markup:
        """Return what is chosen beside people: how they decide, where it returns to."""
        words = self.at.audience.words
        parts: list[Markup] = []
        if self.action in _GROUPS:
            modes = [(key, words(label)) for key, label in _MODE_WORDS.items()]
            parts.append(_select("_mode", words("How they decide"), modes))
        if self.action == "add_before":
            parts.append(_select("_advise", words("If they reject"), [
                ("", words("It counts as my rejection")),
                ("1", words("It is an opinion; I decide")),
            ]))  # fmt: skip
        if self.action == "return":
            latest = [(one.id, one.title) for one in reversed(self.outlook.targets)]
            parts.append(_select("_target", words("Back to"), latest))
            if self.outlook.ask_resume:
                parts.append(_select("_resume", words("Afterwards"), [
                    ("replay", words("All steps are done again")),
                    ("direct", words("It comes straight back to me")),
                ]))  # fmt: skip
        return Markup("").join(parts)

    def signature(self) -> Markup:
        """Return the input for the password that signs a decision."""
        if not self.outlook.sign:
            return Markup("")
        label = self.at.audience.words("Sign with your password")
        return Markup(
            '<section class="form-section"><div class="cells"><div class="cell w2">'
            '<label class="form-label" for="f-signature">{}</label>'
            '<input class="form-control" id="f-signature" name="_signature" type="password" '
            'autocomplete="current-password" maxlength="200" required></div></div></section>'
        ).format(label)


def seen(rev: int) -> Markup:
    """Return the hidden input that says which revision of the record the form shows."""
    return Markup('<input type="hidden" name="_seen" value="{}">').format(rev)


def with_posted(answer: WorkAnswer, values: Mapping[str, object]) -> WorkAnswer:
    """Return the answer with what the small form of an approval sent."""
    form, people = request.form, values.get(PEOPLE)
    named = people if isinstance(people, list | tuple) else [people] if people else []
    return replace(
        answer,
        people=tuple(str(one) for one in named),
        mode=form.get("_mode", "")[:20],
        advise=form.get("_advise") == "1",
        target=form.get("_target", "")[:200],
        resume=form.get("_resume", "")[:20],
        record_rev=form.get("_seen", type=int),
        signature=form.get("_signature", "")[:200],
    )


def _select(name: str, label: str, options: list[tuple[str, str]]) -> Markup:
    chosen = request.form.get(name, "")
    shown = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            key, Markup(" selected") if key == chosen else Markup(""), text
        )
        for key, text in options
    )
    return Markup(
        '<div class="cells"><div class="cell w2"><label class="form-label" for="f{0}">{1}</label>'
        '<select class="form-select" id="f{0}" name="{0}">{2}</select></div></div>'
    ).format(name, escape(label), shown)
