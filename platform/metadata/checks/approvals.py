"""The settings of approvals, of a node and of a whole app: known, right and possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from trellis.metadata.checks.places import at
from trellis.metadata.hints import hint
from trellis.metadata.model.approvals import ACTIONS, RULE_KEYS
from trellis.metadata.model.catalog import App, Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location, Problem

MODES = ("any", "all", "seq", "vote")
_PERCENT = re.compile(r"(\d{1,3})%")
_DECISIONS = ("approve", "reject", "abstain")
_COMMENTED = (*_DECISIONS, *ACTIONS)
#: Settings that mean something in one mode only.
_OF_MODE = {"vote": "vote", "over": "vote", "wait": "vote", "weights": "vote", "veto": "all",
            "reject": "any"}  # fmt: skip
#: Keys of app.yaml's `approvals:` that other rooms look after.
_ELSEWHERE = frozenset({"empty", "not", "cc", "sla", "resolve", "limits"})


@dataclass(frozen=True)
class Written:
    """Settings as somebody wrote them, and where each stands."""

    values: Mapping[str, object]
    where: Callable[..., Location]
    flow: Flow | None = None
    node: Node | None = None
    item: Object | None = None


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every approval, and of what apps say of theirs."""
    for app in catalog.apps.values():
        yield from _app_problems(app)
    for flow in catalog.flows.values():
        item = catalog.objects.get(flow.object or "")
        for node in flow.nodes.values():
            if node.kind is NodeKind.APPROVAL:
                yield from _node_problems(flow, node, item)


def _app_problems(app: App) -> Iterator[Problem]:
    known = RULE_KEYS | _ELSEWHERE
    written = Written(app.approvals, lambda *keys: at(app, "approvals", *keys))
    for key in app.approvals:
        if key not in known:
            yield Problem(written.where(key), "META300",
                          f"`{key}` is not a setting of approvals", hint(key, known))  # fmt: skip
    yield from _value_problems(written)


def _node_problems(flow: Flow, node: Node, item: Object | None) -> Iterator[Problem]:
    def where(*keys: str | int) -> Location:
        # Settings may also stand in the map behind `approval:`.
        written = node.place.value if node.place is not None else {}
        inside = isinstance(written, dict) and keys[0] not in written
        return at(node, "approval", *keys) if inside else at(node, *keys)

    mode = node.mode or "any"
    if mode not in MODES:
        yield Problem(at(node, "approval"), "META301", f"`{mode}` is not a way to decide together",
                      hint(mode, MODES))  # fmt: skip
        return
    written = Written(node.settings, where, flow, node, item)
    if mode == "vote" and "vote" not in node.settings:
        yield Problem(at(node, "approval"), "META302", "a vote needs to say how many approve",
                      "add `vote: 60%`, or `vote: 2`")  # fmt: skip
    for key, wanted in _OF_MODE.items():
        if key in node.settings and mode != wanted:
            yield Problem(where(key), "META303", f"`{key}` means nothing in mode `{mode}`",
                          f"leave it out, or write `approval: {wanted}`")  # fmt: skip
    yield from _value_problems(written)
    yield from _field_problems(written)
    yield from _target_problems(written)
    yield from _timeout_problems(written)


def _value_problems(written: Written) -> Iterator[Problem]:
    for key, check in _CHECKS.items():
        value = written.values.get(key)
        if value is not None and not isinstance(value, ExpressionText):
            yield from check(written, key, value)


def _wrong(written: Written, what: str, help_: str, *keys: str | int) -> Problem:
    return Problem(written.where(*keys), "META304", f"in an approval, {what}", help_)


