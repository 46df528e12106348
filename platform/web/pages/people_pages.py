"""The pages of users and roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.access.errors import AccessError
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.common import person
from trellis.formbuilder.layout import object_labels
from trellis.formbuilder.values import Reference
from trellis.metadata.model.access import Action, Capability, Grant, Role
from trellis.web.pages.addresses import with_query
from trellis.web.pages.blueprint import pages
from trellis.web.pages.frame import go, shaper, show, tell
from trellis.web.pages.operations import stop_without
from trellis.web.pages.ports import Ask, Row
from trellis.web.pages.visit import Visit, visit

USER = "user"
_PAGE = 50


@dataclass(frozen=True)
class PersonItem:
    """A user in the list."""

    id: str
    person: Markup
    login: str
    post: str
    department: str
    roles: str
    active: bool


@dataclass(frozen=True)
class GrantItem:
    """What a role may do with an object."""

    object: str
    cells: tuple[str, ...]
    transitions: str
    masks: str


@dataclass(frozen=True)
class RoleItem:
    """A role with its rights."""

    key: str
    label: str
    help: str
    can: tuple[str, ...]
    grants: tuple[GrantItem, ...]
    people: str | None = None


@dataclass(frozen=True)
class PeopleView:
    """The page of users, or of roles."""

    tab: str
    text: str = ""
    people: tuple[PersonItem, ...] = ()
    next_url: str = ""
    roles: tuple[RoleItem, ...] = ()


@dataclass(frozen=True)
class HeldRole:
    """A role that a user has or could have."""

    key: str
    label: str
    help: str
    held: bool


@dataclass(frozen=True)
class UserView:
    """The page of one user."""

    id: str
    form: Markup
    edit_url: str
    roles: tuple[HeldRole, ...]
    active: bool
    secret: str = ""
    problem: str = ""


@pages.get("/admin/users")
def users_page() -> ResponseReturnValue:
    """Show the users."""
    at = visit()
    stop_without(at, Capability.USERS)
    words, text = at.audience.words, request.args.get("q", "").strip()
    ask = Ask(
        fields=("name", "login", "title", "department", "active"),
        sort=("name",),
        search=text,
        cursor=request.args.get("cursor", ""),
        limit=_PAGE,
    )
    page = at.records.page(USER, ask)
    held = at.admin.people.roles_of([row.id for row in page.rows])
    following = with_query("/admin/users", [("q", text), ("cursor", page.next_cursor)])
    view = PeopleView(
        "users",
        text,
        tuple(_person(at, row, held.get(row.id, frozenset())) for row in page.rows),
        following if page.next_cursor else "",
    )
    return show("users.html", at, words("Users and roles"), active="users", users=view)


def _person(at: Visit, row: Row, roles: frozenset[str]) -> PersonItem:
    department = row.values.get("department")
    return PersonItem(
        row.id,
        Markup(person(row.title or str(row.values.get("login")))),  # noqa: S704 - escapes the name
        str(row.values.get("login") or ""),
        str(row.values.get("title") or ""),
        department.title if isinstance(department, Reference) else "",
        ", ".join(_role_label(at, key) for key in at.catalog.roles if key in roles),
        row.values.get("active") is True,
    )


def _role_label(at: Visit, key: str) -> str:
    return at.catalog.roles[key].label.text(at.audience.locale, humanise(key))


@pages.get("/admin/users/roles")
def roles_page() -> ResponseReturnValue:
    """Show every role with its rights."""
    at = visit()
    stop_without(at, Capability.USERS)
    items = tuple(_role(at, role) for role in at.catalog.roles.values())
    title = at.audience.words("Users and roles")
    return show("users.html", at, title, active="users", users=PeopleView("roles", roles=items))


def _role(at: Visit, role: Role) -> RoleItem:
    locale = at.audience.locale
    return RoleItem(
        role.key,
        role.label.text(locale, humanise(role.key)),
        role.help.text(locale),
        tuple(sorted(str(one) for one in role.can)),
        tuple(_grants(at, role)),
    )


def _grants(at: Visit, role: Role) -> Iterator[GrantItem]:
    for key, grant in role.grants.items():
        model = at.catalog.objects.get(key)
        label = object_labels(model, at.audience) if model is not None else key
        masks = ", ".join(mask.field for mask in role.masks if mask.object == key)
        yield GrantItem(
            label,
            tuple(
                _rows_text(at, grant, action)
                for action in (
                    Action.READ,
                    Action.CREATE,
                    Action.UPDATE,
                    Action.DELETE,
                    Action.EXPORT,
                )
            ),
            ", ".join(grant.transitions) if grant.transitions is not None else "—",
            masks,
        )


def _rows_text(at: Visit, grant: Grant, action: Action) -> str:
    rows, words = grant.filter_for(action), at.audience.words
    if rows.kind == "filter":
        return rows.scope or (rows.condition.text if rows.condition is not None else "")
    return {"all": words("all"), "own": words("own")}.get(rows.kind, "—")


@pages.get("/admin/users/new")
def new_user_page() -> ResponseReturnValue:
    """Go to the form of a new user."""
    return redirect(f"/o/{USER}/new", 303)


@pages.get("/admin/users/<user_id>")
def user_page(user_id: str) -> ResponseReturnValue:
    """Show a user with roles and access."""
    return _user(visit(), user_id)


def _user(at: Visit, user_id: str, *, secret: str = "", problem: str = "") -> str:
    stop_without(at, Capability.USERS)
    model, row = at.object(USER), at.records.get(USER, user_id)
    held = at.admin.people.roles_of([user_id]).get(user_id, frozenset())
    rights = at.records.rights_on(USER, row)
    locale = at.audience.locale
    view = UserView(
        id=user_id,
        form=Markup(shaper(at).record(model, rights).body(row.values, at.now)),  # noqa: S704
        edit_url=f"/o/{USER}/{user_id}/edit" if rights.update else "",
        roles=tuple(
            HeldRole(key, _role_label(at, key), role.help.text(locale), key in held)
            for key, role in at.catalog.roles.items()
        ),
        active=row.values.get("active") is True,
        secret=secret,
        problem=problem,
    )
    crumbs = [(at.audience.words("Users and roles"), "/admin/users")]
    return show("user.html", at, row.title, active="users", crumbs=crumbs, user=view)


@pages.post("/admin/users/<user_id>/roles")
def change_roles(user_id: str) -> ResponseReturnValue:
    """Give and take roles."""
    at = visit()
    stop_without(at, Capability.USERS)
    try:
        at.admin.people.change_roles(user_id, request.form.getlist("role"))
    except AccessError as error:
        return _user(at, user_id, problem=error.message), 422
    tell(at.audience.words("The roles are changed; the person signs in again."))
    return go(f"/admin/users/{user_id}")


@pages.post("/admin/users/<user_id>/password")
def give_password(user_id: str) -> ResponseReturnValue:
    """Give a user a new password and show it once."""
    at = visit()
    stop_without(at, Capability.USERS)
    try:
        secret = at.admin.people.new_password(user_id)
    except AccessError as error:
        return _user(at, user_id, problem=error.message), 422
    return _user(at, user_id, secret=secret)


@pages.post("/admin/users/<user_id>/<any(activate, deactivate):verb>")
def change_activity(user_id: str, verb: str) -> ResponseReturnValue:
    """Let a user in, or keep them out."""
    at = visit()
    stop_without(at, Capability.USERS)
    row = at.records.get(USER, user_id)
    at.records.update(USER, user_id, {"active": verb == "activate"}, row.rev)
    if verb == "deactivate":
        tell(at.audience.words("Deactivated; the work goes to the substitute or leader."))
        return go(f"/people/{user_id}/work")
    return go(f"/admin/users/{user_id}")
