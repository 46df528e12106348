"""What the small forms of pages send: a name that none of them has is refused and named.

Forms over records know their fields themselves (`editing.draft_of_posted`); the others are listed
here, so that nothing a form sends is silently left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from trellis.formbuilder.posted import FORM_NAMES
from trellis.web.i18n import words_of
from trellis.web.pages.blueprint import pages
from trellis.web.pages.sign_in import stranger_locale
from trellis.web.pages.visit import visit
from trellis.web.refusals import MalformedError

#: What each view takes beside `FORM_NAMES`.
TAKEN: Mapping[str, frozenset[str]] = {
    "sign_in": frozenset({"login", "password", "next"}),
    "step_in": frozenset({"login", "next"}),
    "choose_language": frozenset({"language"}),
    "sign_out": frozenset(),
    "read_notifications": frozenset(),
    "save_profile": frozenset({"language", "timezone", "theme"}),
    "choose_theme": frozenset({"theme"}),
    "choose_own_language": frozenset({"language"}),
    "change_password": frozenset({"old", "new", "again"}),
    "make_token": frozenset({"name", "days"}),
    "end_token": frozenset(),
    "delete_record": frozenset(),
    "bulk": frozenset({"id", "transition", "delete"}),
    "add_comment": frozenset({"text", "files"}),
    "keep_columns": frozenset({"col", "usual"}),
    "change_roles": frozenset({"role"}),
    "give_password": frozenset(),
    "change_activity": frozenset(),
    "check_package": frozenset({"files"}),
    "apply_package": frozenset({"package"}),
    "retry_job": frozenset(),
    "approve_many": frozenset({"task", "comment"}),
    "make_substitute": frozenset({"from", "to", "start", "end", "kind", "reason"}),
    "end_substitute": frozenset({"from"}),
    "hand_over_page": frozenset({"piece", "all", "to", "reason"}),
}
#: Views whose names are the fields of an object.
OF_RECORDS = frozenset(
    {"create_record", "update_record", "run_transition", "decide_task", "run_action",
     "live_form", "pick"}
)  # fmt: skip
#: Views that a stranger may send a form to: there is no visit to ask for the language.
_OF_STRANGERS = frozenset({"sign_in", "step_in", "choose_language"})
_MOST_NAMED = 10


@pages.before_request
def stop_at_strange_names() -> None:
    """Raise MalformedError naming what the form has no field for."""
    if request.method != "POST":
        return
    view = (request.endpoint or "").rpartition(".")[2]
    taken = TAKEN.get(view)
    if taken is None:
        return
    strange = [name for name in (*request.form, *request.files) if name not in taken | FORM_NAMES]
    if strange:
        locale = stranger_locale() if view in _OF_STRANGERS else visit().audience.locale
        named = ", ".join(f"`{name[:80]}`" for name in strange[:_MOST_NAMED])
        words = words_of(locale)
        told = words("this form has no field %(names)s") % {"names": named}
        raise MalformedError("UNKNOWN_FIELD", told)
