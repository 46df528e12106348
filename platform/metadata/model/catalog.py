"""The catalog: all published definitions of a workspace at one version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.metadata.model.access import Role, RowFilter, Separation
from trellis.metadata.model.clocks import ClockDefinition
from trellis.metadata.model.fields import OptionSet
from trellis.metadata.model.flows import Flow
from trellis.metadata.model.objects import Object
from trellis.metadata.model.pages import Form, View
from trellis.metadata.model.rules import Calendar, Decision, Notification, Rule
from trellis.metadata.model.texts import EMPTY_LABEL, Label
from trellis.metadata.source import Place
from trellis.problems import Location


@dataclass(frozen=True)
class App:
    """The head of a package (`app.yaml`)."""

    key: str
    version: str
    label: Label
    location: Location
    language: str = "en"
    requires: Mapping[str, str] = field(default_factory=dict)
    extends: str | None = None
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    approvals: Mapping[str, Any] = field(default_factory=dict)
    help: Label = EMPTY_LABEL
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Catalog:
    """Definitions of all installed apps (the built-in ones included), checked."""

    version: int = 0
    apps: Mapping[str, App] = field(default_factory=dict)
    objects: Mapping[str, Object] = field(default_factory=dict)
    options: Mapping[str, OptionSet] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    scopes: Mapping[str, RowFilter] = field(default_factory=dict)
    separations: tuple[Separation, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    clocks: Mapping[str, ClockDefinition] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    notifications: Mapping[str, Notification] = field(default_factory=dict)
    #: reports.yaml: stored and checked, shown later.
    reports: Mapping[str, Any] = field(default_factory=dict)
