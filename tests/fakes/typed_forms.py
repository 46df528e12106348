"""Forms filled with random texts, decided by the server and by the browser's script in Node."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from trellis.engine.actors import Actor
from trellis.engine.query.pages import may_read
from trellis.engine.views import RecordView
from trellis.engine.workspace import Workspace
from trellis.expressions import encode
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_page import FormPage
from trellis.formbuilder.layout import Placed, child_columns
from trellis.formbuilder.logic.needs import Behind
from trellis.formbuilder.logic.rules import FormLogic
from trellis.formbuilder.posted import read_posted
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.objects import Object
from trellis.storage.files import LocalFiles
from trellis.web.pages.conditions import typed_record
from trellis.web.pages.desk import EngineRecords, Session
from trellis.web.pages.shapes import Shaper, Shapes

from tests.unit.expressions.node import Node

Sent = dict[str, list[str]]
_NUMBERS = (
    "",
    "0",
    "1",
    "5",
    "12.50",
    "1,234.5",
    "-3",
    "１２．５",
    "50.5",
    "99999",
    "1e3",
    "x",
    "1 000",
    ".5",
)
_TEXTS: Mapping[FieldType, Sequence[str]] = {
    FieldType.INTEGER: ("", "0", "1", "7", "-2", "+3", "1,000", "2.5", "many", "１２"),
    FieldType.DECIMAL: _NUMBERS, FieldType.MONEY: _NUMBERS,
    FieldType.PERCENT: ("", "0", "10", "12.5%", "１０％", "abc", "100"),
    FieldType.DATE: ("", "2020-02-29", "2026-11-25", "2030-01-01", "2026-02-30", "soon"),
    FieldType.DATETIME: ("", "2020-01-01T10:00", "2026-11-25T23:59", "2031-03-30T02:30",
                         "2031-10-26T02:30", "never"),
    FieldType.TIME: ("", "08:00", "23:59", "7"),
    FieldType.DURATION: ("", "2h 30m", "9h", "1d", "90m", "PT12H", "8:00", "1.5h", "-3h", "3天",
                         "long"),
}  # fmt: skip
_WORDS = ("", " ", "a", "a longer text than twenty signs", "是", " padded ", "risky", "2", "true")


@dataclass
class TypedForms:
    """Somebody's forms in a workspace; `ids` are records to name, by object."""

    workspace: Workspace
    actor: Actor
    folder: Path
    node: Node
    zone: str = "UTC"
    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def differences(self, object_key: str, record_id: str, seed: int, number: int) -> list[str]:
        """Return what the server and the browser decide differently for random texts."""
        rng = Random(f"{object_key} {record_id} {seed}")  # noqa: S311 - data, not secrets
        found: list[str] = []
        session = Session(self.workspace, self.actor, LocalFiles(self.folder / "files"))
        try:
            records = EngineRecords(session)
            page = self._page(records, session, object_key, new=not record_id)
            if page.logic is not None:
                sents = [self._sent(page, rng, record_id) for _ in range(number)]
                found = list(self._compared(records, session, page, record_id, sents))
        finally:
            session.close()
        return found

    def may_see(self, object_key: str, record_id: str) -> bool:
        """Tell whether the person may read a record; a new one as well as its object."""
        with self.workspace.reading(self.actor) as tx:
            if not record_id:
                return bool(tx.rights(object_key).may(Action.CREATE))
            return may_read(tx, RecordView(tx, object_key, record_id))

    def decided(self, object_key: str, *, new: bool) -> int:
        """Return how many things the browser decides in a form."""
        logic = self._logic(object_key, new=new)
        return 0 if logic is None else len(logic.decided) + len(logic.sections)

    def logic_text(self, object_key: str, *, new: bool) -> str:
        """Return what the browser is told of a form."""
        logic = self._logic(object_key, new=new)
        return "" if logic is None else logic.text

    def behind(self, asked: Behind, ids: Sequence[str]) -> Mapping[str, object]:
        """Return what the browser is told of records that a reference names."""
        session = Session(self.workspace, self.actor, LocalFiles(self.folder / "files"))
        try:
            return EngineRecords(session).behind(asked, ids)
        finally:
            session.close()

    def _logic(self, object_key: str, *, new: bool) -> FormLogic | None:
        session = Session(self.workspace, self.actor, LocalFiles(self.folder / "files"))
        try:
            return self._page(EngineRecords(session), session, object_key, new=new).logic
        finally:
            session.close()

    @property
    def _audience(self) -> Audience:
        return Audience("en", ZoneInfo(self.zone))

    def _page(
        self, records: EngineRecords, session: Session, object_key: str, *, new: bool
    ) -> FormPage:
        catalog = session.reading.compiled.catalog
        rights = records.rights(object_key)

        def sees(key: str, name: str) -> bool:
            held = records.rights(key)
            return held.read and name not in held.hidden | held.masked

        roles = self.actor.principal.roles
        shaper = Shaper(Shapes(), catalog, self._audience, roles, sees)
        model = catalog.objects[object_key]
        return shaper.new_form(model, rights) if new else shaper.form(model, rights)

    def _compared(
        self, records: EngineRecords, session: Session, page: FormPage, record_id: str,
        sents: Sequence[Sent],
    ) -> Iterator[str]:  # fmt: skip
        logic = page.logic
        if logic is None:
            return
        catalog, tx = session.reading.compiled.catalog, session.reading
        known = records.known(logic.needs, record_id, dict.fromkeys(logic.needs.behind, ()))
        learnt = {name: records.behind(one, self._targets(catalog.objects[one.object], one.field))
                  for name, one in logic.needs.behind.items()}  # fmt: skip
        answers = self.node.ask({"form": json.loads(logic.text), "known": known,
                                 "sents": sents, "learnt": learnt})  # fmt: skip
        for sent, answer in zip(sents, answers, strict=True):
            posted = read_posted(
                page.layout.fields(), sent, self._audience,
                lambda one: child_columns(catalog, one, self._audience),
            )  # fmt: skip
            told = records.conditions(page.layout, record_id, posted.values)
            for key, flag in sorted(logic.decided):
                state = answer["fields"].get(key, {})
                expected: Any = None
                if flag == "value":
                    record = typed_record(tx, page.layout.model, record_id, posted.values)
                    expected, found = encode(_plain(record[key])), _told(state.get("value"))
                else:
                    expected, found = getattr(told.fields[key], flag), state.get(flag)
                if expected != found and not _is_unknown(found, state, flag):
                    yield f"{key} {flag}: {expected} on the server, {found} for {sent}"
            for place in logic.sections:
                expected, found = (
                    place not in told.hidden_sections,
                    answer["sections"].get(str(place)),
                )
                if found is not None and expected != found:
                    yield f"section {place}: {expected} on the server, {found} for {sent}"

    def _sent(self, page: FormPage, rng: Random, record_id: str) -> Sent:
        """Return what a form would send, some of its inputs hidden."""
        sent: Sent = {}
        model = page.layout.model
        for one in page.layout.fields():
            if one.field.type is FieldType.ROWS:
                self._rows(sent, one, page, rng, new=not record_id)
            elif rng.random() < 0.15 or one.readonly is True or one.field.computed:
                continue
            elif model.lifecycle is None or model.lifecycle.field != one.key:
                self._input(sent, one.key, one, model, page, rng)
        return sent

    def _rows(self, sent: Sent, rows: Placed, page: FormPage, rng: Random, *, new: bool) -> None:
        catalog = self.workspace_catalog
        child = catalog.objects[rows.field.of or ""]
        columns = child_columns(catalog, rows.field, self._audience)
        stored = [] if new else list(self.ids.get(child.key, ()))
        for place, row in enumerate([*stored, *[""] * rng.randrange(1, 4)]):
            prefix = f"{rows.key}.{place}."
            sent[f"{prefix}id"] = [row]
            for one in columns:
                if one.readonly is not True and not one.field.computed:
                    self._input(sent, prefix + one.key, one, child, page, rng)
            if rng.random() < 0.1:
                sent[f"{prefix}_remove"] = ["1"]

    @property
    def workspace_catalog(self) -> Any:
        """Return the catalog that is installed."""
        with self.workspace.reading(self.actor) as tx:
            return tx.compiled.catalog

    def _input(
        self, sent: Sent, name: str, one: Placed, model: Object, page: FormPage, rng: Random
    ) -> None:
        kind = one.field.type
        catalog = self.workspace_catalog
        if kind in (FieldType.REF, FieldType.USER):
            chosen = rng.choice(["", *self._targets(model, one.key)])
            typed = "typed" if rng.random() < 0.1 else chosen
            sent[name], sent[f"{name}.was"], sent[f"{name}.text"] = [chosen], [chosen], [typed]
        elif kind in (FieldType.REFS, FieldType.USERS):
            targets = self._targets(model, one.key)
            sent[name] = ["", *rng.sample(targets, rng.randrange(min(len(targets), 2) + 1))]
        elif kind is FieldType.BOOLEAN:
            sent[name] = rng.choice([["false"], ["false", "true"]])
        elif kind in (FieldType.CHOICE, FieldType.CHOICES):
            options = list(catalog.options[one.field.options or ""].options)
            few = rng.sample(options, rng.randrange(min(len(options), 2) + 1))
            sent[name] = ["", *few] if kind is FieldType.CHOICES else [rng.choice(["", *options])]
        elif kind in _TEXTS:
            sent[name] = [rng.choice(_TEXTS[kind])]
        elif kind not in (FieldType.ADDRESS, FieldType.GEO, FieldType.FILE, FieldType.FILES,
                          FieldType.IMAGE, FieldType.VIDEO, FieldType.SIGNATURE):  # fmt: skip
            sent[name] = [rng.choice(_WORDS)]

    def _targets(self, model: Object, key: str) -> list[str]:
        return list(self.ids.get(model.fields[key].to or "", ()))


def _plain(value: Any) -> Any:
    return value.id if isinstance(value, RecordView) else value


def _told(value: Any) -> Any:
    if value is not None and value.get("t") == "record":
        return {"t": "string", "v": value["id"]}
    return value


def _is_unknown(found: Any, state: Mapping[str, Any], flag: str) -> bool:
    """Tell whether the browser leaves something to the server."""
    if flag == "value":
        return found is None or found.get("t") == "unknown"
    return flag not in state
