"""A random but valid app with invented words: every type of field, lifecycles, roles, rules, flows.

The same seed gives the same app. Nothing in it has a meaning, so nothing of the engine can lean on
the meaning of a word.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SYLLABLES = ("ba", "do", "fi", "ga", "hu", "ki", "lo", "mu", "ne", "po", "qua", "ri", "su", "tel",
              "vor", "wim", "xan", "yop", "zed")  # fmt: skip
_PLAIN: Mapping[str, Mapping[str, Any]] = {
    "text": {"max": 60, "search": True}, "text_long": {}, "text_rich": {}, "integer": {"min": 0},
    "decimal": {"digits": 12, "scale": 3}, "money": {"currency": "EUR"}, "percent": {},
    "boolean": {}, "date": {}, "datetime": {}, "time": {}, "duration": {}, "email": {},
    "phone": {}, "url": {}, "scan": {}, "address": {}, "geo": {}, "json": {}, "file": {},
    "files": {}, "image": {}, "video": {}, "signature": {}, "user": {}, "users": {}, "role": {},
}  # fmt: skip


@dataclass
class InventedApp:
    """An app's files, and what a test needs to know of it."""

    seed: int
    key: str
    files: dict[str, str] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    flow: str = ""

    def values(self, key: str, choose: random.Random) -> dict[str, Any]:
        """Return values for the plain fields of a new record."""
        made = {
            name: _VALUES[one["type"]](choose)
            for name, one in self.objects[key]["fields"].items()
            if one["type"] in _VALUES and "formula" not in one
        }
        state = self.objects[key]["lifecycle"]["field"]
        options = {name: list(one["options"]) for name, one in self.objects[key]["fields"].items()
                   if one["type"] in ("choice", "choices") and name != state}  # fmt: skip
        for name, keys in options.items():
            kind = self.objects[key]["fields"][name]["type"]
            made[name] = choose.choice(keys) if kind == "choice" else choose.sample(keys, 2)
        return made


_VALUES: Mapping[str, Any] = {
    "text": lambda r: f"{r.choice(_SYLLABLES)} 数 {r.random()}",
    "text_long": lambda r: "a\nb" * r.randint(1, 9),
    "text_rich": lambda r: f"<p>{r.randint(1, 9)}</p>",
    "integer": lambda r: r.randint(0, 10**12),
    "decimal": lambda r: f"{r.randint(-(10**9) + 1, 10**9 - 1)}.{r.randint(0, 999):03d}",
    "money": lambda r: f"{r.randint(0, 10**12)}.{r.randint(0, 99):02d}",
    "percent": lambda r: f"{r.randint(0, 100)}.5",
    "boolean": lambda r: r.random() < 0.5,
    "date": lambda r: f"{r.randint(1000, 9999)}-0{r.randint(1, 9)}-1{r.randint(0, 9)}",
    "datetime": lambda r: f"{r.randint(1000, 9998)}-01-01T0{r.randint(0, 9)}:00:00+08:00",
    "time": lambda r: f"1{r.randint(0, 9)}:30",
    "duration": lambda r: f"PT{r.randint(0, 10**6)}S",
    "email": lambda r: f"{r.choice(_SYLLABLES)}@example.org",
    "phone": lambda r: f"+49 {r.randint(10**6, 10**7)}",
    "url": lambda r: f"https://example.org/{r.randint(0, 9)}",
    "scan": lambda r: f"({r.randint(10, 99)})X",
    "address": lambda r: {"city": r.choice(_SYLLABLES)},
    "geo": lambda r: {"lat": r.randint(-90, 90), "lng": r.randint(-180, 180)},
    "json": lambda r: {"a": [r.randint(0, 9), None, "ü"]},
}


def generate(seed: int) -> InventedApp:
    """Return the app of a seed."""
    maker = _Maker(random.Random(seed))  # noqa: S311 - a seed, not a secret
    return maker.app(seed)


