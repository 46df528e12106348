"""Files and places as HTML: links that download, pictures, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from trellis.formbuilder.formats.common import NOTHING, Subject
from trellis.formbuilder.moments import is_han
from trellis.formbuilder.values import Format, StoredFile, attribute, text_of


def file_link(stored: StoredFile) -> str:
    """Return a link that downloads a file."""
    return (
        f'<a class="file" href="/files/{attribute(stored.id)}">{attribute(stored.name)}'
        f'<span class="muted">{file_size(stored.size)}</span></a>'
    )


def file_size(size: int) -> str:
    """Return a size in the unit that keeps it short."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} kB"
    return f"{size / 1024 / 1024:.1f} MB"


def file(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        return file_link(value) if isinstance(value, StoredFile) else attribute(text_of(value))

    return show


def files(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        items = value if isinstance(value, list | tuple) else ()
        links = [file_link(item) for item in items if isinstance(item, StoredFile)]
        return f'<span class="files">{"".join(links)}</span>' if links else NOTHING

    return show


def image(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if not isinstance(value, StoredFile):
            return attribute(text_of(value))
        return (
            f'<a href="/files/{attribute(value.id)}"><img class="picture" loading="lazy"'
            f' src="/files/{attribute(value.id)}" alt="{attribute(value.name)}"></a>'
        )

    return show


_LARGE_FIRST = ("country", "province", "city", "district", "street", "postcode")
_SMALL_FIRST = ("street", "district", "city", "province", "postcode", "country")


def address(subject: Subject) -> Format:
    """Return an address in the order of the reader's language: China begins with the largest."""
    order = _LARGE_FIRST if is_han(subject.audience.locale) else _SMALL_FIRST
    comma = " " if is_han(subject.audience.locale) else ", "

    def show(value: object, _now: datetime) -> str:
        if not isinstance(value, Mapping):
            return attribute(text_of(value))
        parts = [*(key for key in order if key in value), *(k for k in value if k not in order)]
        return attribute(comma.join(str(value[part]) for part in parts if value[part]))

    return show


def geo(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if not isinstance(value, Mapping) or "lat" not in value or "lng" not in value:
            return attribute(text_of(value))
        return attribute(f"{value['lat']}, {value['lng']}")

    return show
