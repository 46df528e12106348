"""Message texts: placeholders are filled, data is never read as a template."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from trellis.engine.notifications.template import Template, as_words


def test_placeholders_are_replaced_by_values() -> None:
    template = Template.of("{{ number }}: {{title}}!")

    text = template.fill({"number": "C-1", "title": "泵坏了"}.get)

    assert text == "C-1: 泵坏了!"


def test_a_value_that_looks_like_a_template_stays_as_it_is() -> None:
    text = Template.of("{{ title }}").fill(lambda _: "{{7*7}} ${7*7}")

    assert text == "{{7*7}} ${7*7}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (Decimal("1200.50"), "1200.5"),
        (Decimal("100"), "100"),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02 09:00"),
        (["a", "b"], "a, b"),
        ({"title": "Acme"}, "Acme"),
    ],
)
def test_values_read_as_people_write_them(value: Any, words: str) -> None:
    assert as_words(value) == words
