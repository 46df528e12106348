"""The description of the API: for programs as OpenAPI, for people as one plain page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from trellis.engine.transactions import Transaction
from trellis.web.api.answers import to_json
from trellis.web.api.blueprint import api, reading
from trellis.web.api.openapi import describe
from trellis.web.policy import policy
from trellis.web.security import style_nonce

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color-scheme:light dark}code{font:13px ui-monospace,monospace}h2{margin-top:2.2rem}
dt{margin-top:.7rem}dd{margin:0 0 0 1rem;opacity:.8}.m{display:inline-block;min-width:4.2rem;
font-weight:600}
"""


@api.get("/v1/openapi.json")
@policy()
def openapi() -> ResponseReturnValue:
    """Return the OpenAPI document of the caller."""
    with reading() as tx:
        body = _document(tx)
    return Response(body, mimetype="application/json")


def _document(tx: Transaction) -> bytes:
    principal = tx.actor.principal
    key = ("openapi", principal.roles, principal.capabilities, principal.objects)
    return tx.compiled.keep(key, lambda: to_json(describe(tx)))


@api.get("/docs")
@policy()
def docs() -> ResponseReturnValue:
    """Return the addresses as a page."""
    with reading() as tx:
        document = describe(tx)
    body = Markup("").join(_sections(document["paths"]))
    style = Markup(_STYLE)  # noqa: S704 (a constant of this file)
    page = Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<style nonce="{}">{}</style></head><body><h1>API</h1>'
        '<p>{}</p><p>The same for programs: <a href="/api/v1/openapi.json">openapi.json</a>. '
        'Make a token under <a href="/profile">Profile</a> and send it as '
        "<code>Authorization: Bearer trl_…</code>.</p>{}</body></html>"
    ).format(style_nonce(), style, document["info"]["description"], body)
    return Response(page, mimetype="text/html")


def _sections(paths: dict[str, Any]) -> Iterator[Markup]:
    by_tag: dict[str, list[Markup]] = {}
    for address, operations in paths.items():
        for method, operation in operations.items():
            if method != "parameters":
                line = Markup('<dt><code><span class="m">{}</span>{}</code></dt><dd>{}</dd>')
                text = line.format(method.upper(), address, operation["summary"])
                by_tag.setdefault(operation["tags"][0], []).append(text)
    for tag, lines in by_tag.items():
        yield Markup("<h2>{}</h2><dl>{}</dl>").format(escape(tag), Markup("").join(lines))
