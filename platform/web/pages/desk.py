"""Records for the pages, answered by the engine: one read transaction a request, writes apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from trellis.engine import query, records
from trellis.engine.actors import Actor
from trellis.engine.clocks.showing import Standing, standings
from trellis.engine.errors import NotFoundError
from trellis.engine.query import PageRequest
from trellis.engine.query.pages import may_read, title_of
from trellis.engine.records import lifecycle
from trellis.engine.records.checks import rows_allow
from trellis.engine.records.draft import add_defaults
from trellis.engine.records.sent import attach
from trellis.engine.rights import EVERYTHING
from trellis.engine.talk import comments, files
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, view_of
from trellis.engine.workspace import Workspace
from trellis.formbuilder.layout import Layout
from trellis.formbuilder.logic.needs import Behind, Needs
from trellis.formbuilder.values import Deadline, Reference, StoredFile
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import (
    FILE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import Object
from trellis.storage.files import LocalFiles, sniff
from trellis.web.pages import trail
from trellis.web.pages.conditions import blank_record, form_conditions
from trellis.web.pages.known import behind_values, known_values
from trellis.web.pages.ports import (
    Ask,
    FormConditions,
    Happening,
    NewFile,
    ObjectRights,
    Row,
    RowPage,
    Touched,
)
from trellis.web.pages.trail import stored_files

_PICKED = 20
_FILES = FILE_TYPES | {FieldType.FILES}


@dataclass
class Session:
    """The transactions of one request: reads share one, each write has its own."""

    workspace: Workspace
    actor: Actor
    files: LocalFiles
    _open: ExitStack = field(default_factory=ExitStack)
    _reading: Transaction | None = None

    @property
    def reading(self) -> Transaction:
        """Return the request's read transaction."""
        if self._reading is None:
            self._reading = self._open.enter_context(self.workspace.reading(self.actor))
        return self._reading

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a write transaction; what is read afterwards sees it."""
        self.close()
        with self.workspace.transaction(self.actor) as tx:
            yield tx

    def close(self) -> None:
        """End the read transaction."""
        self._reading = None
        self._open.close()


class EngineRecords:
    """The records of a workspace as one person works with them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rights: dict[str, ObjectRights] = {}

    @property
    def _tx(self) -> Transaction:
        return self._session.reading

    def _object(self, object_key: str) -> Object:
        item = self._tx.compiled.object(object_key)
        if item is None:
            raise NotFoundError("object")
        return item

    # --- rights

    def rights(self, object_key: str) -> ObjectRights:
        """Return what the person may do with an object."""
        if object_key not in self._rights:
            self._rights[object_key] = self._make_rights(object_key)
        return self._rights[object_key]

    def _make_rights(self, object_key: str) -> ObjectRights:
        item = self._tx.compiled.object(object_key)
        if item is None:
            return ObjectRights()
        found = self._tx.rights(object_key)
        locked = frozenset(found.shown)
        if found.writable is not None:
            locked |= frozenset(item.fields) - found.writable
        return ObjectRights(
            read=bool(found.may(Action.READ)),
            create=bool(found.may(Action.CREATE)),
            update=bool(found.may(Action.UPDATE)),
            delete=bool(found.may(Action.DELETE)),
            # Rows that may be seen but not taken away would need a filter of their own.
            export=found.may(Action.EXPORT) in (EVERYTHING, found.may(Action.READ)),
            hidden=found.hidden,
            masked=frozenset(found.shown),
            locked=locked,
        )

    def rights_on(self, object_key: str, row: Row) -> ObjectRights:
        """Return what the person may do with one record."""
        tx, whole = self._tx, self.rights(object_key)
        found = tx.rights(object_key)
        view = RecordView(tx, object_key, row.id)
        item = self._object(object_key)
        update = whole.update and not lifecycle.is_locked(item, view.stored)
        return ObjectRights(
            read=True,
            create=whole.create,
            update=update and rows_allow(tx, found.may(Action.UPDATE), view),
            delete=whole.delete and rows_allow(tx, found.may(Action.DELETE), view),
            export=whole.export,
            hidden=whole.hidden,
            masked=whole.masked,
            locked=whole.locked,
        )

    # --- reading

    def page(self, object_key: str, ask: Ask) -> RowPage:
        """Return a page of records."""
        item = self._object(object_key)
        title = item.title if isinstance(item.title, str) else None
        fields = ask.fields
        if (
            title is not None
            and title not in fields
            and title not in self.rights(object_key).hidden
        ):
            fields = (*fields, title)
        request = PageRequest(
            fields=tuple(path for path in fields if path not in ("id", "rev")) or ("created_at",),
            filter=ask.filter or None,
            view=ask.view or None,
            equals=dict([ask.linked]) if ask.linked else {},
            sort=ask.sort,
            search=ask.search or None,
            cursor=ask.cursor or None,
            limit=ask.limit,
            count=ask.count,
        )
        found = query.page(self._tx, object_key, request)
        held = self._files_in(item, found.items)
        rows = tuple(self._row(item, values, held) for values in found.items)
        return RowPage(rows, found.next_cursor or "", found.total)

    def get(self, object_key: str, record_id: str) -> Row:
        """Return a record with every field the person may see."""
        item = self._object(object_key)
        values = query.get(self._tx, object_key, record_id)
        return self._row(item, values, self._files_in(item, [values]))

    def _row(self, item: Object, values: Mapping[str, Any], files: Mapping[str, StoredFile]) -> Row:
        shown = {path: _shown(value, files) for path, value in values.items()}
        return Row(str(values["id"]), int(values["rev"]), self._title(item, shown), shown)

    def _title(self, item: Object, values: Mapping[str, object]) -> str:
        if isinstance(item.title, str):
            value = values.get(item.title)
            return value.title if isinstance(value, Reference) else str(value or "")
        return title_of(self._tx, item.key, str(values["id"])) or ""

    def _files_in(self, item: Object, rows: Iterable[Mapping[str, Any]]) -> dict[str, StoredFile]:
        """Return the stored files that rows name, in one statement."""
        keys = [key for key, definition in item.fields.items() if definition.type in _FILES]
        ids: set[str] = set()
        for values in rows if keys else ():
            for key in keys:
                value = values.get(key)
                ids.update(value if isinstance(value, list) else [value] if value else [])
        return stored_files(self._tx, ids)

    def titles(self, object_key: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the titles of records by id; those the person may not see are absent."""
        found: dict[str, str] = {}
        for record_id in dict.fromkeys(ids):
            if not may_read(self._tx, RecordView(self._tx, object_key, record_id)):
                continue
            found[record_id] = title_of(self._tx, object_key, record_id) or record_id
        return found

    def pick(
        self, object_key: str, field_key: str, text: str, values: Mapping[str, object]
    ) -> Sequence[Reference]:
        """Return records that a reference field may name and whose words fit `text`."""
        definition = self._object(object_key).fields[field_key]
        target = definition.to or ""
        if not self.rights(target).read:
            return ()
        narrowed = definition.where.text if definition.where is not None else ""
        sort = () if text else ("-updated_at",)
        ask = Ask(fields=(), filter=narrowed, search=text, sort=sort, limit=_PICKED)
        page = self.page(target, ask)
        return [Reference(row.id, row.title) for row in page.rows]

    # --- forms

    def transitions(self, object_key: str, row: Row) -> Sequence[str]:
        """Return the transitions the person may run now, those that end badly last."""
        item = self._object(object_key)
        view = RecordView(self._tx, object_key, row.id)
        offered = list(lifecycle.open_transitions(self._tx, item, view))
        offered.sort(key=lambda one: one.color == "red")
        return [one.key for one in offered]

    def conditions(
        self, layout: Layout, record_id: str, values: Mapping[str, object]
    ) -> FormConditions:
        """Return the conditions of a form over a record changed by `values`."""
        return form_conditions(self._tx, layout, record_id, values)

    def known(
        self, needs: Needs, record_id: str, held: Mapping[str, Sequence[str]]
    ) -> Mapping[str, object]:
        """Return the values that the script of a form needs at first."""
        tx, item = self._tx, self._object(needs.object)
        if record_id:
            record = view_of(tx, item.key, record_id) or RecordView(tx, item.key, record_id)
        else:
            record = blank_record(tx, item)
        return known_values(tx, needs, record, held)

    def behind(self, asked: Behind, ids: Sequence[str]) -> Mapping[str, object]:
        """Return what a form reads of the records that a reference names."""
        return behind_values(self._tx, asked, ids)

    def defaults(self, object_key: str) -> Mapping[str, object]:
        """Return the values a new record begins with, as pages show them."""
        item = self._object(object_key)
        values: dict[str, Any] = {}
        add_defaults(self._tx, item, "", values)
        return {key: self._named(item.fields.get(key), value) for key, value in values.items()}

    def _named(self, definition: Field | None, value: Any) -> object:
        if definition is None or definition.to is None or value is None:
            return value
        if definition.type in TO_ONE_TYPES:
            return Reference(str(value), title_of(self._tx, definition.to, str(value)) or "")
        if definition.type in TO_MANY_TYPES:
            target = definition.to
            return [
                Reference(str(one), title_of(self._tx, target, str(one)) or "") for one in value
            ]
        return value

    # --- what happened

    def deadlines(
        self, object_key: str, record_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Deadline]]:
        """Return how the clocks of records stand, by record and by field."""
        hidden = self.rights(object_key).hidden
        found = standings(self._tx, object_key, record_ids)
        return {
            record: {field: deadline_of(one) for field, one in held.items() if field not in hidden}
            for record, held in found.items()
        }

    def happenings(self, object_key: str, record_id: str, limit: int) -> Sequence[Happening]:
        """Return what happened to a record, the newest first."""
        return trail.happenings(self._tx, self._object(object_key), record_id, limit)

    def recent(self, limit: int) -> Sequence[Touched]:
        """Return the records the person wrote last, the newest first."""
        return trail.recent(self._tx, limit)

    # --- writing

    def create(self, object_key: str, values: Mapping[str, object]) -> str:
        """Create a record and return its id."""
        with self._session.writing() as tx:
            return records.create(tx, object_key, values)

    def update(
        self, object_key: str, record_id: str, values: Mapping[str, object], rev: int
    ) -> None:
        """Change a record."""
        with self._session.writing() as tx:
            records.update(tx, object_key, record_id, values, rev=rev)

    def transition(
        self,
        object_key: str,
        record_id: str,
        name: str,
        values: Mapping[str, object],
        comment: str,
        rev: int | None,
    ) -> None:
        """Run a transition."""
        with self._session.writing() as tx:
            records.transition(
                tx, object_key, record_id, name, values, comment=comment or None, rev=rev
            )

    def delete(self, object_key: str, record_id: str, rev: int | None) -> None:
        """Delete a record."""
        with self._session.writing() as tx:
            records.delete(tx, object_key, record_id, rev=rev)

    def comment(self, object_key: str, record_id: str, text: str, sent: Sequence[NewFile]) -> None:
        """Add a comment with files to a record."""
        ids = [self.store(one) for one in sent]
        with self._session.writing() as tx:
            comments.add(tx, object_key, record_id, text, ids)
            attach(tx, object_key, record_id, None, ids)

    def store(self, file: NewFile, definition: Field | None = None) -> str:
        """Store a file and return its id; InvalidError when it does not fit its field."""
        files.check(file.data, file.name, sniff(file.data), definition)
        blob = self._session.files.put(file.data)
        with self._session.writing() as tx:
            return files.add(tx, blob, file.name)

    def open_file(self, file_id: str) -> tuple[files.File, Iterator[bytes] | None]:
        """Return a file that the person may read, and its bytes; None when they are gone."""
        found = files.get(self._tx, file_id)
        held = self._session.files
        return found, held.read(found.sha256) if held.holds(found.sha256) else None


def _shown(value: Any, held: Mapping[str, StoredFile]) -> object:
    """Return a value as pages show it: references and files by name."""
    if isinstance(value, str):
        return held.get(value, value)
    if isinstance(value, dict) and value.keys() == {"id", "title"}:
        return Reference(str(value["id"]), str(value["title"] or ""))
    if isinstance(value, list):
        return [_shown(one, held) for one in value]
    return value


def deadline_of(standing: Standing) -> Deadline:
    """Return how a clock stands as a value that formats show."""
    left, target = standing.left, standing.target
    share = 1.0 if left is None or not target else left / target
    return Deadline(standing.due_at, left, str(standing.state), share, standing.is_open)
