"""A small application (customers, invoices) as a package, with people, on a real database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.clock import SetClock
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.metadata.package import package_from_files
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.wiring import open_application

SECRET = "a secret of thirty-two bytes or more"

APP = b"""
app: desk
version: 1.0.0
label: {en: Desk, zh-CN: \xe5\x8a\x9e\xe5\x85\xac\xe5\x8f\xb0}
language: en
"""
OBJECTS = """
objects:
  customer:
    label: {en: Customer, zh-CN: 客户}
    labels: {en: Customers}
    title: name
    fields:
      name: {type: text, max: 120, required: true, search: true, label: {en: Name, zh-CN: 名称}}
      phone: {type: phone, label: {en: Phone, zh-CN: 电话}}
      invoices: {type: related, from: invoice.customer, label: {en: Invoices, zh-CN: 发票}}
  invoice:
    label: {en: Invoice, zh-CN: 发票}
    labels: {en: Invoices}
    title: title
    fields:
      number: {type: auto, format: "I-{yyyy}-{0000}", reset: year, label: {en: Number, zh-CN: 编号}}
      title: {type: text, max: 200, required: true, search: true, label: {en: Title, zh-CN: 标题}}
      customer:
        label: {en: Customer, zh-CN: 客户}
        type: ref
        to: customer
        required: true
        index: true
      status: {type: choice, options: invoice_state, label: {en: Status, zh-CN: 状态}}
      urgency:
        label: {en: Urgency, zh-CN: 紧急程度}
        type: choice
        options: urgency
        default: normal
        track: true
      amount: {type: money, digits: 14, scale: 2, currency: CNY, label: {en: Amount, zh-CN: 金额}}
      margin: {type: money, digits: 14, scale: 2, currency: CNY, label: {en: Margin, zh-CN: 毛利}}
      due_at: {type: datetime, label: {en: Due, zh-CN: 到期}}
      issued_on: {type: date, label: {en: Issued, zh-CN: 开票日期}}
      assignee: {type: user, where: 'active = true', label: {en: Assignee, zh-CN: 负责人}}
      scan_copy: {type: file, accept: ['.pdf', image/*], label: {en: Copy, zh-CN: 扫描件}}
      papers: {type: files, label: {en: Papers, zh-CN: 文件}}
      paid: {type: boolean, default: false, label: {en: Paid, zh-CN: 已付款}}
      reason:
        label: {en: Reason, zh-CN: 原因}
        type: text_long
        visible: 'urgency = "high"'
        required: 'urgency = "high"'
      lines: {type: rows, of: invoice_line, label: {en: Lines, zh-CN: 明细}}
    lifecycle:
      field: status
      initial: [draft]
      states:
        draft: {label: {en: Draft, zh-CN: 草稿}, color: gray}
        sent: {label: {en: Sent, zh-CN: 已发送}, color: blue}
        paid: {label: {en: Paid, zh-CN: 已付款}, color: green, final: true, readonly: true}
      transitions:
        send: {from: [draft], to: sent, label: {en: Send, zh-CN: 发送}}
        pay:
          from: [sent]
          to: paid
          label: {en: Mark as paid, zh-CN: 标记已付}
          require: [issued_on]
          comment: optional
  invoice_line:
    label: {en: Line, zh-CN: 明细行}
    title: item
    fields:
      invoice: {type: ref, to: invoice, required: true, on_delete: cascade}
      item: {type: text, max: 120, required: true, label: {en: Item, zh-CN: 项目}}
      quantity: {type: decimal, digits: 10, scale: 2, label: {en: Quantity, zh-CN: 数量}}
"""
OPTIONS = """
options:
  invoice_state:
    draft: {label: {en: Draft, zh-CN: 草稿}, color: gray}
    sent: {label: {en: Sent, zh-CN: 已发送}, color: blue}
    paid: {label: {en: Paid, zh-CN: 已付款}, color: green}
  urgency:
    high: {label: {en: High, zh-CN: 高}, color: red}
    normal: {label: {en: Normal, zh-CN: 普通}, color: azure}
"""
FORMS = """
forms:
  invoice_form:
    object: invoice
    sections:
      - label: {en: Invoice, zh-CN: 发票}
        fields: [title, customer, urgency, due_at, assignee, issued_on, reason]
      - label: {en: Amounts, zh-CN: 金额}
        fields: [amount, margin, paid, scan_copy, papers]
      - label: {en: Lines, zh-CN: 明细}
        columns: 1
        fields: [lines]
"""
VIEWS = """
views:
  open_invoices:
    object: invoice
    label: {en: Open, zh-CN: 未结}
    where: 'status != "paid"'
    columns: [title, customer, status, amount, due_at]
    sort: [-created_at]
    default_for: [seller]
"""
ROLES = """
roles:
  seller:
    label: {en: Seller, zh-CN: 销售}
    grants:
      customer: all
      invoice: all
      invoice_line: all
      user: {read: all}
    menu:
      - label: {en: Sales, zh-CN: 销售}
        items: [invoice, customer]
  boss:
    label: {en: Boss, zh-CN: 主管}
    grants:
      invoice: all
      customer: {read: all}
      user: {read: all}
  admin:
    label: {en: Administrator, zh-CN: 管理员}
    can: [users, packages, jobs, audit]
    grants:
      user: all
      invoice: {read: all}
  reader:
    label: {en: Reader, zh-CN: 查看者}
    grants:
      customer: {read: all}
      invoice: {read: 'assignee = user', update: 'paid = false and assignee = user'}
      user: {read: all}
    masks:
      invoice: {margin: hidden}
"""

FLOWS = """
flows:
  discount:
    label: {en: Discount, zh-CN: 折扣}
    object: invoice
    nodes:
      opened: {start: record, event: [create], if: 'amount >= 10000', next: check}
      check:
        task:
        label: {en: Check the amount, zh-CN: 核对金额}
        who: role.seller
        claim: true
        fields: [urgency]
        next: sign
      sign:
        approval: any
        label: {en: Approve the discount, zh-CN: 审批折扣}
        who: role.boss
        next: closed
      closed: {end: }
"""


def desk_files() -> dict[str, bytes]:
    """Return the files of the package."""
    texts = {
        "objects.yaml": OBJECTS,
        "options.yaml": OPTIONS,
        "forms.yaml": FORMS,
        "views.yaml": VIEWS,
        "roles.yaml": ROLES,
        "flows.yaml": FLOWS,
    }
    return {"app.yaml": APP, **{name: text.encode() for name, text in texts.items()}}


@dataclass
class Office:
    """A workspace with the package installed, on a database that a test gives."""

    database: Database
    folder: Path
    clock: SetClock = field(default_factory=SetClock)
    files: Mapping[str, bytes] = field(default_factory=desk_files)

    def __post_init__(self) -> None:
        url = self.database.url.render_as_string(hide_password=False)
        self.settings = Settings(
            self.folder, url, SECRET, self.folder / "files", dev=True, demo=True
        )
        self.application = open_application(self.settings, self.clock)
        self.application.install([package_from_files(self.files)], "tests")
        self.workspace = self.application.workspace

    def close(self) -> None:
        """Let go of the database."""
        self.application.database.dispose()

    def add(self, object_key: str, **values: object) -> str:
        """Create a record as the platform."""
        with self.workspace.transaction(SYSTEM) as tx:
            return records.create(tx, object_key, values)

    def person(self, login: str, *roles: str, locale: str = "en") -> str:
        """Add a user with roles and return their id."""
        user_id = self.add(
            "user", login=login, name=login.title(), language=locale, timezone="Asia/Shanghai"
        )
        access = self.application.access
        with self.application.database.write() as connection:
            access.roles.change(connection, SYSTEM_PRINCIPAL, user_id, roles, self.clock.now())
        return user_id
