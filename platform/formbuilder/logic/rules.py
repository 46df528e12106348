"""Writes the expressions of a form down for the browser: typed trees, inputs and their formats.

Made once for a layout, a reader's language and a set of roles; a request adds the values that
`needs` names. An expression that cannot be written down is not in the text, and the server goes on
deciding it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trellis.engine.parsing import ValueRefusedError, parse_value
from trellis.expressions import compile_expression, encode
from trellis.expressions.free_paths import Path
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.layout import Layout, Placed, child_columns, words_of
from trellis.formbuilder.logic.needs import Behind, Needs
from trellis.formbuilder.logic.reach import REFERENCES, Ground, Reads, Sees, reads_of
from trellis.formbuilder.logic.reading import KINDS, UNFILLED, shown_as
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import COMPUTED_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.scopes import record_scope

Json = dict[str, Any]
#: What makes the script say a value as text.
_SAID = frozenset({"value", "begin", "readonly", "default"})
#: A flag of a field: visible, required, readonly, or value for what is shown and never typed.
Decided = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class FormLogic:
    """What the browser decides in a form, and the text that tells it how.

    `columns` says by `rows` field what is decided in its child rows; `kept` are the conditions that
    stay with the server.
    """

    text: str
    decided: Decided
    sections: frozenset[int]
    columns: Mapping[str, Decided]
    kept: tuple[ExpressionText, ...]
    needs: Needs

    def decides(self, key: str, flag: str) -> bool:
        """Tell whether the browser decides something about a field."""
        return (key, flag) in self.decided

    @property
    def watched_words(self) -> frozenset[str]:
        """Return the words of the conditions that only the server decides."""
        return words_of(self.kept)


@dataclass(frozen=True)
class Reader:
    """For whom the rules of a form are written: language, zone and what may be seen."""

    audience: Audience
    sees: Sees
    new: bool = False


def write_logic(
    catalog: Catalog, layout: Layout, reader: Reader, locked: frozenset[str] = frozenset()
) -> FormLogic | None:
    """Return the logic of a form, or None when the browser has nothing to decide in it."""
    form = _FormWriter(catalog, layout, reader, locked)
    form.write()
    return form.logic() if form.has_rules else None


class _FormWriter:
    """Writes a form: its own fields, its sections, and the fields of its child rows."""

    def __init__(
        self, catalog: Catalog, layout: Layout, reader: Reader, locked: frozenset[str]
    ) -> None:
        self._layout, self._reader = layout, reader
        self._spots: dict[tuple[str, str], set[Path]] = {}
        self._roots: dict[str, set[Path]] = {}
        self._kept: list[ExpressionText] = []
        placed = {one.key: one for one in layout.fields()}
        self._main = _ObjectWriter(self, Ground(catalog, layout.model, reader.sees), placed, locked)
        self._rows = {
            key: self._child(catalog, one.field)
            for key, one in placed.items()
            if one.field.type is FieldType.ROWS and one.field.of in catalog.objects
        }
        self._main.ground = replace(
            self._main.ground, rows={key: writer.ground for key, writer in self._rows.items()}
        )
        for writer in self._rows.values():
            writer.ground = replace(writer.ground, parent=self._main.ground)
        self._sections: dict[str, Json] = {}

    def _child(self, catalog: Catalog, rows: Field) -> _ObjectWriter:
        child = catalog.objects[rows.of or ""]
        columns = {one.key: one for one in child_columns(catalog, rows, self._reader.audience)}
        ground = Ground(catalog, child, self._reader.sees, columns=frozenset(columns),
                        link=rows.link or "")  # fmt: skip
        return _ObjectWriter(self, ground, columns, frozenset(), rows=rows.key)

    @property
    def reader(self) -> Reader:
        """Return for whom the form is written."""
        return self._reader

    @property
    def has_rules(self) -> bool:
        """Tell whether the browser has anything to decide."""
        writers = (self._main, *self._rows.values())
        return bool(self._sections) or any(writer.decided or writer.fills for writer in writers)

    def write(self) -> None:
        """Write every rule down."""
        for place, section in enumerate(self._layout.sections):
            if section.visible is not None:
                rule = self._main.condition(section.visible)
                if rule is not None:
                    self._sections[str(place)] = rule
        self._main.write()
        for writer in self._rows.values():
            writer.write()

    def keep(self, condition: ExpressionText) -> None:
        """Leave a condition with the server."""
        self._kept.append(condition)

    def note(self, reads: Reads, rows: str) -> None:
        """Remember what a rule reads, so that it is sent."""
        for path in reads:
            if path[0] == "record":
                self._note_field(path[1:], rows)
            else:
                self._roots.setdefault(path[0], set()).add(path[1:])

    def _note_field(self, path: Path, rows: str) -> None:
        name, rest = path[0], path[1:]
        if rows and name == self._rows[rows].ground.link:
            if rest:
                self._note_field(rest, "")
        elif not rows and name in self._rows:
            if rest:
                self._note_field(rest, name)
        else:
            self._spots.setdefault((rows, name), set()).add(rest)
            (self._rows[rows] if rows else self._main).enter(name)

    def logic(self) -> FormLogic:
        """Return what was written."""
        audience, words = self._reader.audience, self._reader.audience.words
        behind = self._behind()
        told = {
            "object": self._layout.model.key, "zone": str(audience.zone),
            "locale": audience.locale, "yes": words("Yes"), "no": words("No"),
            "fields": self._main.told(behind, self._read("")), "sections": self._sections,
            "rows": {key: {"object": writer.ground.model.key, "link": writer.ground.link,
                           "fields": writer.told(behind, self._read(key))}
                     for key, writer in self._rows.items()},
        }  # fmt: skip
        return FormLogic(
            text=script_text(told),
            decided=frozenset(self._main.decided),
            sections=frozenset(map(int, self._sections)),
            columns={key: frozenset(writer.decided) for key, writer in self._rows.items()},
            kept=tuple(self._kept),
            needs=self._needs(behind),
        )

    def _read(self, rows: str) -> frozenset[str]:
        return frozenset(name for where, name in self._spots if where == rows)

    def _behind(self) -> dict[str, Behind]:
        found = {}
        for (rows, name), paths in sorted(self._spots.items()):
            writer = self._rows[rows] if rows else self._main
            known = writer.ground.model.fields.get(name)
            looked = frozenset(path for path in paths if path)
            if known is not None and looked and known.type in REFERENCES:
                place = f"{rows}.{name}" if rows else name
                found[place] = Behind(writer.ground.model.key, name, looked)
        return found

    def _needs(self, behind: Mapping[str, Behind]) -> Needs:
        stored = {
            name: frozenset(paths)
            for (rows, name), paths in self._spots.items()
            if not rows and not self._main.is_computed(name)
        }
        user = self._roots.get("user")
        settings = frozenset(self._roots.get("settings", ()))
        asked = None if user is None else frozenset(user)
        return Needs(self._layout.model.key, stored, behind, asked, settings)


class _ObjectWriter:
    """Writes the fields of one object: the form's own, or those of its child rows."""

    def __init__(
        self, form: _FormWriter, ground: Ground, placed: Mapping[str, Placed],
        locked: frozenset[str], rows: str = "",
    ) -> None:  # fmt: skip
        typed = frozenset(key for key, one in placed.items()
                          if one.readonly is not True and key not in locked
                          and one.field.type not in COMPUTED_TYPES)  # fmt: skip
        self.ground = replace(ground, typed=typed, keeps=self._keeps)
        self.decided: set[tuple[str, str]] = set()
        self.fills = False
        self._form, self._placed, self._rows = form, placed, rows
        self._fields: dict[str, Json] = {}
        self._values: dict[str, Json | None] = {}
        self._scope = record_scope(ground.catalog, ground.model.key)

    @property
    def _model(self) -> Object:
        return self.ground.model

    def write(self) -> None:
        """Write the rules of every field of the form."""
        for key, one in self._placed.items():
            if key not in self._model.fields or one.field.type is FieldType.ROWS:
                continue
            for flag, condition in _conditions(one):
                rule = self.condition(condition)
                if rule is not None:
                    self._entry(key)[flag] = rule
                    self.decided.add((key, flag))
            self.enter(key)

    def enter(self, key: str) -> None:
        """Write what makes the value of a field, once."""
        known = self._model.fields.get(key)
        if known is None or "kind" in self._fields.get(key, {}):
            return
        entry = self._entry(key)
        entry["kind"] = KINDS.get(known.value_type, "held")
        rule = self._value(key)
        if rule is None:
            return
        if key in self.ground.typed:
            entry["default"] = rule
            self.fills = self.fills or bool(self._rows) or not _is_literal(rule)
        else:
            entry["value" if known.type is FieldType.FORMULA else "begin"] = rule
            shown = shown_as(self.ground.catalog, self._model, known, self._form.reader.audience)
            # What is always the same stands there already.
            told = not self._rows and _is_literal(rule)
            if key in self._placed and shown is not None and not told:
                self.decided.add((key, "value"))
        self._form.note(_reads_in(rule), self._rows)

    def condition(self, condition: ExpressionText) -> Json | None:
        """Return a condition as a rule; what only the server can decide is kept with it."""
        rule = self._rule(condition)
        if rule is None:
            if not self._rows:
                self._form.keep(condition)
            return None
        self._form.note(_reads_in(rule), self._rows)
        return rule

    def is_computed(self, key: str) -> bool:
        """Tell whether the browser makes a field's value and needs none from the server."""
        return bool(self._fields.get(key, {}).keys() & {"value", "begin"})

    def told(self, behind: Mapping[str, Behind], read: Collection[str]) -> dict[str, Json]:
        """Return the fields as the script gets them: those that are read or decided."""
        made = {}
        for key, entry in self._fields.items():
            if not self._is_wanted(key, entry, read):
                continue
            more: Json = {}
            known, reader = self._model.fields[key], self._form.reader
            if key in self._placed and entry.keys() & _SAID:
                shown = shown_as(self.ground.catalog, self._model, known, reader.audience)
                if shown is not None:
                    more["show"] = shown
            looked = behind.get(f"{self._rows}.{key}" if self._rows else key)
            if looked is not None:
                more["behind"] = sorted(".".join(path) for path in looked.paths)
            made[key] = {**entry, **more}
        return made

    def _is_wanted(self, key: str, entry: Json, read: Collection[str]) -> bool:
        if key in read:
            return key in self._placed or self.is_computed(key)
        if key not in self._placed:
            return False
        # The server has filled in what is always the same; in child rows nobody has.
        filled = not self._rows and "default" in entry and _is_literal(entry["default"])
        return bool(entry.keys() - {"kind", *(("default",) if filled else ())})

    def _entry(self, key: str) -> Json:
        return self._fields.setdefault(key, {})

    def _keeps(self, key: str) -> bool:
        """Tell whether a formula or a default of a field stays with the server."""
        return self._makes(key) is not None and self._value(key) is None

    def _makes(self, key: str) -> ExpressionText | object | None:
        """Return what makes the value of a field: a formula, or where a record begins a default."""
        known = self._model.fields.get(key)
        if known is None:
            return None
        if known.type is FieldType.FORMULA:
            return known.formula
        return known.default if self._form.reader.new or self._rows else None

    def _value(self, key: str) -> Json | None:
        if key not in self._values:
            # While it is looked at it counts as kept: no value is made of itself.
            self._values[key] = None
            self._values[key] = self._make_value(key)
        return self._values[key]

    def _make_value(self, key: str) -> Json | None:
        made, known = self._makes(key), self._model.fields[key]
        if made is None or not self.ground.sees(self._model.key, key):
            return None
        if known.type is FieldType.FORMULA:
            return self._rule(made) if isinstance(made, ExpressionText) else None
        if known.type in UNFILLED:
            return None
        if not isinstance(made, ExpressionText):
            return _literal(known, made)
        rule = self._rule(made)
        return None if rule is None or self._looks_ahead(key, rule) else rule

    def _looks_ahead(self, key: str, rule: Json) -> bool:
        """Tell whether a default reads what is made after it; the engine goes in order."""
        order = list(self._model.fields)
        for path in rule["reads"]:
            name = path[1] if path[0] == "record" else ""
            other = self._model.fields.get(name)
            if other is None:
                continue
            later = other.default is not None and order.index(name) >= order.index(key)
            if later or other.type is FieldType.FORMULA:
                return True
        return False

    def _rule(self, text: ExpressionText) -> Json | None:
        expression = compile_expression(text.text, self._scope)
        reads = reads_of(expression, self.ground)
        if reads is None:
            return None
        return {"tree": _slim(expression.to_json()), "reads": sorted(map(list, reads))}


def _conditions(one: Placed) -> Iterator[tuple[str, ExpressionText]]:
    flags = (("visible", one.field.visible), ("required", one.field.required),
             ("readonly", one.readonly))  # fmt: skip
    for name, flag in flags:
        if isinstance(flag, ExpressionText):
            yield name, flag


def _reads_in(rule: Json) -> Reads:
    return frozenset(tuple(path) for path in rule["reads"])


def _is_literal(rule: Json) -> bool:
    return bool(rule["tree"]["tree"]["k"] == "value")


def _literal(known: Field, value: object) -> Json | None:
    """Return a rule that always gives a definition's literal."""
    try:
        plain = encode(parse_value(known, value))
    except ValueRefusedError:
        return None
    tree = {"version": 1, "type": "any", "subject": "record", "tree": {"k": "value", "v": plain}}
    return {"tree": tree, "reads": []}


def _slim(part: Any) -> Any:
    """Return a tree without the places of its nodes, which only editors need."""
    if isinstance(part, list):
        return [_slim(one) for one in part]
    if isinstance(part, dict):
        return {key: _slim(one) for key, one in part.items() if key != "s" or "k" not in part}
    return part


def script_text(told: object) -> str:
    """Return JSON that may stand in a script element: no end tag can be in it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
