"""Inputs of several parts: files, signatures, addresses, places."""

from __future__ import annotations

from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.formats.files import file_link
from trellis.formbuilder.values import StoredFile, attribute
from trellis.formbuilder.widgets.common import FileList, FormValue, Widget, parts_of
from trellis.metadata.model.fields import FieldType

#: The parts of an address, from the widest to the narrowest, with their words.
ADDRESS_WORDS = {
    "country": "Country",
    "province": "Province or state",
    "city": "City",
    "district": "District",
    "street": "Street",
    "postcode": "Postcode",
}
_ACCEPT = {
    FieldType.IMAGE: "image/png,image/jpeg,image/webp,image/gif",
    FieldType.VIDEO: "video/mp4,video/webm",
    FieldType.SIGNATURE: "image/png",
}


def files(subject: Subject) -> Widget:
    """Return the files that are there, each with a box to remove it, and an input for new ones."""
    field = subject.field
    accept = ",".join(field.accept) or _ACCEPT.get(field.type, "")
    fixed = f' accept="{attribute(accept)}"' if accept else ""
    if field.type is FieldType.FILES:
        fixed += " multiple"
    remove = attribute(subject.audience.words("Remove"))

    def show(name: str, value: FormValue, now: str) -> str:
        safe = attribute(name)
        held = value.files if isinstance(value, FileList) else ()
        there = "".join(_held_file(safe, one, remove) for one in held)
        state = now.replace(" required", "") if held else now
        return (
            f'<div class="file-field">{there}<input class="form-control" type="file"'
            f' id="f-{safe}" name="{safe}"{fixed}{state}></div>'
        )

    return show


def _held_file(safe: str, stored: StoredFile, remove: str) -> str:
    return (
        f'<div class="held"><input type="hidden" name="{safe}.held" value="{attribute(stored.id)}">'
        f'{file_link(stored)}<label class="muted"><input class="form-check-input" type="checkbox"'
        f' name="{safe}.remove" value="{attribute(stored.id)}"> {remove}</label></div>'
    )


def signature(subject: Subject) -> Widget:
    """Return a pad to sign on; without scripts a picture of the signature is sent."""
    plain = files(subject)
    clear = attribute(subject.audience.words("Clear"))
    sign_here = attribute(subject.audience.words("Sign here"))

    def show(name: str, value: FormValue, now: str) -> str:
        safe = attribute(name)
        return (
            f'<div class="signature" data-signature="{safe}" data-clear="{clear}"'
            f' data-label="{sign_here}">{plain(name, value, now)}</div>'
        )

    return show


def _parts(labels: tuple[tuple[str, str, str], ...], css: str, tail: str = "") -> Widget:
    def show(name: str, value: FormValue, now: str) -> str:
        safe, held = attribute(name), parts_of(value)
        state = now.replace(" required", "")
        inputs = "".join(
            f'<input class="form-control part-{part}" type="text" name="{safe}.{part}"'
            f"{f' id={chr(34)}f-{safe}{chr(34)}' if place == 0 else ''}"
            f' aria-label="{label}" placeholder="{label}"{fixed}'
            f' value="{attribute(held.get(part, ""))}"{state}>'
            for place, (part, label, fixed) in enumerate(labels)
        )
        return f'<div class="{css}">{inputs}{tail}</div>'

    return show


def address(subject: Subject) -> Widget:
    """Return the parts of an address."""
    words = subject.audience.words
    labels = tuple((part, attribute(words(label)), "") for part, label in ADDRESS_WORDS.items())
    return _parts(labels, "address")


def geo(subject: Subject) -> Widget:
    """Return latitude and longitude; the island offers where the reader stands."""
    words = subject.audience.words
    number = ' inputmode="decimal" autocomplete="off"'
    labels = (
        ("lat", attribute(words("Latitude")), number),
        ("lng", attribute(words("Longitude")), number),
    )
    here = attribute(words("Use my position"))
    return _parts(
        labels, "geo", f'<button class="btn" type="button" data-locate hidden>{here}</button>'
    )
