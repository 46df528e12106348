"""Who may call a view: every view says so, and a test walks all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from trellis.metadata.model.access import Capability

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "trellis_policy"


@dataclass(frozen=True)
class Policy:
    """What a view asks of its caller before it runs.

    A public view runs for everybody; what it changes (the sign-in form) needs the CSRF value of
    a stranger when it is a form of ours.
    """

    public: bool = False
    capability: Capability | None = None
    form: bool = False


SIGNED_IN = Policy()
PUBLIC = Policy(public=True)
#: Blueprints whose views are for everybody who signed in, when they do not say otherwise.
_BLUEPRINT_POLICIES = {"pages": SIGNED_IN}
#: Pages that are for strangers, and pages that need a right whatever they check themselves.
_PAGE_POLICIES = {
    "/login": Policy(public=True, form=True),
    "/admin/packages": Policy(capability=Capability.PACKAGES),
    "/admin/users": Policy(capability=Capability.USERS),
    "/admin/jobs": Policy(capability=Capability.JOBS),
    "/admin/history": Policy(capability=Capability.AUDIT),
}


def policy(
    *, public: bool = False, capability: Capability | None = None, form: bool = False
) -> Callable[[View], View]:
    """Declare who may call a view."""
    declared = Policy(public, capability, form)

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, declared)
        return view

    return mark


class UndeclaredPolicyError(RuntimeError):
    """A view does not say who may call it."""


def policies_of(app: Flask) -> dict[str, Policy]:
    """Return the policy of every endpoint; raise UndeclaredPolicyError for one without."""
    found: dict[str, Policy] = {}
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], _ATTRIBUTE, None)
        declared = declared or _by_address(rule.rule, rule.endpoint)
        if declared is None:
            raise UndeclaredPolicyError(f"`{rule.endpoint}` at {rule.rule} has no policy")
        found[rule.endpoint] = declared
    return found


def _by_address(address: str, endpoint: str) -> Policy | None:
    blueprint = _BLUEPRINT_POLICIES.get(endpoint.partition(".")[0])
    if blueprint is None:
        return None
    for prefix, declared in _PAGE_POLICIES.items():
        if address == prefix or address.startswith(prefix + "/"):
            return declared
    return blueprint
