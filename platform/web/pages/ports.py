"""What the pages ask of the workspace, for one signed-in person in one request.

`desk` answers with the engine; tests answer from memory. Refusals are the engine's errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from trellis.engine.talk.files import File
from trellis.formbuilder.form_state import FieldState
from trellis.formbuilder.layout import Layout
from trellis.formbuilder.logic.needs import Behind, Needs
from trellis.formbuilder.values import Deadline, Reference, StoredFile
from trellis.metadata.model.fields import Field


@dataclass(frozen=True)
class Row:
    """A record as pages show it: references with titles, files with names."""

    id: str
    rev: int
    title: str
    values: Mapping[str, object]
    deleted: bool = False


@dataclass(frozen=True)
class Ask:
    """Which records a list shows."""

    fields: tuple[str, ...]
    filter: str = ""  # FEEL, as the person put it together
    view: str = ""  # a saved view, whose condition comes from its author
    linked: tuple[str, str] | None = None  # a reference field and the record it must name
    sort: tuple[str, ...] = ()
    search: str = ""
    cursor: str = ""
    limit: int = 50
    count: bool = False


@dataclass(frozen=True)
class RowPage:
    """A page of records; `total` only when it was asked for."""

    rows: tuple[Row, ...]
    next_cursor: str = ""
    total: int | None = None


@dataclass(frozen=True)
class ObjectRights:
    """What the person may do with an object, or with one record of it, and which fields.

    `hidden` fields are nowhere; `masked` ones are shown changed and cannot be asked for;
    `locked` ones are shown and cannot be written.
    """

    read: bool = False
    create: bool = False
    update: bool = False
    delete: bool = False
    export: bool = False
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FieldChange:
    """A field's old and new value, as values of the field."""

    field: str
    old: object
    new: object


@dataclass(frozen=True)
class Happening:
    """Something that happened to a record: a change, a transition, a comment."""

    kind: str  # create update transition delete restore comment flow
    at: datetime
    person: str = ""  # a name; empty for the platform itself
    what: str = ""  # the transition, or what the platform did
    changes: tuple[FieldChange, ...] = ()
    text: str = ""
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True)
class NewFile:
    """A file that was sent, not stored yet."""

    name: str
    data: bytes
    media_type: str = ""


@dataclass(frozen=True)
class FormConditions:
    """The conditions of a form with given values: states of fields, sections that are hidden."""

    fields: Mapping[str, FieldState] = field(default_factory=dict)
    hidden_sections: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Touched:
    """A record that the person worked on."""

    object: str
    record: Reference
    at: datetime
    about: str = ""


