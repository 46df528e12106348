"""Flows over HTTP: as BPMN 2.0 files, as drawings, and BPMN files as flows."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue
from trellis.engine.errors import InvalidError, LimitError, NotFoundError, problem
from trellis.formbuilder.flow_drawing import draw_flow
from trellis.metadata.bpmn.files import (
    FlowSource,
    as_json,
    drawn_flow,
    export_flow,
    files_of,
    flows_in,
)
from trellis.metadata.model.access import Capability
from trellis.metadata.model.texts import LOCALES
from trellis.storage.catalogs import load_packages
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading
from trellis.web.api.reading import query_of
from trellis.web.policy import policy
from trellis.xml_source import MAX_BYTES


@api.get("/v1/flows/<flow>.bpmn")
@policy(capability=Capability.PACKAGES)
def export_one_flow(flow: str) -> ResponseReturnValue:
    """Return a flow as a BPMN 2.0 file; `locale` is the language of its names."""
    source, locale = _asked(flow)
    sent = Response(export_flow(source, locale), content_type="application/xml")
    sent.headers["Content-Disposition"] = f'attachment; filename="{source.key}.bpmn"'
    return sent


@api.get("/v1/flows/<flow>.svg")
@policy(capability=Capability.PACKAGES)
def draw_one_flow(flow: str) -> ResponseReturnValue:
    """Return a flow as a drawing; `locale` is the language of its names."""
    source, locale = _asked(flow)
    process, drawing = drawn_flow(source, locale)
    return Response(draw_flow(process, drawing), content_type="image/svg+xml")


def _asked(flow: str) -> tuple[FlowSource, str]:
    """Return the installed flow and the language that are asked for."""
    asked = query_of(("locale",))
    locale = asked.get("locale", "en")
    if locale not in LOCALES:
        raise InvalidError([problem("locale", "OPTION", f"is none of {', '.join(LOCALES)}")])
    source = _installed().get(flow)
    if source is None:
        raise NotFoundError(f"there is no flow `{flow}`")
    return source, locale


@api.post("/v1/flows/import")
@policy(capability=Capability.PACKAGES)
def import_flows() -> ResponseReturnValue:
    """Return what a BPMN 2.0 file becomes: files for a package, what to bind, what is kept.

    Nothing is installed: the files go into a package, which is checked and applied as any other.
    """
    if (request.content_length or 0) > MAX_BYTES:
        raise LimitError("TOO_LARGE", f"a BPMN file has at most {MAX_BYTES // 2**20} MiB")
    sent = request.files.get("file")
    data = sent.read() if sent is not None else request.get_data()
    name = (sent.filename if sent is not None else None) or "flow.bpmn"
    imported, files = files_of(data, file=name, taken=_installed())
    return answer(as_json(imported, files))


def _installed() -> dict[str, FlowSource]:
    with reading() as tx:
        packages = load_packages(tx.connection, tx.compiled.catalog.version)
    return {key: one for package in packages for key, one in flows_in(package).items()}
