"""An app whose forms decide much: conditions, defaults and formulas over inputs of every kind."""

from __future__ import annotations

from textwrap import dedent

from tests.fakes.office import Office

OBJECTS = """
objects:
  country:
    label: {en: Country, zh-CN: 国家}
    title: name
    fields:
      name: {type: text, required: true, search: true, label: {en: Name, zh-CN: 名称}}
      code: {type: text, max: 2, label: {en: Code, zh-CN: 代码}}
      taxed: {type: boolean, default: false, label: {en: Taxed, zh-CN: 征税}}
  client:
    label: {en: Client, zh-CN: 客户}
    title: name
    fields:
      name: {type: text, required: true, search: true, label: {en: Name, zh-CN: 名称}}
      tier: {type: choice, options: tier, label: {en: Tier, zh-CN: 等级}}
      limit: {type: money, digits: 14, scale: 2, currency: EUR, label: {en: Limit, zh-CN: 额度}}
      country: {type: ref, to: country, label: {en: Country, zh-CN: 国家}}
      secret: {type: text, label: {en: Secret, zh-CN: 秘密}}
  article:
    label: {en: Article, zh-CN: 商品}
    title: name
    fields:
      name: {type: text, required: true, search: true, label: {en: Name, zh-CN: 名称}}
      price: {type: money, digits: 14, scale: 2, currency: EUR, label: {en: Price, zh-CN: 单价}}
      heavy: {type: boolean, default: false, label: {en: Heavy, zh-CN: 重货}}
  offer:
    label: {en: Offer, zh-CN: 报价}
    labels: {en: Offers}
    title: title
    fields:
      title: {type: text, required: true, search: true, label: {en: Title, zh-CN: 标题}}
      client: {type: ref, to: client, required: 'urgency = "high"',
              label: {en: Client, zh-CN: 客户}}
      country: {type: ref, to: country, default: '= client.country',
              label: {en: Country, zh-CN: 国家}}
      tier: {type: choice, options: tier, readonly: true, default: '= client.tier',
             label: {en: Tier, zh-CN: 等级}}
      urgency: {type: choice, options: urgency, default: normal,
              label: {en: Urgency, zh-CN: 紧急程度}}
      reason: {type: text_long, visible: 'urgency = "high"', required: 'urgency = "high"',
               label: {en: Reason, zh-CN: 原因}}
      amount: {type: money, digits: 14, scale: 2, currency: EUR, label: {en: Amount, zh-CN: 金额}}
      share: {type: percent, label: {en: Discount, zh-CN: 折扣}}
      count: {type: integer, default: '= if client.tier = "gold" then 10 else 1',
              label: {en: Pieces, zh-CN: 件数}}
      weight: {type: decimal, digits: 12, scale: 3, label: {en: Weight, zh-CN: 重量}}
      net: {type: formula, of: money, currency: EUR, scale: 2,
            formula: 'amount - amount * share / 100',
            label: {en: Net amount, zh-CN: 净额}}
      approval: {type: text, visible: 'net > client.limit', required: 'net > 2 * client.limit',
                 readonly: 'sure', label: {en: Approval, zh-CN: 审批}}
      due: {type: date, default: '= today() + duration("P14D")', label: {en: Due, zh-CN: 到期}}
      late_note: {type: text, visible: 'due < today()', label: {en: Why so early, zh-CN: 原因说明}}
      visit_at: {type: datetime, label: {en: Visit, zh-CN: 拜访}}
      call: {type: time, visible: 'visit_at != null and visit_at > now()',
              label: {en: Call, zh-CN: 电话}}
      effort: {type: duration, label: {en: Effort, zh-CN: 用时}}
      crew: {type: integer, visible: 'effort > duration("PT8H")', required: 'weight >= 50.5',
             label: {en: Crew, zh-CN: 人数}}
      channels: {type: choices, options: channel, label: {en: Channels, zh-CN: 渠道}}
      mail: {type: email, required: 'list contains(channels, "mail")',
              label: {en: E-mail, zh-CN: 邮箱}}
      sure: {type: boolean, label: {en: Settled, zh-CN: 已定}}
      partners: {type: refs, to: client, label: {en: Partners, zh-CN: 伙伴}}
      partner_note: {type: text, visible: 'some p in partners satisfies p.tier = "gold"',
                     label: {en: About partners, zh-CN: 伙伴说明}}
      keeper: {type: user, default: '= user', label: {en: Keeper, zh-CN: 负责人}}
      customs: {type: text, visible: 'country.taxed',
                required: 'client.country.code != country.code',
                label: {en: Customs, zh-CN: 海关}}
      risk: {type: text, visible: 'client.secret = "risky"', label: {en: Risk, zh-CN: 风险}}
      remarks: {type: text_long, readonly: 'string length(title) > 20',
              label: {en: Remarks, zh-CN: 备注}}
      total: {type: formula, of: money, currency: EUR, scale: 2,
              formula: 'sum(for l in lines return l.sum)', label: {en: Total, zh-CN: 合计}}
      mine: {type: text, visible: 'keeper = user and "seller" in user.roles',
             label: {en: My note, zh-CN: 我的备注}}
      freight: {type: text, visible: 'count(lines[article.heavy = true]) > 0 or total > 1000',
                label: {en: Freight, zh-CN: 运输}}
      lines: {type: rows, of: offer_line, label: {en: Lines, zh-CN: 明细}}
  offer_line:
    label: {en: Line, zh-CN: 明细行}
    title: remark
    fields:
      offer: {type: ref, to: offer, required: true, on_delete: cascade}
      article: {type: ref, to: article, label: {en: Article, zh-CN: 商品}}
      price: {type: money, digits: 14, scale: 2, currency: EUR, default: '= article.price',
              label: {en: Price, zh-CN: 单价}}
      quantity: {type: decimal, digits: 10, scale: 2, default: 1,
              label: {en: Quantity, zh-CN: 数量}}
      sum: {type: formula, of: money, currency: EUR, scale: 2, formula: 'price * quantity',
            label: {en: Sum, zh-CN: 小计}}
      remark: {type: text, visible: 'quantity > 10', required: 'quantity > 100',
               label: {en: Remark, zh-CN: 说明}}
"""
OPTIONS = """
options:
  tier:
    gold: {label: {en: Gold, zh-CN: 金}, color: orange}
    plain: {label: {en: Plain, zh-CN: 普通}}
  urgency:
    high: {label: {en: High, zh-CN: 高}, color: red}
    normal: {label: {en: Normal, zh-CN: 普通}, color: azure}
  channel:
    mail: {label: {en: Mail, zh-CN: 邮件}}
    phone: {label: {en: Phone, zh-CN: 电话}}
"""
FORMS = """
forms:
  offer_form:
    object: offer
    sections:
      - label: {en: Offer, zh-CN: 报价}
        fields: [title, client, country, tier, urgency, keeper, reason, due, late_note, remarks]
      - label: {en: Money, zh-CN: 金额}
        fields: [amount, share, net, count, approval, sure]
      - label: {en: Work, zh-CN: 作业}
        visible: 'urgency != null'
        fields: [visit_at, call, effort, crew, weight, channels, mail, mine]
      - label: {en: Abroad, zh-CN: 国外}
        fields: [customs, risk, freight]
      - label: {en: Partners, zh-CN: 伙伴}
        fields: [partners, partner_note]
      - label: {en: Lines, zh-CN: 明细}
        columns: 1
        fields: [lines, total]
"""
ROLES = """
roles:
  seller:
    label: {en: Seller, zh-CN: 销售}
    grants:
      country: all
      client: {read: 'name != "Hidden"', create: all, update: all, delete: none}
      article: all
      offer: all
      offer_line: all
      user: {read: all}
    masks:
      client: {secret: hidden}
    menu:
      - label: {en: Sales, zh-CN: 销售}
        items: [offer, client, article]
"""
_HEAD = "app: offers\nversion: 1.0.0\nlabel: {en: Offers, zh-CN: 报价}\nlanguage: en\n"


