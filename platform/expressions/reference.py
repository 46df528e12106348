"""The reference page of the functions, made from their table."""

from __future__ import annotations

from trellis.expressions.check_calls import signature
from trellis.expressions.functions import FAMILIES
from trellis.expressions.functions.table import Builtin, Form, Parameter
from trellis.expressions.types import Type

_HEAD = """# Functions of the expression language

Made from the code by `trellis.expressions.reference`; a test compares. `?` behind a parameter: it
may be left out; `…`: several values may be given. A call with a value of another kind is null, and
a problem where the types are known.
"""


def functions_page() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD]
    for family, builtins in FAMILIES.items():
        parts.append(f"\n## {family}\n\n| call | takes | gives | what it does |\n|---|---|---|---|")
        parts += [_line(builtin, form) for builtin in builtins for form in builtin.forms]
    return "\n".join(parts) + "\n"


def _line(builtin: Builtin, form: Form) -> str:
    takes = ", ".join(_kinds(parameter) for parameter in form.parameters) or "nothing"
    gives = str(form.result) if isinstance(form.result, Type) else "depends on what is given"
    doc = builtin.doc if form is builtin.forms[0] else "the same, called another way"
    call = signature(builtin.name, form).replace("|", "\\|")
    return f"| `{call}` | {takes} | {gives} | {doc} |"


def _kinds(parameter: Parameter) -> str:
    return " or ".join(str(of) for of in parameter.types) or "anything"
