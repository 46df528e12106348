"""rules.yaml and notifications.yaml → decisions, rules, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.hints import hint
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.rules import (
    Decision,
    DecisionInput,
    DecisionOutput,
    DecisionRow,
    Notification,
    Rule,
    RuleStep,
)
from trellis.metadata.model.texts import ExpressionText

_STEP_KINDS = ("set", "require", "refuse", "notify", "start", "action")


def build_decisions(reading: Reading) -> dict[str, Decision]:
    """Return the decision tables of a rules.yaml."""
    return {key: _decision(key, item) for key, item in reading.entries("decisions")}


def _decision(key: str, reading: Reading) -> Decision:
    inputs = tuple(_input(item) for item in reading.items("inputs"))
    outputs = tuple(_output(item) for item in reading.items("outputs"))
    rows = tuple(
        row
        for position, item in enumerate(reading.items("rows"))
        if (row := _row(item, position, len(inputs), len(outputs))) is not None
    )
    return Decision(key, str(reading.get("hit")), inputs, outputs, rows, reading.key_location,
                    reading.get("object"), reading.label("label", humanised(key)),
                    reading.app, reading.place)  # fmt: skip


def _input(reading: Reading) -> DecisionInput:
    if isinstance(reading.value, str):
        return DecisionInput(reading.as_expression(), place=reading.place)
    kind = reading.get("type")
    return DecisionInput(
        reading.child("expr").as_expression(),
        reading.label("label"),
        FieldType(kind) if kind else None,
        reading.get("options"),
        reading.place,
    )


def _output(reading: Reading) -> DecisionOutput:
    kind = reading.get("type")
    default = None
    if reading.has("default"):
        item = reading.child("default")
        default = _literal_cell(item) if reading.has("options") else item.as_expression()
    return DecisionOutput(
        str(reading.get("name")),
        reading.location,
        reading.label("label"),
        FieldType(kind) if kind else None,
        reading.get("options"),
        default,
        reading.place,
    )


def _literal_cell(reading: Reading) -> ExpressionText:
    """Return an option's key as a FEEL text, an expression as it is."""
    text = str(reading.value)
    if text.startswith("="):
        return reading.as_expression()
    quoted = text if text.startswith('"') else '"' + text.replace('"', '\\"') + '"'
    return ExpressionText(quoted, reading.location)


def _row(reading: Reading, position: int, inputs: int, outputs: int) -> DecisionRow | None:
    if isinstance(reading.value, Mapping):
        when, then, extra = reading.child("when"), reading.child("then"), reading
    else:
        parts = list(reading.items())
        if len(parts) not in (2, 3):
            reading.report(
                "META050",
                "a row is `[inputs, outputs]`, with an optional third map",
                "for example `[['> 10'], ['5'], {note: Large}]`",
            )
            return None
        when, then = parts[0], parts[1]
        extra = parts[2] if len(parts) == 3 else reading.child(0).child("none")
    cells = tuple(item.as_expression() for item in when.items())
    results = tuple(item.as_expression() for item in then.items())
    for what, found, wanted in (("inputs", cells, inputs), ("outputs", results, outputs)):
        if len(found) != wanted:
            reading.report(
                "META051",
                f"the row has {len(found)} {what}, the table {wanted}",
                "write one cell for each column; `-` tests nothing",
            )
            return None
    return DecisionRow(
        str(extra.get("id", position + 1)), cells, results, reading.location,
        extra.label("note"), _date(extra.child("from")), _date(extra.child("until")),
    )  # fmt: skip


def _date(reading: Reading) -> date | None:
    if reading.value is None:
        return None
    try:
        return date.fromisoformat(str(reading.value))
    except ValueError:
        reading.report("META052", f"`{reading.value}` is not a date", "write it as 2026-03-31")
        return None


def build_rules(reading: Reading) -> dict[str, Rule]:
    """Return the record rules of a rules.yaml."""
    return {key: _rule(key, item) for key, item in reading.entries("rules")}


_EVENTS = ("create", "update", "transition", "delete")


def _rule(key: str, reading: Reading) -> Rule:
    when = reading.child("when")
    for item in when.items("event"):
        if item.value not in _EVENTS:
            item.report("META053", f"`{item.value}` is not an event of a record",
                        hint(str(item.value), _EVENTS))  # fmt: skip
    return Rule(
        key=key,
        object=str(reading.get("object")),
        events=when.texts("event"),
        location=reading.key_location,
        steps=tuple(build_step(item, _STEP_KINDS) for item in reading.items("do")),
        label=reading.label("label", humanised(key)),
        changed=when.texts("changed"),
        transitions=when.texts("transitions"),
        condition=reading.expression("if"),
        app=reading.app,
        place=reading.place,
    )


def build_step(reading: Reading, allowed: Sequence[str]) -> RuleStep:
    """Return a step of a rule or a clock; it does exactly one of what is allowed there."""
    kinds = [kind for kind in allowed if reading.has(kind)]
    if len(kinds) != 1:
        known = ", ".join(f"`{kind}`" for kind in allowed[:-1])
        reading.report("META054", f"a step does exactly one of {known} and `{allowed[-1]}`",
                       "split it into several steps")  # fmt: skip
        return RuleStep("none", reading.location)
    kind = kinds[0]
    return RuleStep(
        kind=kind,
        location=reading.location,
        set=reading.values("set"),
        fields=reading.texts("require"),
        message=reading.label("refuse") if kind == "refuse" else reading.label("message"),
        target=None if kind in ("set", "require", "refuse") else str(reading.get(kind)),
        to=tuple(_recipient(item) for item in reading.items("to")),
        arguments=reading.values("with"),
        place=reading.place,
    )


def _recipient(reading: Reading) -> str | ExpressionText:
    text = str(reading.value)
    if text.startswith("role."):
        return text
    return reading.as_expression()


def build_notifications(reading: Reading) -> dict[str, Notification]:
    """Return the messages of a notifications.yaml."""
    return {
        key: Notification(key, item.label("title"), item.label("body"), item.key_location,
                          item.get("object"), item.app, item.place)
        for key, item in reading.entries("notifications")
    }  # fmt: skip
