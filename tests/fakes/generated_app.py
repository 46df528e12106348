"""An app that nobody thought of: objects, fields, lifecycle, rules and roles made from a seed.

Its words are invented, so that nothing in the platform can know them.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

_STARTS, _ENDS = (
    ("bra", "clo", "dri", "fle", "gru", "sna", "vee", "zum"),
    ("ber", "dock", "lit", "mon", "pel"),
)
#: A field of each simple type, and how a value of it is made.
_MAKERS = {
    "text": lambda rng: f"text {rng.randrange(10**6)}",
    "text_long": lambda rng: "\n".join(f"line {n}" for n in range(rng.randrange(1, 4))),
    "integer": lambda rng: rng.randrange(-(10**6), 10**6),
    "decimal": lambda rng: rng.randrange(10**6) / 4,
    "money": lambda rng: rng.randrange(10**6) / 100,
    "percent": lambda rng: rng.randrange(100),
    "boolean": lambda rng: rng.random() < 0.5,
    "date": lambda rng: f"20{rng.randrange(10, 40)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}",
    "time": lambda rng: f"1{rng.randrange(10)}:3{rng.randrange(10)}:00",
    "email": lambda rng: f"a{rng.randrange(1000)}@example.com",
    "url": lambda rng: f"https://example.com/{rng.randrange(1000)}",
    "choice": lambda rng: rng.choice(("low", "high")),
    "choices": lambda rng: ["low", "high"][: rng.randrange(1, 3)],
    "geo": lambda rng: {"lat": rng.randrange(-80, 80), "lng": rng.randrange(-170, 170)},
    "json": lambda rng: {"n": rng.randrange(10)},
}
_MORE: dict[str, dict[str, Any]] = {
    "text": {"max": 200}, "decimal": {"digits": 12, "scale": 2}, "money": {"currency": "EUR"},
    "choice": {"options": "level"}, "choices": {"options": "level"},
}  # fmt: skip


@dataclass(frozen=True)
class GeneratedApp:
    """The files, the object that has a lifecycle, its child, and the fields by type."""

    files: dict[str, bytes]
    parent: str
    child: str
    fields: dict[str, str]
    seed: int

    def values(self, number: int) -> dict[str, Any]:
        """Return a value for every simple field of the parent."""
        rng = random.Random(f"{self.seed}-{number}")  # noqa: S311 - data, not secrets
        return {key: _MAKERS[kind](rng) for key, kind in self.fields.items()}


def generate(seed: int) -> GeneratedApp:
    """Return an app made from a seed, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - data, not secrets
    words = [f"{start}{end}" for start in _STARTS for end in _ENDS]
    rng.shuffle(words)
    app, parent, child, role, *rest = words
    fields = dict(zip(rest, _MAKERS, strict=False))
    objects = {parent: _parent(fields, child), child: _child(parent)}
    files = {
        "app.json": {"app": app, "version": "1.0.0", "label": app.title()},
        "options.json": {"options": {"level": {"low": {"label": "Low"}, "high": {"label": "High"}},
                                     "stage": {"open": {"label": "Open"},
                                               "shut": {"label": "Shut"}}}},
        "objects.json": {"objects": objects},
        "roles.json": {"roles": {role: {"label": role.title(), "grants": {
            parent: "all", child: "all"}}}},
    }  # fmt: skip
    packed = {name: json.dumps(content).encode() for name, content in files.items()}
    return GeneratedApp(packed, parent, child, fields, seed)


def _parent(fields: dict[str, str], child: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        key: {"type": kind, "label": key.title(), **_MORE.get(kind, {})}
        for key, kind in fields.items()
    }
    made |= {
        "label_text": {"type": "text", "required": True, "search": True, "label": "Label"},
        "stage": {"type": "choice", "options": "stage", "label": "Stage"},
        "items": {"type": "rows", "of": child, "label": "Items"},
        "total": {"type": "rollup", "label": "Total", "from": f"{child}.parent",
                  "sum": "amount"},
        "is_big": {"type": "formula", "of": "boolean", "formula": "total > 100",
                   "label": "Big"},
    }  # fmt: skip
    states = {"open": {"label": "Open"}, "shut": {"label": "Shut", "final": True}}
    shut = {"from": ["open"], "to": "shut", "label": "Shut", "guard": "total > 100",
            "guard_message": "Too small to be shut"}  # fmt: skip
    return {"label": "Parent", "title": "label_text", "fields": made,
            "lifecycle": {"field": "stage", "initial": ["open"], "states": states,
                          "transitions": {"shut": shut}}}  # fmt: skip


def _child(parent: str) -> dict[str, Any]:
    return {"label": "Child", "title": "name", "fields": {
        "parent": {"type": "ref", "to": parent, "required": True, "on_delete": "cascade",
                   "label": "Parent"},
        "name": {"type": "text", "required": True, "label": "Name"},
        "amount": {"type": "decimal", "digits": 12, "scale": 2, "label": "Amount"},
    }}  # fmt: skip
