"""Record rules: when they run, in which order, and what they tell whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trellis.engine.errors import InvalidError
from trellis.engine.notifications import inbox
from trellis.metadata.model.rules import Notification
from trellis.metadata.model.texts import Label
from trellis.problems import Location

from tests.integration.engine.ledger.conftest import Ledger


def told(ledger: Ledger) -> list[tuple[str, str]]:
    return ledger.rows("SELECT title, body FROM trellis_notification ORDER BY id")  # type: ignore[return-value]


def test_a_rule_acts_although_it_has_changed_what_it_asked(ledger: Ledger) -> None:
    entry = ledger.entry(amount=1500, day="2026-03-05")

    assert ledger.get("entry", entry)["level"] == "big"
    assert told(ledger) == [("Big entry E-2026-0001", "one: 1500 on 2026-03-05")]
    ledger.update("kit", "entry", entry, amount=1600)
    assert len(told(ledger)) == 1


def test_rules_run_in_their_order_and_see_defaults_and_formulas(ledger: Ledger) -> None:
    small = ledger.entry(amount=5)
    assert ledger.get("entry", small)["level"] == "kind a"

    assert ledger.get("entry", ledger.entry(amount=1001))["level"] == "big"


def test_what_was_sent_but_did_not_change_is_no_change(ledger: Ledger) -> None:
    entry = ledger.entry(amount=5)
    ledger.update("kit", "entry", entry, level=None)
    ledger.update("kit", "entry", entry, amount="5.00", note="n")

    assert ledger.get("entry", entry)["level"] is None


def test_a_rule_may_require_more_than_a_transition_does(ledger: Ledger) -> None:
    entry = ledger.entry(amount=600)

    with pytest.raises(InvalidError, match="day: say which day"):
        ledger.move("kit", entry, "post", {"amount": 600})
    assert ledger.get("entry", entry)["state"] == "draft"
    ledger.update("kit", "entry", entry, day="2026-03-05")
    ledger.move("kit", entry, "post", {"amount": 600})


def test_people_are_told_in_their_language_and_lead_to_the_record(ledger: Ledger) -> None:
    ledger.update("system", "user", ledger.ids["kit"], language="zh-CN")
    entry = ledger.entry(amount=1500)
    kit = ledger.who("kit")
    kit = replace(kit, principal=replace(kit.principal, locale="zh-CN"))

    with ledger.app.workspace.reading(kit) as tx:
        (note,) = inbox.newest(tx)
        assert inbox.count_unread(tx) == 1
    with ledger.app.workspace.transaction(ledger.who("kit")) as tx:
        inbox.mark_read(tx)
        assert inbox.count_unread(tx) == 0

    assert note["title"] == "大额 E-2026-0001"
    assert told(ledger)[0][0] == note["title"]
    assert (note["object_key"], note["record_id"]) == ("entry", entry)


def test_records_in_messages_are_told_by_title_and_moments_in_the_readers_time(
    ledger: Ledger,
) -> None:
    ledger.update("system", "user", ledger.ids["rea"], timezone="Asia/Shanghai")
    entry = ledger.entry(helpers=[ledger.ids["kit"], ledger.ids["cla"]])
    title = Label({"en": "{{ account }} {{ helpers }} {{ created_at }} {{ owner }}"})
    message = Notification("m", title, Label({"en": ""}), Location("notifications.yaml"))

    with ledger.writing("kit") as tx:
        inbox.send(tx, message, "entry", entry, [ledger.ids["rea"]])

    moment = ledger.clock.moment
    assert moment.hour < 16
    assert told(ledger) == [
        (f"one Kit, Cla {moment:%Y-%m-%d} {moment.hour + 8:02d}:{moment:%M} Kit", "")
    ]


def test_a_message_is_read_in_the_language_that_its_reader_has_by_then(ledger: Ledger) -> None:
    entry = ledger.entry()
    title = Label({"en": "{{ state }} of {{ account }}", "zh-CN": "{{ account }}：{{ state }}"})
    message = Notification("m", title, Label(), Location("notifications.yaml"))
    with ledger.writing("kit") as tx:
        inbox.send(tx, message, "entry", entry, [ledger.ids["rea"]])

    assert read_by(ledger, "en") == "Draft of one"
    assert read_by(ledger, "zh-CN") == "one：草稿"
    assert read_by(ledger, "zh-TW") == "one：草稿"


def read_by(ledger: Ledger, locale: str) -> str:
    """Return the newest message of a reader who reads `locale` now."""
    actor = ledger.who("rea")
    with ledger.app.workspace.reading(actor) as tx:
        reader = replace(actor, principal=replace(actor.principal, locale=locale))
        return str(inbox.newest(tx.acting(reader))[0]["title"])
