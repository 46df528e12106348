"""Refusals of the engine in the reader's language: by code, and by the shape of a message.

English readers get the engine's own sentence, which is the most exact. For others a sentence we
do not know stays English rather than becoming vague.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trellis.engine.errors import EngineError
from trellis.formbuilder.audience import Audience

_BY_CODE_WORDS: Mapping[str, str] = {
    "REQUIRED": "is required",
    "READONLY": "is read-only now",
    "UNIQUE": "is used by another record already",
    "COMPUTED": "is kept by the platform",
    "NOT_WRITABLE": "may not be written by your role",
    "TRANSITION_ONLY": "changes through transitions only",
    "NO_RECORD": "names a record that is not there",
    "CIRCLE": "would make a circle",
    "REV_CONFLICT": "Somebody saved this record meanwhile.",
    "ALREADY_DECIDED": "This has been decided already.",
    "NOT_FROM_HERE": "This step is not possible now.",
    "NOT_YOURS": "You may not do this.",
    "READONLY_STATE": "In this state the record is read-only.",
    "FORBIDDEN": "You may not do this.",
    "NOT_FOUND": "There is no such page.",
    "RECORD_CHANGED": "The record has changed since you opened it: look at it again, then decide.",
    "DUPLICATE_SEAT": "This person has an open decision here already.",
    "NOT_INDEPENDENT": "This person asked for it or took part before, and must not decide.",
    "INACTIVE": "This person cannot sign in.",
    "TOO_MANY_TRANSFERS": "This was handed over too often.",
    "TOO_MANY_ADDED": "Too many people were added here.",
    "TOO_LATE": "Others have gone on already.",
    "NOTHING_ADDED": "You have added nobody who has still to decide.",
    "PARALLEL_ACTIVE": "Other branches are still at work.",
    "NOT_A_TARGET": "It cannot be returned there.",
    "SIGNATURE_REQUIRED": "This decision is signed with your password.",
    "WRONG_SIGNATURE": "This is not your password.",
    "NOT_EDITABLE": "cannot be changed here",
    "INSTANCE_NOT_RUNNING": "The flow does not run now.",
    "RECORD_LOCKED": "This waits for an approval and is not changed meanwhile.",
}
#: Sentences about values that do not fit; `{}` stands for what the engine names.
_SHAPE_WORDS: tuple[str, ...] = (
    "must be a text",
    "holds characters that cannot be stored",
    "has {} characters, at most {} fit",
    "has {} characters, at least {} are needed",
    "does not have the form `{}`",
    "is no e-mail address",
    "is no phone number",
    "is no address of a page",
    "must begin with https:// or http://",
    "must be a whole number",
    "is too large",
    "must be a number",
    "has more than {} digits",
    "has more than {} digits before the point",
    "must be at least {}",
    "must be at most {}",
    "must be a date such as 2026-03-31",
    "must be a time such as 14:30",
    "must name a record by its id",
    "has more than {} entries",
    "lies outside the world",
    "is not valid",
    "has {} bytes, at most {} fit",
    "must be one of {}",
)
_SHAPES = tuple(
    (re.compile(re.escape(text).replace(r"\{\}", "(.+)")), text) for text in _SHAPE_WORDS
)


def detail_text(audience: Audience, detail: Mapping[str, object]) -> str:
    """Return what is wrong with one value."""
    return _told(audience, str(detail.get("code") or ""), str(detail.get("message") or ""))


def refusal_text(audience: Audience, error: EngineError) -> str:
    """Return why something was refused."""
    if len(error.details) == 1 and error.code == "INVALID":
        return detail_text(audience, error.details[0])
    return _told(audience, error.code, error.message)


def _told(audience: Audience, code: str, message: str) -> str:
    if audience.locale == "en":
        return message
    if code in _BY_CODE_WORDS:
        return audience.words(_BY_CODE_WORDS[code])
    for shape, text in _SHAPES:
        found = shape.fullmatch(message)
        if found is not None:
            return audience.words(text).format(*found.groups())
    return message
