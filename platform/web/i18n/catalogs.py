"""Reads the catalogs of translations and hands them to Flask-Babel, Jinja and the form builder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

HERE = Path(__file__).parent
#: Locale keys as definitions write them, with the language's own name.
LANGUAGES = {"en": "English", "zh-CN": "简体中文"}


@lru_cache(maxsize=8)
def translations_of(locale: str) -> NullTranslations:
    """Return the translations of `locale` (`zh-CN`), or none for English and unknown ones."""
    path = HERE / f"{locale}.po"
    if locale not in LANGUAGES or not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale.replace("-", "_"), domain="messages")
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def locale_key(asked: str) -> str:
    """Return the locale we have for a language code as browsers and Babel write them."""
    return "zh-CN" if asked.lower().startswith("zh") else "en"


def words_of(locale: str) -> Callable[[str], str]:
    """Return the function that translates the platform's words into `locale`."""
    translate: Callable[[str], str] = translations_of(locale).gettext
    return translate


class _CatalogDomain(Domain):  # type: ignore[misc]  # flask_babel has no types
    """Translations read from text catalogs instead of compiled files."""

    def get_translations(self) -> NullTranslations:
        """Return the translations for the locale of the request."""
        locale = get_locale()
        return translations_of(locale_key(locale.language if locale is not None else "en"))


class CatalogBabel(Babel):  # type: ignore[misc]  # flask_babel has no types
    """Flask-Babel over our text catalogs."""

    @cached_property
    def domain_instance(self) -> Domain:
        """Return the domain that reads text catalogs."""
        return _CatalogDomain()
