"""The platform's own words in English and Simplified Chinese.

English is the source and needs no catalog; `zh-CN.po` is read as text at start (no compiled
files are kept anywhere). Labels of objects and fields come from definitions, not from here.
"""

from trellis.web.i18n.catalogs import LANGUAGES, CatalogBabel, locale_key, translations_of, words_of

__all__ = ["LANGUAGES", "CatalogBabel", "locale_key", "translations_of", "words_of"]
