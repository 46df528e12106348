"""Inputs to choose in: switches, options, and records found by typing a part of their title."""

from __future__ import annotations

from collections.abc import Iterable

from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.values import Reference, attribute, text_of
from trellis.formbuilder.widgets.common import (
    FormValue,
    Picked,
    PickedMany,
    Widget,
    texts_of,
)


def switch(_subject: Subject) -> Widget:
    """Return a switch; the hidden input says that the form held one, even when it is off."""

    def show(name: str, value: FormValue, now: str) -> str:
        safe = attribute(name)
        checked = " checked" if value in (True, "true") else ""
        return (
            f'<span class="form-switch"><input type="hidden" name="{safe}" value="false">'
            f'<input class="form-check-input" type="checkbox" role="switch" id="f-{safe}"'
            f' name="{safe}" value="true"{checked}{now.replace(" required", "")}></span>'
        )

    return show


def _offered(subject: Subject) -> list[tuple[str, str, bool]]:
    """Return key, label and whether it may still be chosen, in the author's order."""
    options = subject.catalog.options.get(subject.field.options or "")
    active = {key: option.active for key, option in options.options.items()} if options else {}
    return [
        (key, label, active.get(key, True)) for key, (label, _) in option_labels(subject).items()
    ]


def _options(offered: Iterable[tuple[str, str, bool]]) -> Widget:
    known = list(offered)
    pieces = [
        (key, f'<option value="{attribute(key)}"', f">{attribute(label)}</option>", active)
        for key, label, active in known
    ]
    keys = {key for key, _, _ in known}

    def show(name: str, value: FormValue, now: str) -> str:
        safe, held = attribute(name), text_of(value)
        body = "".join(
            f"{before}{' selected' if key == held else ''}{after}"
            for key, before, after, active in pieces
            if active or key == held
        )
        # A value that is no option any more stays what it is until somebody changes it.
        if held and held not in keys:
            body += f'<option value="{attribute(held)}" selected>{attribute(held)}</option>'
        return (
            f'<select class="form-select" id="f-{safe}" name="{safe}"{now}>'
            f'<option value=""></option>{body}</select>'
        )

    return show


def select(subject: Subject) -> Widget:
    """Return one option of several."""
    return _options(_offered(subject))


def roles(subject: Subject) -> Widget:
    """Return one of the catalog's roles."""
    locale = subject.audience.locale
    return _options(
        (key, role.label.text(locale, humanise(key)), True)
        for key, role in subject.catalog.roles.items()
    )


def checks(subject: Subject) -> Widget:
    """Return any number of options, as boxes in a row."""
    offered = _offered(subject)

    def show(name: str, value: FormValue, now: str) -> str:
        safe, held = attribute(name), set(texts_of(value))
        boxes = "".join(
            f'<label class="check-pill"><input type="checkbox" name="{safe}"'
            f' value="{attribute(key)}"{" checked" if key in held else ""}>'
            f"<span>{attribute(label)}</span></label>"
            for key, label, active in offered
            if active or key in held
        )
        state = now.replace(" required", "")
        return (
            f'<div class="check-pills" id="f-{safe}" role="group"{state}>'
            f'<input type="hidden" name="{safe}" value="">{boxes}</div>'
        )

    return show


def _search_box(subject: Subject) -> str:
    field, model = subject.field, subject.model
    place = attribute(f"/o/{model.key}/pick/{field.key}")
    hint = attribute(subject.audience.words("Type to search"))
    return (
        f' data-pick="{place}" role="combobox" aria-autocomplete="list" aria-expanded="false"'
        f' autocomplete="off" spellcheck="false" placeholder="{hint}…"'
    )


def _offers(safe: str, offers: Iterable[Reference], kind: str) -> str:
    boxes = "".join(
        f'<label class="offer"><input type="{kind}" name="{safe}" value="{attribute(one.id)}">'
        f"<span>{attribute(one.title)}</span></label>"
        for one in offers
    )
    return f'<div class="offers">{boxes}</div>' if boxes else ""


def picker(subject: Subject) -> Widget:
    """Return one record: a hidden id, and a box in which a part of its title is typed.

    Without scripts the text is sent along with the title that stood there, and the server looks
    for the record when they differ (`posted`); with them the island offers matches at once.
    """
    box = _search_box(subject)

    def show(name: str, value: FormValue, now: str) -> str:
        held = value if isinstance(value, Picked) else Picked()
        safe = attribute(name)
        chosen = held.chosen or Reference("", "")
        text = attribute(held.text or chosen.title)
        chosen_id = attribute(chosen.id)
        return (
            f'<div class="picker"><input type="hidden" name="{safe}" value="{chosen_id}">'
            f'<input type="hidden" name="{safe}.was" value="{attribute(chosen.title)}">'
            f'<input class="form-control" type="text" id="f-{safe}" name="{safe}.text"'
            f' value="{text}"{box}{now}>{_offers(safe, held.offers, "radio")}</div>'
        )

    return show


def pickers(subject: Subject) -> Widget:
    """Return several records: each a box that can be cleared, and one to add another."""
    box = _search_box(subject)

    def show(name: str, value: FormValue, now: str) -> str:
        held = value if isinstance(value, PickedMany) else PickedMany()
        safe = attribute(name)
        chosen = "".join(
            f'<label class="chip"><input type="checkbox" name="{safe}" value="{attribute(one.id)}"'
            f" checked><span>{attribute(one.title)}</span></label>"
            for one in held.chosen
        )
        return (
            f'<div class="picker many"><input type="hidden" name="{safe}" value="">'
            f'<span class="chips">{chosen}</span>'
            f'<input class="form-control" type="text" id="f-{safe}" name="{safe}.text"'
            f' value="{attribute(held.text)}"{box}{now.replace(" required", "")}>'
            f"{_offers(safe, held.offers, 'checkbox')}</div>"
        )

    return show
