"""The pages over a workspace that lives in memory: for tests of what pages show and send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request
from trellis.engine.errors import ConflictError, InvalidError, NotFoundError, problem
from trellis.engine.talk.files import File
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_state import FieldState
from trellis.formbuilder.layout import Layout
from trellis.formbuilder.values import Deadline, Reference, StoredFile
from trellis.ids import CountingIds
from trellis.metadata.model.access import Capability
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field
from trellis.web.assets import load_assets
from trellis.web.i18n import words_of
from trellis.web.pages import pages
from trellis.web.pages.ports import (
    Ask,
    FormConditions,
    Happening,
    NewFile,
    Note,
    ObjectRights,
    Row,
    RowPage,
    Touched,
    Work,
)
from trellis.web.pages.shapes import Shapes
from trellis.web.pages.visit import Person, Site, Visit
from trellis.web.rendering import Renderer

from tests.fakes.desk import CATALOG
from tests.fakes.known_in_memory import NOW, KnownInMemory
from tests.fakes.memory_inbox import MemoryNotes, MemoryTasks

STATIC = Path(__file__).resolve().parents[2] / "platform" / "web" / "static"
#: Doors that the tests in memory do not go through.
UNUSED: Any = None
FULL = ObjectRights(read=True, create=True, update=True, delete=True, export=True)
EVERY = frozenset(Capability)


@dataclass
class MemoryRecords(KnownInMemory):
    """Records as rows of dictionaries; what was written is kept in `written`."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    allowed: dict[str, ObjectRights] = field(default_factory=dict)
    asked: list[tuple[str, Ask]] = field(default_factory=list)
    written: list[tuple[object, ...]] = field(default_factory=list)
    refuse: Exception | None = None
    said: list[Happening] = field(default_factory=list)
    offered: tuple[str, ...] = ("pay",)

    def rights(self, object_key: str) -> ObjectRights:
        return self.allowed.get(object_key, FULL)

    def rights_on(self, object_key: str, row: Row) -> ObjectRights:
        return self.rights(object_key)

    def page(self, object_key: str, ask: Ask) -> RowPage:
        self.asked.append((object_key, ask))
        if "broken" in ask.filter:
            raise InvalidError([problem(None, "FILTER", "the condition ends too early")])
        found = [row for row in self.rows.get(object_key, {}).values() if _fits(row, ask)]
        shown = tuple(found[: ask.limit])
        more = "next" if len(found) > ask.limit else ""
        return RowPage(shown, more, len(found) if ask.count else None)

    def get(self, object_key: str, record_id: str) -> Row:
        row = self.rows.get(object_key, {}).get(record_id)
        if row is None:
            raise NotFoundError()
        return row

    def titles(self, object_key: str, ids: Iterable[str]) -> Mapping[str, str]:
        known = self.rows.get(object_key, {})
        return {one: known[one].title for one in ids if one in known}

    def pick(
        self, object_key: str, field_key: str, text: str, values: Mapping[str, object]
    ) -> Sequence[Reference]:
        target = CATALOG.objects[object_key].fields[field_key].to or ""
        rows = self.rows.get(target, {}).values()
        return [
            Reference(row.id, row.title) for row in rows if text.casefold() in row.title.casefold()
        ][:20]

    def transitions(self, object_key: str, row: Row) -> Sequence[str]:
        return self.offered if object_key == "invoice" else ()

    def conditions(
        self, layout: Layout, record_id: str, values: Mapping[str, object]
    ) -> FormConditions:
        now = dict(self.rows.get(layout.model.key, {}).get(record_id, EMPTY_ROW).values)
        high = {**now, **values}.get("urgency") == "high"
        return FormConditions({"reason": FieldState(required=high, visible=high)})

    def defaults(self, object_key: str) -> Mapping[str, object]:
        return {"urgency": "normal"} if object_key == "invoice" else {}

    def create(self, object_key: str, values: Mapping[str, object]) -> str:
        self._write("create", object_key, dict(values))
        record_id = f"{object_key}-{len(self.rows.get(object_key, {})) + 1}"
        title = str(values.get("title") or values.get("name") or "")
        made = Row(record_id, 1, title, self._shown(object_key, values))
        self.rows.setdefault(object_key, {})[record_id] = made
        return record_id

    def _shown(self, object_key: str, values: Mapping[str, object]) -> dict[str, object]:
        fields = CATALOG.objects[object_key].fields
        shown: dict[str, object] = {}
        for key, value in values.items():
            target = fields[key].to
            titles = self.titles(target, [str(value)]) if target else {}
            shown[key] = Reference(str(value), titles[str(value)]) if titles else value
        return shown

    def update(
        self, object_key: str, record_id: str, values: Mapping[str, object], rev: int
    ) -> None:
        self._write("update", object_key, record_id, dict(values), rev)
        row = self.get(object_key, record_id)
        if rev != row.rev:
            raise ConflictError(
                "REV_CONFLICT",
                "somebody else changed the record",
                details=[{"field": "title", "mine": values.get("title"), "theirs": row.title}],
            )
        merged = {**row.values, **self._shown(object_key, values)}
        changed = replace(
            row, rev=row.rev + 1, values=merged, title=str(merged.get("title", row.title))
        )
        self.rows[object_key][record_id] = changed

    def transition(
        self,
        object_key: str,
        record_id: str,
        name: str,
        values: Mapping[str, object],
        comment: str,
        rev: int | None,
    ) -> None:
        self._write("transition", object_key, record_id, name, dict(values), comment, rev)

    def delete(self, object_key: str, record_id: str, rev: int | None) -> None:
        self._write("delete", object_key, record_id, rev)

    def _write(self, *what: object) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.written.append(what)

    def open_file(self, file_id: str) -> tuple[File, Iterator[bytes] | None]:
        return File(file_id, f"{file_id}.png", 3, "image/png", "0" * 64), iter([b"png"])

    def store(self, file: NewFile, definition: Field | None = None) -> str:
        self.written.append(("store", file.name, file.data))
        return f"file-{file.name}"

    def deadlines(
        self, object_key: str, record_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Deadline]]:
        return {}

    def happenings(self, object_key: str, record_id: str, limit: int) -> Sequence[Happening]:
        return self.said[:limit]

    def recent(self, limit: int) -> Sequence[Touched]:
        return [
            Touched("invoice", Reference(row.id, row.title), NOW - timedelta(hours=3))
            for row in list(self.rows.get("invoice", {}).values())[:limit]
        ]

    def comment(self, object_key: str, record_id: str, text: str, sent: Sequence[NewFile]) -> None:
        self._write("comment", object_key, record_id, text, tuple(one.name for one in sent))
        stored = tuple(StoredFile(one.name, one.name, len(one.data)) for one in sent)
        self.said.insert(0, Happening("comment", NOW, "Anna Schmidt", text=text, files=stored))


