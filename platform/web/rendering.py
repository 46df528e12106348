"""Renders templates: one Jinja environment per language, so that a word costs one lookup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from trellis.web.assets import Assets
from trellis.web.i18n import LANGUAGES, translations_of

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"


def environment_for(locale: str, assets: Assets, *, reload: bool = False) -> Environment:
    """Return the environment in which templates speak `locale`."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reload,
        extensions=["jinja2.ext.i18n"],
    )
    words = translations_of(locale)
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        words.gettext, words.ngettext, newstyle=True
    )
    made.globals["icon"] = icons_of(assets.icons)
    made.globals["csrf"] = csrf_input
    return made


def icons_of(sprite: str) -> Callable[..., Markup]:
    """Return the function that draws an icon of the sprite; each is written once."""

    @lru_cache(maxsize=256)
    def icon(name: str, css: str = "") -> Markup:
        shape = f'<use href="{sprite}#{name}"></use>'
        return Markup(f'<svg class="icon {css}" aria-hidden="true">{shape}</svg>')  # noqa: S704

    return icon


def csrf_input(token: str) -> Markup:
    """Return the hidden input that proves a form is ours."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)


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
