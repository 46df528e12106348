"""English and Simplified Chinese, complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from trellis.engine.errors import ConflictError, InvalidError, problem
from trellis.formbuilder.audience import Audience
from trellis.web.i18n import words_of
from trellis.web.i18n.extract import (
    words_in_module,
    words_in_template,
    words_of_platform,
)
from trellis.web.pages.refusals import refusal_text

PLATFORM = Path(__file__).resolve().parents[3] / "platform"
CHINESE = Audience("zh-CN", words=words_of("zh-CN"))


def chinese_catalog() -> dict[str, str]:
    with (PLATFORM / "web" / "i18n" / "zh-CN.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_every_word_is_said_in_chinese_and_no_other_is_kept() -> None:
    assert set(chinese_catalog()) == words_of_platform(PLATFORM)


@pytest.mark.parametrize(("english", "chinese"), chinese_catalog().items())
def test_a_translation_keeps_what_is_filled_in(english: str, chinese: str) -> None:
    filled = re.compile(r"%\(\w+\)s|\{\}")

    assert chinese
    assert sorted(filled.findall(english)) == sorted(filled.findall(chinese))


def test_scripts_say_everything_in_chinese_too() -> None:
    islands = PLATFORM / "web" / "islands"
    said: set[str] = set()
    for script in islands.glob("*.ts"):
        said.update(re.findall(r'say\("([^"]+)"', script.read_text(encoding="utf-8")))
    known = set(re.findall(r'^ {2}"([^"]+)":', (islands / "words.ts").read_text("utf-8"), re.M))

    assert said
    assert said <= known


def test_words_are_found_where_they_are_marked() -> None:
    assert list(words_in_template("{{ _(\"A b\") }} {{ _('c') }}")) == ["A b", "c"]
    assert list(words_in_module('A_WORDS = {"k": "one"}\nwords("two" if x else "three")')) == [
        "one",
        "two",
        "three",
    ]


def test_a_refusal_is_told_in_the_readers_language() -> None:
    taken = InvalidError([problem("number", "UNIQUE", "is used by another record already")])
    short = InvalidError([problem("title", "TYPE", "has 300 characters, at most 200 fit")])
    late = ConflictError("ALREADY_DECIDED", "John approved this")

    assert refusal_text(CHINESE, taken) == "已被其他记录使用"
    assert refusal_text(CHINESE, short) == "有 300 个字符，最多 200 个"
    assert refusal_text(CHINESE, late) == "此事项已有决定。"
    assert refusal_text(Audience("en"), late) == "John approved this"


def test_an_unknown_refusal_keeps_its_own_words() -> None:
    own = ConflictError("GUARD", "审批未完成")

    assert refusal_text(CHINESE, own) == "审批未完成"