EMPTY_ROW = Row("", 0, "", {})


def _fits(row: Row, ask: Ask) -> bool:
    if ask.search and ask.search.casefold() not in row.title.casefold():
        return False
    if ask.linked is None:
        return True
    held = row.values.get(ask.linked[0])
    return isinstance(held, Reference) and held.id == ask.linked[1]


@dataclass
class MemoryAccount:
    """What a person chose for themselves, in memory; nothing else of an account."""

    chosen: dict[str, Sequence[str]] = field(default_factory=dict)

    def columns(self, object_key: str) -> Sequence[str]:
        return self.chosen.get(object_key, ())

    def keep_columns(self, object_key: str, paths: Sequence[str]) -> None:
        self.chosen[object_key] = paths


@dataclass
class PagesInMemory:
    """A Flask application whose pages work in memory; the parts can be changed by a test."""

    records: MemoryRecords = field(default_factory=MemoryRecords)
    tasks: MemoryTasks = field(default_factory=MemoryTasks)
    notes: MemoryNotes = field(default_factory=MemoryNotes)
    account: Any = field(default_factory=MemoryAccount)
    catalog: Catalog = CATALOG
    locale: str = "en"
    theme: str = "auto"
    roles: frozenset[str] = frozenset()

    def app(self) -> Flask:
        """Return the application."""
        app = Flask("pages", static_folder=str(STATIC))
        app.secret_key = "only for tests"
        app.register_blueprint(pages)
        made = Site(Renderer(load_assets(STATIC)), Shapes(), self.visit, CountingIds().new, UNUSED)
        made.install(app)
        return app

    def visit(self) -> Visit:
        """Return the visit of somebody who may do everything."""
        locale = request.cookies.get("locale", self.locale)
        return Visit(
            Person("u1", "anna", "Anna Schmidt", "Sales lead", self.roles, EVERY),
            self.catalog,
            Audience(locale, ZoneInfo("Asia/Shanghai"), words_of(locale)),
            request.cookies.get("theme", self.theme),
            "csrf-of-tests",
            NOW,
            self.records,
            self.tasks,
            self.notes,
            account=self.account,
            admin=UNUSED,
            substitutes=UNUSED,
        )


