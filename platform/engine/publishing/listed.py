"""Conditions that lists ask the database: those that SQL cannot say are refused before they run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trellis.engine.compiled import CompiledCatalog
from trellis.engine.subject import Root
from trellis.expressions import ExpressionProblemsError
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Problem
from trellis.storage.names import PhysicalNames

_MEND = "ask for fields, references and lists of the record itself"


def listed_problems(
    catalog: Catalog, databases: Sequence[str] = ("sqlite", "postgresql")
) -> Iterator[Problem]:
    """Yield a problem for each scope, view or roll-up whose condition cannot be SQL.

    The catalog's expressions hold already.
    """
    compiled = CompiledCatalog(catalog, PhysicalNames())
    told: set[tuple[str, str]] = set()
    for object_key, condition in _conditions(catalog):
        if object_key not in catalog.objects or (object_key, condition.text) in told:
            continue
        told.add((object_key, condition.text))
        expression = compiled.expression(condition.text, object_key)
        try:
            for database in databases:
                subject = Root.of(compiled, object_key).subject()
                expression.to_sql(subject, sqlite=database == "sqlite")
        except ExpressionProblemsError as error:
            for found in error.problems:
                message = f"a list of `{object_key}` cannot be asked for this: {found.message}"
                yield Problem(condition.location, found.code, message, found.help or _MEND)


def _conditions(catalog: Catalog) -> Iterator[tuple[str, ExpressionText]]:
    for role in catalog.roles.values():
        for grant in role.grants.values():
            for rows in grant.rows.values():
                if rows.condition is not None:
                    yield grant.object, rows.condition
    for view in catalog.views.values():
        if view.where is not None:
            yield view.object, view.where
    for item in catalog.objects.values():
        for field in item.fields.values():
            if field.rollup is not None and field.rollup.where is not None:
                yield field.rollup.object, field.rollup.where
