"""Outputs that say a form value as text, and inputs that give way to one."""

from __future__ import annotations

from collections.abc import Callable

from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.settled import settled
from trellis.formbuilder.values import attribute
from trellis.formbuilder.widgets.common import Widget
from trellis.formbuilder.widgets.typing import output


def settled_output(subject: Subject) -> Widget:
    """Return an output that says a form value of any shape."""
    say, fixed = settled(subject), output(subject)
    return lambda name, value, now: fixed(name, say(value), now)


def switched(inner: Widget, *, off: bool = False) -> Widget:
    """Return an input that the browser shows and hides within its field."""
    opened = f'<fieldset{" hidden disabled" if off else ""} role="none" class="slot">'
    return lambda name, value, now: f"{opened}{inner(name, value, now)}</fieldset>"


def switchable(subject: Subject, inner: Widget) -> Callable[[bool], Widget]:
    """Return, by whether a field is read-only, an input with the output that stands in for it."""
    say = settled(subject)

    def made(readonly: bool) -> Widget:
        typed = switched(inner, off=readonly)
        hide = "" if readonly else " hidden"

        def show(name: str, value: object, now: str) -> str:
            text = attribute(say(value)) or "—"
            fixed = f'<output class="form-control-plaintext" data-fixed{hide}>{text}</output>'
            return f"{typed(name, value, now)}{fixed}"

        return show

    return made
