"""Opens the visit of a request: who came, in which language, and the doors they use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trellis.access.principal import Principal
from trellis.access.principals import Proof
from trellis.access.room import AccessRoom
from trellis.engine.actors import Actor
from trellis.engine.transactions import zone_of
from trellis.engine.workspace import Workspace
from trellis.formbuilder.audience import Audience
from trellis.metadata.model.catalog import Catalog
from trellis.storage.files import LocalFiles
from trellis.web.i18n import LANGUAGES, locale_key, words_of
from trellis.web.pages.accounts import EngineAccount
from trellis.web.pages.admin_desk import (
    EngineJobs,
    EnginePackages,
    EnginePeople,
    EngineTrail,
)
from trellis.web.pages.desk import EngineRecords, Session
from trellis.web.pages.ports import Notes, Tasks
from trellis.web.pages.substitute_ports import Substitutes
from trellis.web.pages.visit import Admin, Person, Visit

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Doors:
    """What makes the doors of a visit that are not the engine's records."""

    access: AccessRoom
    files: LocalFiles
    tasks: Callable[[Session], Tasks]
    notes: Callable[[Session], Notes]
    substitutes: Callable[[Session], Substitutes]


def audience_of(principal: Principal) -> Audience:
    """Return a principal as a reader."""
    known = principal.locale in LANGUAGES
    locale = principal.locale if known else locale_key(principal.locale)
    return Audience(locale, zone_of(principal.timezone), words_of(locale))


def person_of(principal: Principal, catalog: Catalog, locale: str) -> Person:
    """Return a principal as the frame shows them: by their post, else by their roles."""
    roles = [role for key, role in catalog.roles.items() if key in principal.roles]
    post = principal.post or ", ".join(role.label.text(locale, role.key) for role in roles[:2])
    return Person(
        principal.id,
        principal.login,
        principal.name or principal.login,
        post,
        principal.roles,
        principal.capabilities,
    )


def open_visit(workspace: Workspace, doors: Doors, proof: Proof, theme: str, address: str) -> Visit:
    """Return the visit of somebody who proved who they are."""
    principal = proof.principal
    session = Session(workspace, Actor(principal, "ui"), doors.files)
    catalog = session.reading.compiled.catalog
    audience = audience_of(principal)
    return Visit(
        person=person_of(principal, catalog, audience.locale),
        catalog=catalog,
        audience=audience,
        theme=theme if theme in THEMES else "auto",
        csrf=proof.csrf,
        now=session.reading.now,
        records=EngineRecords(session),
        tasks=doors.tasks(session),
        notes=doors.notes(session),
        account=EngineAccount(session, doors.access, proof, address),
        admin=Admin(
            EnginePackages(session),
            EnginePeople(session, doors.access, proof),
            EngineJobs(session),
            EngineTrail(session),
        ),
        substitutes=doors.substitutes(session),
        close=session.close,
    )