def _flag(written: Written, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield _wrong(written, f"`{key}` is true or false, not `{value}`",
                     f"write `{key}: true` or leave it out", key)  # fmt: skip


def _vote(written: Written, key: str, value: object) -> Iterator[Problem]:
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    fits = (match is not None and 1 <= int(match[1]) <= 100) or (
        isinstance(value, int) and not isinstance(value, bool) and value >= 1)  # fmt: skip
    if not fits:
        yield _wrong(written, f"`{value}` is neither a share nor a number of votes",
                     "write 1% to 100%, or a whole number from 1", key)  # fmt: skip


def _weights(written: Written, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield _wrong(written, "`weights` is a map of logins to whole numbers",
                     "write `weights: {ann: 2}`", key)  # fmt: skip
        return
    for login, weight in value.items():
        if not isinstance(weight, int) or isinstance(weight, bool) or weight < 1:
            yield _wrong(written, f"the weight of `{login}` is no whole number from 1",
                         "write a whole number", key, str(login))  # fmt: skip


def _one_of(*known: str) -> Callable[[Written, str, object], Iterator[Problem]]:
    def check(written: Written, key: str, value: object) -> Iterator[Problem]:
        if value not in known:
            yield _wrong(written, f"`{value}` is no value of `{key}`", hint(str(value), known), key)

    return check


def _comment(written: Written, key: str, value: object) -> Iterator[Problem]:
    rules = value if isinstance(value, Mapping) else dict.fromkeys(_listed(value), "required")
    for action, needed in rules.items():
        if action not in _COMMENTED:
            yield _wrong(written, f"`{action}` is not something people do with an approval",
                         hint(str(action), _COMMENTED), key, str(action))  # fmt: skip
        if needed not in ("required", "optional"):
            yield _wrong(written, f"a comment is required or optional, not `{needed}`",
                         "write `required` or `optional`", key, str(action))  # fmt: skip


def _allow(written: Written, key: str, value: object) -> Iterator[Problem]:
    for number, action in enumerate(_listed(value)):
        if action not in ACTIONS:
            place = (key, number) if isinstance(value, list) else (key,)
            yield _wrong(written, f"`{action}` is nothing that can be allowed",
                         hint(str(action), ACTIONS), *place)  # fmt: skip


def _sign(written: Written, key: str, value: object) -> Iterator[Problem]:
    if value == "totp":
        yield Problem(written.where(key), "META305", "one-time codes are not asked for yet",
                      "write `sign: password`")  # fmt: skip
    else:
        yield from _one_of("password")(written, key, value)


def _lock(written: Written, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, bool | list):
        yield _wrong(written, f"`lock` is true, false or a list of fields, not `{value}`",
                     "write `lock: true`", key)  # fmt: skip


def _return(written: Written, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        return
    for name, one in value.items():
        check = _RETURN.get(str(name))
        if name == "compensate":
            yield Problem(
                written.where(key, name),
                "META305",
                "a return does not undo what services did yet",
                "leave it out",
            )
        elif name != "to" and check is None:
            yield _wrong(written, f"`{name}` is not known in `return`",
                         hint(str(name), ("to", *_RETURN)), key, str(name))  # fmt: skip
        elif check is not None and one not in check:
            known = tuple(str(word).lower() for word in check)
            yield _wrong(written, f"`{one}` is no value of `{name}`", hint(str(one), known),
                         key, str(name))  # fmt: skip


def _withdraw(written: Written, key: str, value: object) -> Iterator[Problem]:
    rules = value if isinstance(value, Mapping) else {"when": value}
    for name, one in rules.items():
        known = _WITHDRAW.get(str(name))
        if known is None:
            yield _wrong(written, f"`{name}` is not known in `withdraw`",
                         hint(str(name), _WITHDRAW), key, str(name))  # fmt: skip
        elif one not in known:
            place = (key, str(name)) if isinstance(value, Mapping) else (key,)
            yield _wrong(written, f"`{one}` is no value of `withdraw`", hint(str(one), known),
                         *place)  # fmt: skip


def _field_problems(written: Written) -> Iterator[Problem]:
    """Yield a problem for each field that the record does not have."""
    item = written.item
    for key in ("edit", "lock"):
        value = written.values.get(key)
        if isinstance(value, bool | ExpressionText) or value is None:
            continue
        for number, name in enumerate(_listed(value)):
            if item is None or name not in item.fields:
                place = (key, number) if isinstance(value, list) else (key,)
                of = f"object `{item.key}`" if item is not None else "a flow without an object"
                yield Problem(written.where(*place), "META100", f"{of} has no field `{name}`",
                              hint(str(name), item.fields if item is not None else ()))  # fmt: skip


def _target_problems(written: Written) -> Iterator[Problem]:
    """Yield a problem for each target of a return that no run can have passed."""
    value, node, flow = written.values.get("return"), written.node, written.flow
    if value is None or node is None or flow is None:
        return
    inside = isinstance(value, Mapping)
    named = value.get("to") if isinstance(value, Mapping) else value
    earlier = {key for key, one in flow.nodes.items()
               if key != node.id and node.id in _after(flow, key)
               and one.kind in (NodeKind.TASK, NodeKind.APPROVAL, NodeKind.START)}  # fmt: skip
    known = ("start", "previous", "any", *sorted(earlier))
    for number, target in enumerate(_listed(named)):
        if target in known:
            continue
        inner: tuple[str | int, ...] = ("to",) if inside else ()
        place = ("return", *inner, *((number,) if isinstance(named, list) else ()))
        why = "it does not come before" if target in flow.nodes else "there is no such node"
        yield Problem(written.where(*place), "META306",
                      f"`{node.id}` cannot be returned to `{target}`: {why}",
                      hint(str(target), known))  # fmt: skip


def _timeout_problems(written: Written) -> Iterator[Problem]:
    sla = written.values.get("sla")
    then = sla.get("then") if isinstance(sla, Mapping) else None
    steps = then if isinstance(then, list) else [then]
    does = [step.get("do") if isinstance(step, Mapping) else step for step in steps]
    if written.values.get("legal") is True and "approve" in does:
        yield Problem(written.where("sla", "then"), "META307",
                      "what the law asks people to approve is not approved by a clock",
                      "escalate it, or take `legal: true` away")  # fmt: skip


def _after(flow: Flow, first: str) -> set[str]:
    """Return the nodes that can be reached from a node."""
    todo, seen = [first], set[str]()
    while todo:
        node = flow.nodes.get(todo.pop())
        if node is None:
            continue
        ways = (*node.next, *(one.to for one in node.branches), *(one.to for one in node.catches),
                *((node.otherwise,) if node.otherwise else ()))  # fmt: skip
        todo.extend(way for way in ways if way not in seen)
        seen.update(ways)
    return seen


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


_RETURN: Mapping[str, tuple[object, ...]] = {
    "resume": ("replay", "direct", "ask"),
    "keep_votes": (True, False),
    "siblings": ("block", "cancel"),
}
_WITHDRAW = {"when": ("before_first", "any_time", "never"), "to": ("draft", "cancel")}
_CHECKS: Mapping[str, Callable[[Written, str, object], Iterator[Problem]]] = {
    "vote": _vote,
    "over": _flag,
    "wait": _one_of("all"),
    "reject": _one_of("first", "all"),
    "veto": _flag,
    "weights": _weights,
    "abstain": _flag,
    "comment": _comment,
    "allow": _allow,
    "sign": _sign,
    "return": _return,
    "take_back": _flag,
    "legal": _flag,
    "lock": _lock,
    "withdraw": _withdraw,
}
