"""Joins the pages to a server: what `create_app` installs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, request
from trellis.access.errors import SignInError
from trellis.access.room import AccessRoom
from trellis.clock import monotonic
from trellis.engine.errors import InvalidError, problem
from trellis.engine.flows.running import Flows
from trellis.engine.workspace import Workspace
from trellis.storage.files import LocalFiles
from trellis.web.assets import load_assets
from trellis.web.door import proof
from trellis.web.errors import Refusal
from trellis.web.gate import Gate
from trellis.web.i18n import CatalogBabel
from trellis.web.pages import pages
from trellis.web.pages.desk import Session
from trellis.web.pages.faults import fault_page
from trellis.web.pages.inbox_desk import EngineNotes, EngineTasks
from trellis.web.pages.opening import Doors, open_visit
from trellis.web.pages.shapes import Shapes
from trellis.web.pages.sign_in import stranger_locale, theme_of_request
from trellis.web.pages.substitute_desk import EngineSubstitutes
from trellis.web.pages.tallies import Tallies
from trellis.web.pages.visit import Site, Visit
from trellis.web.rendering import STATIC, Renderer
from trellis.web.serving import EXTENSION as SERVER


@dataclass(frozen=True)
class WorkspacePages:
    """The pages of a workspace."""

    workspace: Workspace
    flows: Flows
    reload: bool = False

    def install(self, app: Flask, gate: Gate) -> None:
        """Give the pages to an application."""
        files = LocalFiles(app.extensions[SERVER].settings.files)
        tallies = Tallies(monotonic)
        doors = Doors(
            gate.access,
            files,
            lambda session: EngineTasks(
                session, self.flows, tallies, _confirming(gate.access, session)
            ),
            lambda session: EngineNotes(session, tallies),
            lambda session: EngineSubstitutes(session, self.flows),
        )

        def open_for_request() -> Visit:
            address = request.remote_addr or ""
            return open_visit(self.workspace, doors, proof(), theme_of_request(), address)

        app.register_blueprint(pages)
        CatalogBabel().init_app(app, locale_selector=lambda: stranger_locale().replace("-", "_"))
        renderer = Renderer(load_assets(STATIC), reload=self.reload)
        Site(renderer, Shapes(), open_for_request, self.workspace.ids.new, gate).install(app)

    @staticmethod
    def fault(refusal: Refusal) -> Response:
        """Return the page of a refusal."""
        return fault_page(refusal)


def _confirming(access: AccessRoom, session: Session) -> Callable[[str], None]:
    """Return what checks a person's password as the door does, wrong ones being slowed down."""

    def confirm(password: str) -> None:
        login, address = session.actor.principal.login, request.remote_addr or ""
        session.close()
        try:
            access.sign_in.confirm(login, password, address)
        except SignInError as error:
            raise InvalidError([problem("_signature", "WRONG_SIGNATURE",
                                        "this is not your password")]) from error  # fmt: skip

    return confirm