class Records(Protocol):
    """Records through the engine's one door, with the person's rights."""

    def rights(self, object_key: str) -> ObjectRights:
        """Return what the person may do with an object."""
        ...

    def rights_on(self, object_key: str, row: Row) -> ObjectRights:
        """Return what the person may do with one record."""
        ...

    def page(self, object_key: str, ask: Ask) -> RowPage:
        """Return a page of records."""
        ...

    def get(self, object_key: str, record_id: str) -> Row:
        """Return a record with every field the person may see; NotFoundError otherwise."""
        ...

    def titles(self, object_key: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the titles of records by id; those the person may not see are absent."""
        ...

    def pick(
        self, object_key: str, field_key: str, text: str, values: Mapping[str, object]
    ) -> Sequence[Reference]:
        """Return records that a reference field may name and whose title or words fit `text`."""
        ...

    def transitions(self, object_key: str, row: Row) -> Sequence[str]:
        """Return the transitions the person may run now, the likely one first."""
        ...

    def conditions(
        self, layout: Layout, record_id: str, values: Mapping[str, object]
    ) -> FormConditions:
        """Return the conditions of a form over a record changed by `values`."""
        ...

    def known(
        self, needs: Needs, record_id: str, held: Mapping[str, Sequence[str]]
    ) -> Mapping[str, object]:
        """Return the values that a form's script needs at first, of what the person may read.

        `held` are the records that the inputs name, by the name of the input.
        """
        ...

    def behind(self, asked: Behind, ids: Sequence[str]) -> Mapping[str, object]:
        """Return what a form reads of the records that a reference names, by id."""
        ...

    def defaults(self, object_key: str) -> Mapping[str, object]:
        """Return the values a new record begins with."""
        ...

    def create(self, object_key: str, values: Mapping[str, object]) -> str:
        """Create a record and return its id."""
        ...

    def update(
        self, object_key: str, record_id: str, values: Mapping[str, object], rev: int
    ) -> None:
        """Change a record; ConflictError when somebody else was quicker."""
        ...

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
        ...

    def delete(self, object_key: str, record_id: str, rev: int | None) -> None:
        """Delete a record (it can be restored)."""
        ...

    def store(self, file: NewFile, definition: Field | None = None) -> str:
        """Store a file and return its id; InvalidError when it does not fit its field."""
        ...

    def open_file(self, file_id: str) -> tuple[File, Iterator[bytes] | None]:
        """Return a file that the person may read, and its bytes; None when they are gone."""
        ...

    def deadlines(
        self, object_key: str, record_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Deadline]]:
        """Return how the clocks of records stand, by record and by field."""
        ...

    def happenings(self, object_key: str, record_id: str, limit: int) -> Sequence[Happening]:
        """Return what happened to a record, the newest first."""
        ...

    def recent(self, limit: int) -> Sequence[Touched]:
        """Return the records the person wrote last, the newest first."""
        ...

    def comment(self, object_key: str, record_id: str, text: str, sent: Sequence[NewFile]) -> None:
        """Add a comment with files to a record."""
        ...


@dataclass(frozen=True)
class Work:
    """A task or an approval that waits for somebody."""

    id: str
    rev: int
    label: str
    kind: str  # task approval
    flow: str = ""
    object: str = ""
    record: Reference | None = None
    due: datetime | None = None
    actions: tuple[str, ...] = ()  # claim complete approve reject …
    action_labels: Mapping[str, str] = field(default_factory=dict)  # of the flow's own answers
    holder: str = ""
    behalf: str = ""  # whose work it is, when that is not the reader
    since: datetime | None = None  # since when the holder has it, or it waits for somebody
    offered: tuple[str, ...] = ()  # roles that may take it over, as labels
    state: str = "open"
    form: str = ""
    fields: tuple[str, ...] = ()
    question: str = ""  # what somebody asks


@dataclass(frozen=True)
class Ahead:
    """A step that would come next, and who would get it as of now."""

    label: str
    people: str


@dataclass(frozen=True)
class Outlook:
    """What a person should know before they decide a piece of work.

    `commented` are the actions that ask for a comment, `targets` where it may be returned to,
    `sign` how a decision is signed; `since` is when the last approval before this one ended.
    """

    commented: frozenset[str] | None = None
    targets: tuple[Reference, ...] = ()
    ask_resume: bool = False
    sign: str = ""
    ahead: tuple[Ahead, ...] = ()
    since: datetime | None = None
    edit: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkAnswer:
    """What somebody decided about a task; `people` are user ids."""

    action: str
    comment: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    rev: int | None = None
    request_id: str = ""
    people: tuple[str, ...] = ()
    mode: str = ""
    advise: bool = False
    target: str = ""
    resume: str = ""
    record_rev: int | None = None
    signature: str = ""


class Tasks(Protocol):
    """The inbox."""

    def open_count(self) -> int:
        """Return how many tasks wait for the person alone."""
        ...

    def list(self, which: str, limit: int) -> Sequence[Work]:
        """Return tasks: `mine`, `pool` (to claim) or `done`, the most urgent first."""
        ...

    def get(self, task_id: str) -> Work:
        """Return a task; NotFoundError otherwise."""
        ...

    def of_record(self, object_key: str, record_id: str) -> Sequence[Work]:
        """Return the open tasks about a record, whoever holds them."""
        ...

    def course(self, task_id: str) -> Sequence[Happening]:
        """Return what happened in the task's flow, the newest first."""
        ...

    def outlook(self, task_id: str) -> Outlook:
        """Return what lies behind and ahead of a task."""
        ...

    def act(self, task_id: str, answer: WorkAnswer) -> None:
        """Claim, give back, complete, approve or reject."""
        ...


@dataclass(frozen=True)
class Note:
    """A notification."""

    id: str
    title: str
    text: str
    at: datetime
    unread: bool
    url: str


class Notes(Protocol):
    """Notifications of the person."""

    def unread(self) -> int:
        """Return how many are unread."""
        ...

    def list(self, limit: int) -> Sequence[Note]:
        """Return the newest notifications."""
        ...

    def read_all(self) -> None:
        """Mark every one as read."""
        ...