def offers_files() -> dict[str, bytes]:
    """Return the files of the package."""
    texts = {"app.yaml": _HEAD, "objects.yaml": OBJECTS, "options.yaml": OPTIONS,
             "forms.yaml": FORMS, "roles.yaml": ROLES}  # fmt: skip
    return {name: dedent(text).encode() for name, text in texts.items()}


def fill_offers(office: Office) -> str:
    """Add records to name, some that nobody may see; return an offer with lines."""
    at_home = office.add("country", name="Home", code="HO")
    abroad = office.add("country", name="Abroad", code="AB", taxed=True)
    rich = office.add("client", name="Rich", tier="gold", limit=1000, country=abroad)
    poor = office.add("client", name="Poor", tier="plain", limit="10.50", country=at_home)
    office.add("client", name="Hidden", tier="gold", secret="risky")
    screw = office.add("article", name="Screw", price="0.35")
    crate = office.add("article", name="Crate", price=450, heavy=True)
    lines = [
        {"article": screw, "quantity": 200, "remark": "boxed"},
        {"article": crate, "quantity": 2},
    ]
    return office.add("offer", title="First", client=rich, urgency="high", amount=5000, share=5,
                      partners=[rich, poor], lines=lines, reason="now",
                      approval="by Bob")  # fmt: skip
