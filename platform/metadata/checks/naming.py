"""Words that mean something else: names that fields and objects cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.limits import MAX_FIELDS
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import SYSTEM_FIELDS
from trellis.problems import Problem

#: Names that the platform keeps for fields of its own, now or later.
RESERVED_FIELDS = frozenset(SYSTEM_FIELDS) | {"history", "tenant"}
#: Words of URLs and of the platform's own things.
RESERVED_OBJECTS = frozenset({"record", "object", "task", "instance", "session", "token", "job"})


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each field or object with a reserved name."""
    for item in catalog.objects.values():
        if item.key in RESERVED_OBJECTS:
            yield Problem(item.location, "META090", f"an object cannot be called `{item.key}`",
                          f"for example `{item.key}_item`")  # fmt: skip
        if len(item.fields) > MAX_FIELDS:
            yield Problem(item.location, "META092",
                          f"object `{item.key}` has {len(item.fields)} fields, at most "
                          f"{MAX_FIELDS} fields fit into one",
                          "split it into several objects with references")  # fmt: skip
        for field in item.fields.values():
            if field.key in RESERVED_FIELDS:
                yield Problem(field.location, "META091",
                              f"every record has `{field.key}` of its own",
                              "choose another key for this field")  # fmt: skip
