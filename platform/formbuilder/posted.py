"""What a form sent back, as values of fields: texts are read in the reader's zone and language.

Nothing is guessed: a text that cannot be read is a mistake beside its field, and the form is
shown again with what the person typed. Whether a value is allowed is for the engine to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trellis.formbuilder.audience import Audience, Translate
from trellis.formbuilder.layout import Placed
from trellis.formbuilder.reading import UnreadableError, read_text
from trellis.formbuilder.values import Reference
from trellis.formbuilder.widgets.common import FormValue, Picked, PickedMany, RowList
from trellis.formbuilder.widgets.composed import ADDRESS_WORDS
from trellis.metadata.model.fields import (
    FILE_TYPES,
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)

#: name → every text that was sent under it, in order.
Sent = Mapping[str, Sequence[str]]
_FILES = FILE_TYPES | {FieldType.FILES}
_PARTS = {FieldType.ADDRESS: tuple(ADDRESS_WORDS), FieldType.GEO: ("lat", "lng")}
_PLACE = re.compile(r"[0-9]{1,20}")
MAX_ROWS = 500
#: What forms send beside their fields: proof, revision, request, buttons, the way back.
FORM_NAMES = frozenset(
    {
        "csrf_token",
        "_rev",
        "_key",
        "_do",
        "_add",
        "_query",
        "back",
        "_mode",
        "_advise",
        "_target",
        "_resume",
        "_seen",
        "_signature",
    }
)
_ROW_NAMES = frozenset({"id", "_remove"})


@dataclass(frozen=True)
class Search:
    """A text typed into a picker that has to be looked up by its title."""

    name: str
    field: Field
    text: str
    many: bool


@dataclass
class Posted:
    """What was sent: values for the engine, texts to show again, mistakes, and what to look up."""

    values: dict[str, object] = field(default_factory=dict)
    shown: dict[str, FormValue] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)
    #: Names that no input of the form has: nothing that was sent is left out unsaid.
    strange: tuple[str, ...] = ()


def read_posted(
    placed: Sequence[Placed],
    sent: Sent,
    audience: Audience,
    children: Callable[[Field], Sequence[Placed]],
) -> Posted:
    """Return what `sent` holds for the fields in `placed`; fields that were not sent are absent.

    `children` gives the placed fields of a `rows` field's child object. Files are the caller's.
    """
    posted = Posted(strange=tuple(_strange_names(placed, sent, children)))
    for one in placed:
        if one.field.type is FieldType.ROWS:
            _read_rows(one, sent, audience, children(one.field), posted)
        elif one.field.type not in _FILES and one.field.type not in INVERSE_TYPES:
            _read_field(one.key, one, sent, audience, posted)
    return posted


def _strange_names(
    placed: Sequence[Placed], sent: Sent, children: Callable[[Field], Sequence[Placed]]
) -> Iterator[str]:
    """Yield the names in `sent` that no input of the form has."""
    inputs = {name for one in placed for name in _input_names(one)} | FORM_NAMES
    rows = {
        one.key: {name for column in children(one.field) for name in _input_names(column)}
        for one in placed
        if one.field.type is FieldType.ROWS
    }
    for name in sent:
        key, _, rest = name.partition(".")
        place, _, column = rest.partition(".")
        in_row = key in rows and _PLACE.fullmatch(place) is not None
        if name not in inputs and not (in_row and column in rows[key] | _ROW_NAMES):
            yield name


def _input_names(one: Placed) -> tuple[str, ...]:
    """Return the names of the inputs of a field; a field that is only shown has none."""
    kind, key = one.field.type, one.key
    if one.field.computed or one.readonly is True or kind in INVERSE_TYPES:
        return ()
    if kind in TO_ONE_TYPES:
        return (key, f"{key}.text", f"{key}.was")
    if kind in TO_MANY_TYPES:
        return (key, f"{key}.text")
    if kind in _FILES:
        return (key, f"{key}.held", f"{key}.remove")
    if kind in _PARTS:
        return tuple(f"{key}.{part}" for part in _PARTS[kind])
    return (key,)


def _read_field(name: str, one: Placed, sent: Sent, audience: Audience, posted: Posted) -> None:
    kind = one.field.type
    if one.field.computed or one.readonly is True:
        return
    if kind in TO_ONE_TYPES:
        _read_picked(name, one, sent, posted)
    elif kind in TO_MANY_TYPES:
        _read_picked_many(name, one, sent, posted)
    elif kind in (FieldType.ADDRESS, FieldType.GEO):
        _read_parts(name, one, sent, audience, posted)
    elif name in sent:
        _read_simple(name, one, list(sent[name]), audience, posted)


def _read_simple(
    name: str, one: Placed, texts: list[str], audience: Audience, posted: Posted
) -> None:
    if one.field.type is FieldType.CHOICES:
        posted.values[name] = posted.shown[name] = [text for text in texts if text]
        return
    # A switch sends `false` and, when it is on, `true` after it.
    text = texts[-1] if texts else ""
    posted.shown[name] = text
    try:
        posted.values[name] = read_text(one.field, text, audience)
    except UnreadableError as error:
        posted.errors[name] = error.told(audience)


def _last(sent: Sent, name: str) -> str:
    texts = sent.get(name, ())
    return texts[-1] if texts else ""


def _read_picked(name: str, one: Placed, sent: Sent, posted: Posted) -> None:
    if name not in sent and f"{name}.text" not in sent:
        return
    chosen, text = _last(sent, name), _last(sent, f"{name}.text").strip()
    was = _last(sent, f"{name}.was").strip()
    # Offers for an ambiguous text are sent under the same name, after the hidden one.
    if len(sent.get(name, ())) > 1 and chosen:
        posted.values[name] = chosen
        posted.shown[name] = Picked(Reference(chosen, text), text)
    elif f"{name}.text" in sent and text != was:
        posted.values[name] = None
        posted.shown[name] = Picked(None, text)
        if text:
            posted.searches.append(Search(name, one.field, text, many=False))
    else:
        posted.values[name] = chosen or None
        posted.shown[name] = Picked(Reference(chosen, was or text) if chosen else None, text)


def _read_picked_many(name: str, one: Placed, sent: Sent, posted: Posted) -> None:
    if name not in sent:
        return
    chosen = list(dict.fromkeys(text for text in sent[name] if text))
    text = _last(sent, f"{name}.text").strip()
    posted.values[name] = chosen
    posted.shown[name] = PickedMany(tuple(Reference(one_id, one_id) for one_id in chosen), text)
    if text:
        posted.searches.append(Search(name, one.field, text, many=True))


def _read_parts(name: str, one: Placed, sent: Sent, audience: Audience, posted: Posted) -> None:
    geo = one.field.type is FieldType.GEO
    keys = _PARTS[one.field.type]
    if not any(f"{name}.{key}" in sent for key in keys):
        return
    parts = {key: _last(sent, f"{name}.{key}").strip() for key in keys}
    posted.shown[name] = parts
    filled = {key: text for key, text in parts.items() if text}
    if not geo or not filled:
        posted.values[name] = filled or None
        return
    try:
        posted.values[name] = {key: float(parts[key]) for key in keys}
    except ValueError:
        posted.errors[name] = audience.words("needs two numbers: latitude and longitude")


def row_places(key: str, sent: Sent) -> list[str]:
    """Return the places of the child rows that were sent, in the order of the form."""
    prefix = f"{key}."
    places: dict[str, None] = {}
    for name in sent:
        if name.startswith(prefix):
            place = name[len(prefix) :].partition(".")[0]
            if _PLACE.fullmatch(place):
                places[place] = None
    return list(places)


def _read_rows(
    one: Placed, sent: Sent, audience: Audience, columns: Sequence[Placed], posted: Posted
) -> None:
    rows: list[tuple[str, Mapping[str, FormValue]]] = []
    values: list[dict[str, object]] = []
    places = row_places(one.key, sent)
    if not places:
        return
    if len(places) > MAX_ROWS:
        told = audience.words("takes at most %(number)s rows at once")
        posted.errors[one.key] = told % {"number": MAX_ROWS}
    for place in places[:MAX_ROWS]:
        prefix = f"{one.key}.{place}."
        row_id = _last(sent, f"{prefix}id")
        if _last(sent, f"{prefix}_remove"):
            continue
        inner = Posted()
        for column in columns:
            _read_field(prefix + column.key, column, sent, audience, inner)
        cells = {name[len(prefix) :]: value for name, value in inner.values.items()}
        if not row_id and not inner.errors and not inner.searches and _is_blank(cells):
            continue
        # Rows are numbered anew when the form is shown again, so their mistakes are too.
        shift = f"{one.key}.{len(rows)}."
        posted.errors.update(
            {shift + name[len(prefix) :]: text for name, text in inner.errors.items()}
        )
        posted.searches.extend(
            Search(shift + found.name[len(prefix) :], found.field, found.text, found.many)
            for found in inner.searches
        )
        rows.append((row_id, {name[len(prefix) :]: told for name, told in inner.shown.items()}))
        values.append({"id": row_id, **cells} if row_id else cells)
    posted.values[one.key] = values
    posted.shown[one.key] = RowList(tuple(rows))


def _is_blank(cells: Mapping[str, object]) -> bool:
    return all(value in (None, "", [], {}, False) for value in cells.values())


def settle_search(
    posted: Posted, search: Search, found: Sequence[Reference], words: Translate
) -> None:
    """Enter what a typed text turned out to mean: one record, several to choose from, or none."""
    exact = [one for one in found if one.title.casefold() == search.text.casefold()]
    hits = exact if len(exact) == 1 else list(found)
    if len(hits) == 1:
        _take(posted, search, hits[0])
        return
    text = words("several fit, choose one" if hits else "nothing fits this text")
    posted.errors[search.name] = text
    _show_offers(posted, search, tuple(hits))


def _target(posted: Posted, name: str) -> tuple[dict[str, object], dict[str, FormValue], str]:
    """Return the value and shown dictionaries that hold `name`, a field's or a child row's."""
    key, _, rest = name.partition(".")
    if not rest:
        return posted.values, posted.shown, key
    place, _, column = rest.partition(".")
    rows = posted.values[key]
    shown = posted.shown[key]
    if not isinstance(rows, list) or not isinstance(shown, RowList):
        raise TypeError(f"{key} holds no rows")
    cells = dict(shown.rows[int(place)][1])
    changed = list(shown.rows)
    changed[int(place)] = (shown.rows[int(place)][0], cells)
    posted.shown[key] = RowList(tuple(changed))
    return rows[int(place)], cells, column


def _take(posted: Posted, search: Search, one: Reference) -> None:
    values, shown, key = _target(posted, search.name)
    if not search.many:
        values[key] = one.id
        shown[key] = Picked(one, one.title)
        return
    held = shown.get(key)
    chosen = held.chosen if isinstance(held, PickedMany) else ()
    present = values.get(key)
    values[key] = [*(present if isinstance(present, list) else []), one.id]
    shown[key] = PickedMany((*chosen, one))


def _show_offers(posted: Posted, search: Search, offers: tuple[Reference, ...]) -> None:
    _, shown, key = _target(posted, search.name)
    held = shown.get(key)
    if search.many:
        chosen = held.chosen if isinstance(held, PickedMany) else ()
        shown[key] = PickedMany(chosen, search.text, offers)
    else:
        shown[key] = Picked(None, search.text, offers)
