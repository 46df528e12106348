"""The script element of a form: its logic, and the values of the moment."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.logic.rules import FormLogic, script_text


def logic_script(logic: FormLogic, known: Mapping[str, object]) -> str:
    """Return the element that the script of forms reads; a browser runs nothing of it.

    Data of this kind needs no exception from the content policy.
    """
    return (
        f'<script type="application/json" data-form-logic>{{"form":{logic.text},'
        f'"known":{script_text(known)}}}</script>'
    )