TITLES = (
    "Compressor overhaul, line 4 — second instalment",
    "空调机组季度保养费用",
    "Annual contract 2026/27",
    "应急维修:变频器更换",
    "Spare drive, expedited freight",
    "现场勘测服务",
    "Training day for operators",
)
CUSTOMERS = ("上海精工机械有限公司", "Acme Industrial Ltd", "北京华信电子", "Nordwind GmbH")
PEOPLE = ("王小明", "Anna Schmidt", "李静", "John Carter", "陈志强")


def furnished() -> PagesInMemory:
    """Return pages with customers, invoices, tasks and notifications to look at."""
    made = PagesInMemory()
    rows = made.records.rows
    rows["customer"] = {
        f"c{place}": Row(f"c{place}", 1, name, {"name": name, "level": "high"})
        for place, name in enumerate(CUSTOMERS)
    }
    rows["user"] = {
        f"u{place}": Row(f"u{place}", 1, name, {"name": name}) for place, name in enumerate(PEOPLE)
    }
    rows["invoice"] = {f"i{place}": _invoice(place) for place in range(60)}
    rows["invoice_line"] = {
        "l1": Row("l1", 1, "Drive unit", _line("Drive unit", "2", "8999.5")),
        "l2": Row("l2", 1, "安装调试", _line("安装调试", "1.5", "600")),
    }
    made.records.said = [
        Happening(
            "comment", NOW - timedelta(minutes=4), "Anna Schmidt", text="客户确认周四。Thursday."
        ),
        Happening("transition", NOW - timedelta(days=2), "John Carter", "send"),
        Happening("create", NOW - timedelta(days=9), "John Carter"),
    ]
    made.tasks.open = {f"t{place}": _work(place) for place in range(4)}
    made.notes.notes = [
        Note("n1", "Invoice overdue", "Training day for operators", NOW, True, "/o/invoice/i6")
    ]
    return made


def _invoice(place: int) -> Row:
    title = TITLES[place % len(TITLES)]
    customer = place % len(CUSTOMERS)
    values = {
        "number": f"I-2026-{place:05d}",
        "title": title,
        "customer": Reference(f"c{customer}", CUSTOMERS[customer]),
        "status": ("draft", "sent", "overdue", "paid")[place % 4],
        "urgency": ("high", "normal", "low")[place % 3],
        "amount": Decimal("1234.50") * (place * place + 1),
        "tax": Decimal(13),
        "due_at": NOW + timedelta(hours=(place * 17) % 400 - 120),
        "assignee": Reference(f"u{place % 5}", PEOPLE[place % 5]),
        "channels": ["mail", "phone"][: place % 3],
        "paid": place % 2 == 0,
        "reason": "Line is down.\n需要尽快处理。" if place % 3 == 0 else None,
        "attachments": [StoredFile("f1", "验收报告.pdf", 234567)],
    }
    return Row(f"i{place}", 1, title, values)


def _line(item: str, quantity: str, price: str) -> dict[str, object]:
    invoice = Reference("i6", TITLES[6])
    return {
        "invoice": invoice,
        "item": item,
        "quantity": Decimal(quantity),
        "price": Decimal(price),
    }


def _work(place: int) -> Work:
    title = TITLES[place]
    return Work(
        id=f"t{place}",
        rev=1,
        label="Approve the discount" if place % 2 else "核对金额",
        kind="approval" if place % 2 else "task",
        flow="Discount",
        object="invoice",
        record=Reference(f"i{place}", title),
        due=NOW + timedelta(hours=place * 3 - 2),
        actions=("approve", "reject") if place % 2 else ("complete",),
        holder="Anna Schmidt",
        since=NOW - timedelta(days=2),
        fields=("urgency", "reason"),
    )
