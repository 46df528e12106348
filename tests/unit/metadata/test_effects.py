"""What would not stay right, or would go around the door, is refused before it is installed."""

from __future__ import annotations

import pytest
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files
from trellis.problems import ProblemsFoundError

OBJECTS = """
objects:
  box:
    title: name
    fields:
      name: {type: text}
      state: {type: choice, options: {open: Open, shut: Shut}}
      price: {type: money, currency: CNY}
      owner_of: {type: ref, to: crate}
      things: {type: related, from: thing.box}
      %FIELD%
    lifecycle:
      field: state
      initial: [open]
      states: {open: {}, shut: {}}
      transitions: {shut: {from: [open], to: shut %MORE%}}
  crate:
    title: name
    fields: {name: {type: text}, rate: {type: decimal}}
  thing:
    title: name
    fields:
      name: {type: text}
      box: {type: ref, to: box}
      crate: {type: ref, to: crate}
      worth: {type: decimal}
"""
FLOW = """
flows:
  go:
    %HEAD%
    nodes:
      s: {start: %START%, next: a}
      a: {%NODE%, next: e}
      e: {end: }
"""
RULE = """
rules:
  r:
    object: box
    when: {event: [%EVENT%]}
    do: [{%STEP%}]
"""


def codes(*, field: str = "", more: str = "", **files: str) -> list[str]:
    objects = OBJECTS.replace("%FIELD%", field).replace("%MORE%", more)
    texts = {"app.yaml": "app: t\nversion: 1.0.0\nlabel: T\n", "objects.yaml": objects,
             "roles.yaml": "roles: {r: {label: R}}\n",
             **{f"{name}.yaml": text for name, text in files.items()}}  # fmt: skip
    try:
        compile_catalog([package_from_files({k: v.encode() for k, v in texts.items()})])
    except ProblemsFoundError as error:
        return [problem.code for problem in error.problems]
    return []


def flow(node: str = "task: , who: role.r", start: str = "", head: str = "object: box") -> str:
    text = FLOW.replace("%NODE%", node).replace("%START%", start)
    return text.replace("%HEAD%", head)


def rule(step: str, event: str = "update") -> str:
    return RULE.replace("%STEP%", step).replace("%EVENT%", event)


def test_what_is_sound_is_taken() -> None:
    field = "f: {type: formula, of: money, formula: 'price * 2', stored: true}"
    sound = rule("set: {name: '= \"x\"'}")

    assert codes(field=field, flows=flow(), rules=sound) == []


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("owner_of.rate * price", "META181"),
        ("count(things)", "META181"),
        ("sum(things.worth)", "META181"),
        ('if today() > date("2026-01-01") then price else 0', "META180"),
        ('if user.name = "x" then price else 0', "META180"),
        ("rev * price", "META180"),
        ("virtual * 2", "META181"),
    ],
)
def test_a_stored_formula_reads_its_own_record_only(formula: str, code: str) -> None:
    field = f"""f: {{type: formula, of: decimal, formula: '{formula}', stored: true}}
      virtual: {{type: formula, of: decimal, formula: 'owner_of.rate'}}"""

    assert set(codes(field=field)) == {code}


def test_a_formula_that_is_computed_when_read_may_read_anything() -> None:
    field = "f: {type: formula, of: decimal, formula: 'owner_of.rate * count(things)'}"

    assert codes(field=field) == []


@pytest.mark.parametrize(
    ("where", "code"),
    [("crate.rate > 1", "META181"), ("created_at > now()", "META180"), ("worth > 1", None)],
)
def test_a_roll_up_filters_by_what_its_records_store(where: str, code: str | None) -> None:
    field = f"n: {{type: rollup, from: thing.box, count: true, where: '{where}'}}"

    assert codes(field=field) == ([code] if code else [])


@pytest.mark.parametrize(
    "more", [", set: {state: open}", ", require: [state]", ", fields: [state]"]
)
def test_a_transition_does_not_write_the_state_by_hand(more: str) -> None:
    assert "META152" in codes(more=more)


@pytest.mark.parametrize(
    "node",
    [
        "script: {record.state: '\"shut\"'}",
        "service: record.update, in: {state: shut}",
        "service: record.update, in: {values: {state: shut}}",
        "service: record.create, in: {object: box, values: {name: x}}, out: {record.state: id}",
    ],
)
def test_a_node_moves_a_record_with_set_alone(node: str) -> None:
    assert codes(flows=flow(node)) == ["META152"]


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ("script: {record.nmae: '\"x\"'}", "META100"),
        ("task: , who: role.r, set: gone", "META168"),
        ("task: , who: role.r, same: {repeat: skip}", "META193"),
        ("task: , who: role.r, sla: {due: 2h, pause_in: [open]}", "META167"),
    ],
)
def test_a_node_that_could_not_run_is_refused(node: str, code: str) -> None:
    assert codes(flows=flow(node)) == [code]


@pytest.mark.parametrize(
    ("head", "start", "code"),
    [
        ("object: box\n    key: record.name", "", "META185"),
        ("object: box", "record, event: [creat]", "META053"),
        ("label: G", "record, event: [create]", "META186"),
    ],
)
def test_a_start_that_could_not_be_is_refused(head: str, start: str, code: str) -> None:
    assert code in codes(flows=flow(head=head, start=start))


@pytest.mark.parametrize(
    ("step", "event", "code"),
    [
        ("set: {name: x}", "delete", "META182"),
        ("start: other", "update", "META183"),
        ("notify: about, to: role.r", "update", "META183"),
        ("set: {state: shut}", "update", "META152"),
    ],
)
def test_a_rule_that_would_do_nothing_or_too_much_is_refused(
    step: str, event: str, code: str
) -> None:
    other = flow(head="object: crate").replace("  go:", "  other:")
    message = "notifications: {about: {object: crate, title: A, body: B}}\n"

    assert codes(flows=other, notifications=message, rules=rule(step, event)) == [code]


def test_a_message_with_placeholders_says_what_it_is_about() -> None:
    assert codes(notifications="notifications: {m: {title: '{{ name }}', body: B}}\n") == [
        "META184"
    ]