class _Maker:
    def __init__(self, choose: random.Random) -> None:
        self.choose = choose
        self.used: set[str] = set()

    def word(self) -> str:
        """Return a word that was not used before; some are not Latin at all for fields."""
        while True:
            made = "".join(self.choose.choices(_SYLLABLES, k=self.choose.randint(2, 4)))
            if made not in self.used:
                self.used.add(made)
                return made

    def label(self) -> Any:
        """Return a label: one text, or texts by locale."""
        text = self.word().title()
        return self.choose.choice([text, {"en": text, "zh-CN": f"词{text}"}])

    def app(self, seed: int) -> InventedApp:
        """Return a whole app."""
        app = InventedApp(seed, self.word())
        keys = [self.word() for _ in range(self.choose.randint(2, 4))]
        app.roles = [self.word(), self.word()]
        for position, key in enumerate(keys):
            app.objects[key] = self._object(key, keys[: position + 1], app.roles)
        self._connect(app, keys)
        app.flow = self.word()
        notification = self.word()
        files = {
            "app": {"app": app.key, "version": "1.0.0", "label": self.label()},
            "objects": {"objects": app.objects},
            "roles": self._roles(app),
            "views": {"views": dict(self._view(app, key) for key in keys)},
            "forms": {"forms": dict(self._form(app, key) for key in keys)},
            "rules": self._rules(app, keys, notification),
            "notifications": {"notifications": {notification: {
                "object": keys[0], "title": {"en": "{{ title_of }} {{ id }}"}}}},
            "flows": {"flows": {app.flow: self._flow(app, keys[0])}},
            "calendars": {"calendars": {self.word(): {"week": [
                {"days": "mon-fri", "start": "08:00", "end": "16:30"}]}}},
            "reports": {"metrics": {self.word(): {
                "object": keys[0], "label": self.label(), "value": "count(records)"}}},
        }  # fmt: skip
        app.files = {f"{name}.json": json.dumps(content, ensure_ascii=False, indent=1)
                     for name, content in files.items()}  # fmt: skip
        return app

    def _object(self, key: str, before: list[str], roles: list[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {"title_of": {"type": "text", "required": True, "max": 80,
                                               "index": True, "search": True}}  # fmt: skip
        for kind, more in _PLAIN.items():
            name = self.choose.choice([self.word(), f"字段{self.word()}"])
            fields[name] = {"type": kind, "label": self.label(), **more}
            if self.choose.random() < 0.3:
                fields[name]["track"] = True
        states = [self.word() for _ in range(3)]
        fields["stage"] = {"type": "choice", "options": {one: self.label() for one in states}}
        fields[self.word()] = {"type": "choice", "options": self._options()}
        fields[self.word()] = {"type": "choices", "options": self._options()}
        fields[self.word()] = {"type": "ref", "to": self.choose.choice(before)}
        fields[self.word()] = {"type": "refs", "to": self.choose.choice(before)}
        fields[self.word()] = {"type": "auto", "format": f"{key[0].upper()}-{{yyyy}}-{{0000}}",
                               "reset": "year", "unique": True}  # fmt: skip
        parent = self.word()
        fields[parent] = {"type": "ref", "to": key}
        number = next(name for name, one in fields.items() if one["type"] == "integer")
        for stored in (True, False):
            fields[self.word()] = {
                "type": "formula",
                "of": "integer",
                "stored": stored,
                "formula": f"if {number} = null then 0 else {number} + 1",
            }
        return {
            "label": self.label(), "title": "title_of", "tree": parent, "fields": fields,
            "validations": [{"if": f"{number} < 0", "message": self.label(), "field": number}],
            "lifecycle": self._lifecycle(states, roles),
        }  # fmt: skip

    def _options(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            self.word(): {"label": self.label(), "color": "blue", "order": 2},
            "no": {"label": "No", "order": 1},
            "12:30": "Half past",
        }
        return made

    def _lifecycle(self, states: list[str], roles: list[str]) -> dict[str, Any]:
        first, second, last = states
        return {
            "field": "stage", "initial": [first],
            "states": {first: {"label": self.label()}, second: {"color": "orange"},
                       last: {"final": True, "readonly": True}},
            "transitions": {
                "go": {"from": [first], "to": second, "label": self.label(), "who": [roles[0]]},
                "back": {"from": [second], "to": first, "comment": "required"},
                "end": {"from": ["*"], "to": last, "guard": "title_of != null",
                        "set": {"owner": "= user"}},
            },
        }  # fmt: skip

    def _connect(self, app: InventedApp, keys: list[str]) -> None:
        """Let the last object be rows of the first, with roll-ups over them."""
        owner, rows = app.objects[keys[0]], app.objects[keys[-1]]
        link = self.word()
        rows["fields"][link] = {"type": "ref", "to": keys[0], "on_delete": "cascade"}
        money = next(name for name, one in rows["fields"].items() if one["type"] == "money")
        source = f"{keys[-1]}.{link}"
        owner["fields"]["rows_of"] = {"type": "rows", "of": keys[-1], "from": source}
        owner["fields"]["related_to"] = {"type": "related", "from": source}
        for function in ("sum", "min", "max", "average"):
            owner["fields"][f"{function}_of"] = {"type": "rollup", "from": source, function: money}
        owner["fields"]["count_of"] = {"type": "rollup", "from": source, "count": True,
                                       "where": "title_of != null"}  # fmt: skip

    def _roles(self, app: InventedApp) -> dict[str, Any]:
        all_of = {"create": True, "read": "all", "update": "all", "delete": True, "export": True}
        masked = next(name for name, one in app.objects[next(iter(app.objects))]["fields"].items()
                      if one["type"] == "money")  # fmt: skip
        first = next(iter(app.objects))
        return {
            "scopes": {"mine": "owner = user or created_by = user"},
            "roles": {
                app.roles[0]: {"label": self.label(), "grants": dict.fromkeys(app.objects, all_of)},
                app.roles[1]: {"label": self.label(),
                               "grants": {key: {"create": True, "read": [{"scope": "mine"}]}
                                          for key in app.objects},
                               "masks": {first: {masked: "hidden"}}},
            },
        }  # fmt: skip

    def _view(self, app: InventedApp, key: str) -> tuple[str, dict[str, Any]]:
        fields = app.objects[key]["fields"]
        names = [name for name, one in fields.items() if one["type"] not in ("rows", "related")]
        return self.word(), {
            "object": key, "label": self.label(), "where": "title_of != null",
            "columns": self.choose.sample(names, 6), "sort": ["-title_of", "stage"],
            "default_for": [app.roles[0]],
        }  # fmt: skip

    def _form(self, app: InventedApp, key: str) -> tuple[str, dict[str, Any]]:
        names = list(app.objects[key]["fields"])
        self.choose.shuffle(names)
        return self.word(), {"object": key, "sections": [
            {"label": self.label(), "columns": 2,
             "fields": [names[0], {"field": names[1], "width": 2}]},
            {"label": self.label(), "columns": 3, "fields": names[2:],
             "visible": "title_of != null"},
        ]}  # fmt: skip

    def _rules(self, app: InventedApp, keys: list[str], notification: str) -> dict[str, Any]:
        number = next(name for name, one in app.objects[keys[0]]["fields"].items()
                      if one["type"] == "integer")  # fmt: skip
        return {
            "decisions": {self.word(): {
                "object": keys[0], "hit": "F", "inputs": [number],
                "outputs": [{"name": "size", "default": '"none"'}],
                "rows": [[["> 100"], ['"large"']], [["[0..100]"], ['"small"']]]}},
            "rules": {
                self.word(): {"object": keys[0], "when": {"event": ["create"]},
                              "if": f"{number} = 7", "do": [{"set": {number: 8}}]},
                self.word(): {"object": keys[0], "when": {"event": "update", "changed": [number]},
                              "if": f"{number} = 13", "do": [{"refuse": self.label()}]},
                self.word(): {"object": keys[0], "when": {"event": "transition"},
                              "do": [{"notify": notification, "to": f"role.{app.roles[0]}"}]},
            },
        }  # fmt: skip

    def _flow(self, app: InventedApp, key: str) -> dict[str, Any]:
        states = list(app.objects[key]["lifecycle"]["states"])
        return {
            "label": self.label(), "object": key, "state": "record.stage",
            "nodes": {
                "begin": {"start": "record", "event": ["create"], "next": "look"},
                "look": {"task": None, "who": f"role.{app.roles[0]}", "claim": True,
                         "actions": ["yes", "no"], "sla": {"due": "2h"}, "next": "way"},
                "way": {"xor": None, "when": [{"if": 'outcome = "no"', "to": "over"}],
                        "else": "done"},
                "done": {"end": None, "set": states[2]},
                "over": {"end": None},
            },
        }  # fmt: skip
