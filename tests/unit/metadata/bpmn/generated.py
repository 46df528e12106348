"""Flows of the whole language, made up: what they do is nonsense, that they are written is not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Node = dict[str, Any]

_IDS = ("a", "b", "c1", "A.1", "a-b", "审批", "task__out", "a__on1", "made_up", "null", "x²",
        "definitions", "way_a_b", "𠮷", "b_2", "on")  # fmt: skip
_TEXTS = (
    "",
    "Ask",
    "中文标签",
    "a\nb",
    " \t x ",
    "]]>",
    "<b>&amp;",
    '"quoted"',
    "\x01\x7f\ufffe",
    "𠮷",
    "e\u0301",
    "\r\n",
    "= 1",
    "-- ?>",
    "\u2028",
)
_CONDITIONS = (
    "record.cost > 5",
    'outcome = "decline"',
    " a\r\n= b ",
    "= odd",
    "",
    "x < y & z",
    True,
    False,
    3,
    "${a.b()}",
    "\x02",
)
_TIMES = (
    "30m",
    "8bh",
    "2d",
    "0d",
    "= record.due_at",
    "R3/PT1H",
    "P1DT2H",
    "2026-01-01",
    "",
    " 5m ",
    3,
    1.5,
    "Rain",
    "=\n",
)
_NAMES = ("wo.created", "NO_TECHNICIAN", "a b", "中文", "", "x\ny", "a:b", "\x03")
_LEAVES = (None, True, 0, -7, 10**30, 0.1, 1e300, -2.5e-8, "text", "yes", "1", "null", "中\u0001")
TRIGGERS = ("message", "timer", "signal", "conditional", "error", "escalation", "compensate",
            "terminate", "form", "record", "odd")  # fmt: skip
PLAIN = ("task", "approval", "service", "script", "rule", "send", "receive", "call", "sub", "xor",
         "or", "and", "event", "kept")  # fmt: skip
_CATCHES = ("timer", "error", "message", "signal", "escalation", "conditional")


def made_up_flow(seed: int) -> Node:
    """Return a flow with its head and nodes up to three levels deep, in any order of keys."""
    chance = Random(seed)  # noqa: S311
    flow = _some(chance, {
        "version": lambda: chance.randint(1, 99), "label": lambda: _label(chance),
        "help": lambda: _label(chance), "object": lambda: chance.choice(_NAMES),
        "key": lambda: chance.choice(_CONDITIONS), "calendar": lambda: chance.choice(_NAMES),
        "roles": lambda: {chance.choice(_NAMES): _value(chance, 2)}})  # fmt: skip
    flow["nodes"] = _nodes(chance, 2)
    return _shuffled(chance, flow)


def _nodes(chance: Random, depth: int) -> Node:
    keys = chance.sample(_IDS, chance.randint(1, 6))
    return {key: _node(chance, keys, depth) for key in keys}


def _node(chance: Random, keys: list[str], depth: int) -> Node:
    kind = chance.choice(("start", "end", "wait", "throw", *PLAIN))
    extras = _extras(chance, keys)
    if kind in ("start", "end", "wait", "throw"):
        trigger = chance.choice((None, *TRIGGERS))
        first: Node = {kind: trigger}
        if trigger is not None and chance.random() < 0.7:
            extras[trigger] = _detail(chance, trigger, keys)
    else:
        first = {kind: _kind_value(chance, kind)}
    if kind == "sub" and chance.random() < 0.8:
        extras["nodes"] = _nodes(chance, depth - 1) if depth else {}
    return {**first, **_shuffled(chance, {k: v for k, v in extras.items() if k not in first})}


def _detail(chance: Random, trigger: str, keys: list[str]) -> Any:
    if trigger == "compensate":
        return _target(chance, keys)
    return chance.choice({"timer": _TIMES, "conditional": _CONDITIONS}.get(trigger, _NAMES))


def _kind_value(chance: Random, kind: str) -> Any:
    if kind == "approval":
        return chance.choice((None, "any", "all", "seq", {"vote": 60}))
    if kind == "sub":
        return chance.choice((None, "event"))
    if kind == "kept":
        return chance.choice(("complexGateway", "manualTask", "odd"))
    if kind == "script":
        return {"record.x": chance.choice(_CONDITIONS)}
    return chance.choice((None, *_NAMES))


def _extras(chance: Random, keys: list[str]) -> Node:
    def target() -> str:
        return _target(chance, keys)

    def branch() -> Node:
        found: Node = {"if": chance.choice(_CONDITIONS), "to": target()}
        return {**found, "name": _label(chance)} if chance.random() < 0.5 else found

    def catch() -> Node:
        kind = chance.choice(_CATCHES)
        found: Node = {kind: _detail(chance, kind, keys), "to": target()}
        if chance.random() < 0.5:
            found["keep"] = chance.random() < 0.7
        return _shuffled(chance, found)

    return _some(chance, {
        "next": lambda: chance.choice((target(), [target(), target()], [])),
        "when": lambda: [branch() for _ in range(chance.randint(0, 3))], "else": target,
        "label": lambda: _label(chance), "help": lambda: _label(chance),
        "set": lambda: chance.choice(_NAMES), "who": lambda: _value(chance, 2),
        "in": lambda: _value(chance, 2), "undo": target, "undo_only": lambda: chance.random() < 0.7,
        "catch": lambda: [catch() for _ in range(chance.randint(0, 3))],
        "keep": lambda: chance.random() < 0.7, "message": lambda: chance.choice(_NAMES),
        "multi": lambda: _some(chance, {
            "over": lambda: "vars.items", "mode": lambda: chance.choice(("parallel", "seq")),
            "until": lambda: chance.choice(_CONDITIONS)}),
        "sla": lambda: _value(chance, 3)}, 0.3)  # fmt: skip


def _target(chance: Random, keys: list[str]) -> str:
    return chance.choice(keys if chance.random() < 0.85 else _IDS)


def _label(chance: Random) -> Any:
    if chance.random() < 0.5:
        return chance.choice(_TEXTS)
    return {
        locale: chance.choice(_TEXTS)
        for locale in chance.sample(("en", "zh-CN", "zh-TW"), chance.randint(1, 3))
    }


def _value(chance: Random, depth: int) -> Any:
    kind = chance.randint(0, 3) if depth else 0
    if kind == 1:
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    if kind == 2:
        return {chance.choice(_TEXTS): _value(chance, depth - 1) for _ in range(2)}
    return chance.choice(_LEAVES)


def _some(chance: Random, makers: dict[str, Callable[[], Any]], share: float = 0.5) -> Node:
    return {name: make() for name, make in makers.items() if chance.random() < share}


def _shuffled(chance: Random, node: Node) -> Node:
    names = list(node)
    chance.shuffle(names)
    return {name: node[name] for name in names}
