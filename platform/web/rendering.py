"""Renders templates: one Jinja environment per language; words and icons are compiled into them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from trellis.web.assets import Assets
from trellis.web.i18n import LANGUAGES, translations_of

_PLAIN_WORD = re.compile(r"""\{\{ _\((?P<quote>["'])(?P<text>[^"'%{}]*)(?P=quote)\) \}\}""")
_PLAIN_ICON = re.compile(r"""\{\{ icon\("(?P<name>[a-z-]+)"(?:, "(?P<css>[a-z -]+)")?\) \}\}""")
HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"


class SpokenTemplates(FileSystemLoader):
    """Templates whose plain words and icons are written when they are compiled, not per request."""

    def __init__(
        self, folder: Path, translate: Callable[[str], str], icon: Callable[..., Markup]
    ) -> None:
        super().__init__(folder)
        self._translate = translate
        self._icon = icon

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return a template with its `{{ _("word") }}` and `{{ icon("name") }}` written out."""
        source, path, is_fresh = super().get_source(environment, template)

        def spoken(found: re.Match[str]) -> str:
            return str(escape(self._translate(found["text"])))

        def drawn(found: re.Match[str]) -> str:
            return str(self._icon(found["name"], found["css"] or ""))

        return _PLAIN_ICON.sub(drawn, _PLAIN_WORD.sub(spoken, source)), path, is_fresh


def environment_for(locale: str, assets: Assets, *, reload: bool = False) -> Environment:
    """Return the environment in which templates speak `locale`."""
    words = translations_of(locale)
    icon = icons_of(assets.icons)
    made = Environment(
        loader=SpokenTemplates(TEMPLATES, words.gettext, icon),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reload,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        words.gettext, words.ngettext, newstyle=True
    )
    made.globals["icon"] = icon
    made.globals["sign"] = signs_of(icon)
    made.globals["csrf"] = csrf_input
    return made


def icons_of(sprite: str) -> Callable[..., Markup]:
    """Return the function that draws an icon of the sprite; each is written once."""

    @lru_cache(maxsize=256)
    def icon(name: str, css: str = "") -> Markup:
        shape = f'<use href="{sprite}#{name}"></use>'
        return Markup(f'<svg class="icon {css}" aria-hidden="true">{shape}</svg>')  # noqa: S704

    return icon


def signs_of(icon: Callable[..., Markup]) -> Callable[[str, str], Markup]:
    """Return the function that draws the sign of an object: its icon or letter on its colour."""

    @lru_cache(maxsize=512)
    def sign(shape: str, shade: str) -> Markup:
        inner = icon(shape[1:]) if shape.startswith("#") else shape
        return Markup('<span class="mono c-{}" aria-hidden="true">{}</span>').format(shade, inner)

    return sign


def csrf_input(token: str) -> Markup:
    """Return the hidden input that proves a form is ours."""
    safe = escape(token)
    return Markup(f'<input type="hidden" name="csrf_token" value="{safe}">')  # noqa: S704


@dataclass(frozen=True)
class Renderer:
    """The templates in every language."""

    assets: Assets
    reload: bool = False
    _environments: dict[str, Environment] = field(default_factory=dict)

    def render(self, template: str, locale: str, **view: object) -> str:
        """Return `template` filled with `view`, in the language `locale`."""
        known = locale if locale in LANGUAGES else "en"
        if known not in self._environments:
            self._environments[known] = environment_for(known, self.assets, reload=self.reload)
        return self._environments[known].get_template(template).render(**view)
