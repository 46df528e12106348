"""What the service specification asks, and how a field of the app differs from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trellis.metadata.model.access import Action
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    COMPUTED_TYPES,
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)

T = FieldType
#: Which field types do for a type of the specification.
TYPES: Mapping[str, frozenset[FieldType]] = {
    "text": frozenset({T.TEXT}), "long": frozenset({T.TEXT_LONG}), "rich": frozenset({T.TEXT_RICH}),
    "int": frozenset({T.INTEGER}), "dec": frozenset({T.DECIMAL}), "money": frozenset({T.MONEY}),
    "pct": frozenset({T.PERCENT}), "bool": frozenset({T.BOOLEAN}), "date": frozenset({T.DATE}),
    "dt": frozenset({T.DATETIME}), "time": frozenset({T.TIME}), "phone": frozenset({T.PHONE}),
    "email": frozenset({T.EMAIL}), "url": frozenset({T.URL}), "addr": frozenset({T.ADDRESS}),
    "geo": frozenset({T.GEO}), "img": frozenset({T.IMAGE, T.FILES}),
    "file": frozenset({T.FILE, T.FILES}), "video": frozenset({T.VIDEO}),
    "sign": frozenset({T.SIGNATURE}), "scan": frozenset({T.SCAN}), "json": frozenset({T.JSON}),
    "user": frozenset({T.USER, T.USERS}), "role": frozenset({T.ROLE}), "auto": frozenset({T.AUTO}),
    "calc": frozenset({T.FORMULA}), "roll": frozenset({T.ROLLUP, T.FORMULA}),
    "sel": frozenset({T.CHOICE}), "msel": frozenset({T.CHOICES}), "ref": frozenset({T.REF}),
    "mref": frozenset({T.REFS}), "rows": frozenset({T.ROWS, T.RELATED}),
}  # fmt: skip


def read_specification(folder: Path) -> dict[str, Any]:
    """Return what the specification asks, as names and flags only."""
    stated = json.loads((folder / "service_objects.json").read_text(encoding="utf-8"))
    text = (folder / "service-app.md").read_text(encoding="utf-8")
    wanted = (folder / "requirements.md").read_text(encoding="utf-8")
    objects = {
        one["key"]: {
            "module": one["module"],
            "zh": one["zh"],
            "fields": {field["name"]: _asked_field(field) for field in one["fields"]},
        }
        for one in stated["objects"]
    }
    return {
        "options": {key: [one.split(" ", 1)[0] for one in rows]
                    for key, rows in stated["enums"].items()},
        "objects": objects,
        "transitions": dict(re.findall(r"^\| ([TW]\d+) \|[^|]*\| (\w+)", text, re.MULTILINE)),
        "flows": dict(re.findall(r"^\*\*(F\d+b?) (\w+)", text, re.MULTILINE)),
        "decisions": dict(re.findall(r"^\*\*(DT\d+b?) (\w+)", text, re.MULTILINE)),
        "roles": re.findall(r"^\| ([a-z_]+) \| [^|]*[一-鿿]", _roles_part(text), re.MULTILINE),
        "notifications": re.findall(r"^\| (N\d+) \|", text, re.MULTILINE),
        "requirements": re.findall(r"^\| (S\d+) \|", wanted, re.MULTILINE),
    }  # fmt: skip


def _asked_field(field: Mapping[str, str]) -> str:
    """Return `type flags 中文`, the flags `-` when there are none."""
    kind, _, argument = field["type"].partition(":")
    if kind in ("sel", "msel") and " " in argument:
        argument = ",".join(one.strip().split(" ", 1)[0] for one in argument.split(";"))
    shown = f"{kind}:{argument}" if argument else kind
    return f"{shown} {field['flags'] or '-'} {field['zh']}"


def _roles_part(text: str) -> str:
    part = text[text.index("## 5 Roles") : text.index("| object group |")]
    return part[part.index("| customer |") :]


@dataclass(frozen=True)
class Asked:
    """A field as the specification asks for it."""

    kind: str
    argument: str
    flags: str
    chinese: str

    @classmethod
    def of(cls, text: str) -> Asked:
        """Read `type flags 中文`."""
        shown, flags, chinese = text.split(" ", 2)
        kind, _, argument = shown.partition(":")
        return cls(kind, argument, flags, chinese)


def differences(catalog: Catalog, key: str, field: Field, asked: Asked) -> Iterator[str]:
    """Yield how a field of the app differs from what is asked."""
    if field.type not in TYPES[asked.kind]:
        yield f"is `{field.type}` instead of {asked.kind}"
    if field.label.texts.get("zh-CN") != asked.chinese:
        yield f"is called {field.label.texts.get('zh-CN')} instead of {asked.chinese}"
    yield from _reference_differences(field, asked)
    yield from _option_differences(catalog, field, asked)
    yield from _flag_differences(field, asked.flags)
    yield from _seen_differences(catalog, key, field, asked.flags)


def _reference_differences(field: Field, asked: Asked) -> Iterator[str]:
    if asked.kind in ("ref", "mref") and field.to != asked.argument:
        yield f"leads to `{field.to}` instead of `{asked.argument}`"
    if asked.kind == "rows" and field.of != asked.argument:
        yield f"holds `{field.of}` instead of `{asked.argument}`"


def _option_differences(catalog: Catalog, field: Field, asked: Asked) -> Iterator[str]:
    if asked.kind not in ("sel", "msel") or asked.argument in ("", "-"):
        return
    found = set(catalog.options[field.options or ""].options)
    shared = catalog.options.get(asked.argument)
    wanted = set(shared.options) if shared is not None else set(asked.argument.split(","))
    for option in sorted(wanted - found):
        yield f"has no option `{option}`"
    for option in sorted(found - wanted):
        yield f"has an option `{option}` more"


def _flag_differences(field: Field, flags: str) -> Iterator[str]:
    given = field.computed or field.type in INVERSE_TYPES
    indexed = field.index or field.unique or field.type in TO_ONE_TYPES | TO_MANY_TYPES
    held = {
        "R": field.required is not False or given,
        "U": field.unique,
        "X": indexed,
        "H": field.track,
        "S": field.sensitive,
        "C": given or field.readonly is True or field.type in COMPUTED_TYPES,
    }
    said = {"R": "required", "U": "unique", "X": "indexed", "H": "tracked in the history",
            "S": "marked as sensitive", "C": "set by the system only"}  # fmt: skip
    for flag, holds in held.items():
        if flag in flags and not holds:
            yield f"is not {said[flag]}"


def _seen_differences(catalog: Catalog, key: str, field: Field, flags: str) -> Iterator[str]:
    customer = catalog.roles["customer"]
    if "P" in flags:
        grant = customer.grants.get(key)
        masked = any(m.object == key and m.field == field.key for m in customer.masks)
        if grant is None or Action.READ not in grant.rows or masked:
            yield "is not in the portal"
    if "M" in flags and not _on_engineers_form(catalog, key, field.key):
        yield "is not on the engineer's form"


def _on_engineers_form(catalog: Catalog, key: str, field: str) -> bool:
    forms = [one for one in catalog.forms.values() if one.object == key]
    own = [one for one in forms if "engineer" in one.roles] or [one for one in forms
                                                               if not one.roles]  # fmt: skip
    titles = {"code", "state"}  # stand at the head of every record page
    return field in titles or any(
        one.field == field for form in own for part in form.sections for one in part.fields
    )
