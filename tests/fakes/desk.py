"""A small made-up application (customers, invoices) as a catalog, for tests of pages and forms."""

from __future__ import annotations

from trellis.metadata.model.catalog import App, Catalog
from trellis.metadata.model.fields import Field, FieldType, Option, OptionSet
from trellis.metadata.model.objects import Lifecycle, Object, State, Transition
from trellis.metadata.model.pages import Form, FormField, FormSection
from trellis.metadata.model.texts import ExpressionText, Label
from trellis.problems import Location

HERE = Location("desk.yaml", 1, 1)


def label(english: str, chinese: str) -> Label:
    return Label({"en": english, "zh-CN": chinese})


def field(key: str, kind: FieldType, english: str, chinese: str, **more: object) -> Field:
    return Field(key, kind, HERE, label=label(english, chinese), **more)  # type: ignore[arg-type]


def options(key: str, *rows: tuple[str, str, str, str]) -> OptionSet:
    made = {
        name: Option(name, label(english, chinese), HERE, color=color)
        for name, english, chinese, color in rows
    }
    return OptionSet(key, made)


T = FieldType
FIELDS = (
    field("number", T.AUTO, "Number", "编号", format="I-{yyyy}-{00000}"),
    field("title", T.TEXT, "Title", "标题", required=True, max=200, search=True),
    field("customer", T.REF, "Customer", "客户", to="customer", required=True, index=True),
    field("status", T.CHOICE, "Status", "状态", options="invoice_state"),
    field("urgency", T.CHOICE, "Urgency", "紧急程度", options="urgency", track=True),
    field("amount", T.MONEY, "Amount", "金额", currency="CNY", digits=14, scale=2),
    field("tax", T.PERCENT, "Tax", "税率", scale=2),
    field("due_at", T.DATETIME, "Due", "到期", track=True),
    field("issued_on", T.DATE, "Issued", "开票日期"),
    field("effort", T.DURATION, "Effort", "用时"),
    field("assignee", T.USER, "Assignee", "负责人", to="user", track=True),
    field("channels", T.CHOICES, "Channels", "渠道", options="channel"),
    field("paid", T.BOOLEAN, "Paid", "已付款"),
    field("email", T.EMAIL, "E-mail", "邮箱"),
    field(
        "reason",
        T.TEXT_LONG,
        "Reason",
        "原因",
        help=Label({"en": "Why it is urgent", "zh-CN": "为什么紧急"}),
        visible=ExpressionText('urgency = "high"', HERE),
        required=ExpressionText('urgency = "high"', HERE),
    ),
    field("lines", T.ROWS, "Lines", "明细", of="invoice_line", link="invoice"),
    field("attachments", T.FILES, "Attachments", "附件"),
    field("address", T.ADDRESS, "Address", "地址"),
)

INVOICE = Object(
    "invoice",
    label("Invoice", "发票"),
    HERE,
    {one.key: one for one in FIELDS},
    labels=Label({"en": "Invoices"}),
    title="title",
    lifecycle=Lifecycle(
        "status",
        {"draft": ()},
        {
            "draft": State("draft", label("Draft", "草稿"), HERE, color="gray"),
            "sent": State("sent", label("Sent", "已发送"), HERE, color="blue"),
            "paid": State("paid", label("Paid", "已付款"), HERE, color="green", final=True),
            "overdue": State("overdue", label("Overdue", "逾期"), HERE, color="red"),
        },
        {
            "send": Transition("send", ("draft",), "sent", label("Send", "发送"), HERE),
            "pay": Transition(
                "pay",
                ("sent", "overdue"),
                "paid",
                label("Mark as paid", "标记已付"),
                HERE,
                require=("issued_on",),
                comment="optional",
            ),
        },
        HERE,
    ),
)

CUSTOMER = Object(
    "customer",
    label("Customer", "客户"),
    HERE,
    {
        one.key: one
        for one in (
            field("name", T.TEXT, "Name", "名称", required=True, search=True),
            field("level", T.CHOICE, "Level", "等级", options="urgency"),
            field("phone", T.PHONE, "Phone", "电话"),
        )
    },
    labels=Label({"en": "Customers"}),
    title="name",
)

LINE = Object(
    "invoice_line",
    label("Line", "明细行"),
    HERE,
    {
        one.key: one
        for one in (
            field("invoice", T.REF, "Invoice", "发票", to="invoice", required=True),
            field("item", T.TEXT, "Item", "项目", required=True),
            field("quantity", T.DECIMAL, "Quantity", "数量", scale=2),
            field("price", T.MONEY, "Price", "单价", currency="CNY", scale=2),
        )
    },
    title="item",
    child_of="invoice",
)

USER = Object(
    "user",
    label("User", "用户"),
    HERE,
    {"name": field("name", T.TEXT, "Name", "姓名")},
    title="name",
    builtin=True,
)

FORM = Form(
    "invoice_form",
    "invoice",
    HERE,
    (
        FormSection(
            label("Invoice", "发票"),
            (
                FormField("title", HERE),
                FormField("customer", HERE),
                FormField("urgency", HERE),
                FormField("due_at", HERE),
                FormField("assignee", HERE),
                FormField("issued_on", HERE),
                FormField("reason", HERE, width=2),
            ),
            HERE,
        ),
        FormSection(
            label("Amounts", "金额"),
            tuple(
                FormField(key, HERE)
                for key in ("amount", "tax", "effort", "paid", "channels", "email")
            ),
            HERE,
            columns=3,
        ),
        FormSection(label("Lines", "明细"), (FormField("lines", HERE, width=2),), HERE, columns=1),
        FormSection(
            label("More", "其他"),
            (FormField("address", HERE, width=2), FormField("attachments", HERE, width=2)),
            HERE,
        ),
    ),
)

CATALOG = Catalog(
    version=1,
    apps={"desk": App("desk", "1.0.0", label("Desk", "办公台"), HERE)},
    objects={one.key: one for one in (INVOICE, CUSTOMER, LINE, USER)},
    options={
        one.key: one
        for one in (
            options(
                "invoice_state",
                ("draft", "Draft", "草稿", "gray"),
                ("sent", "Sent", "已发送", "blue"),
                ("overdue", "Overdue", "逾期", "red"),
                ("paid", "Paid", "已付款", "green"),
            ),
            options(
                "urgency",
                ("high", "High", "高", "red"),
                ("normal", "Normal", "普通", "azure"),
                ("low", "Low", "低", "gray"),
            ),
            options(
                "channel",
                ("mail", "Mail", "邮件", "purple"),
                ("phone", "Phone", "电话", "teal"),
                ("portal", "Portal", "门户", "orange"),
            ),
        )
    },
    forms={"invoice_form": FORM},
)
