"""A scope that no database can be asked for is refused at publishing, not when it is used."""

from __future__ import annotations

import pytest
from trellis.engine.publishing.listed import listed_problems
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files

FILES = {
    "app.yaml": "app: t\nversion: 1.0.0\nlabel: T\n",
    "objects.yaml": """
objects:
  box:
    title: name
    fields:
      name: {type: text}
      helpers: {type: users}
      lids: {type: related, from: lid.box}
      closed: {type: rollup, from: lid.box, count: true, where: 'tight'}
  lid:
    title: name
    fields: {name: {type: text}, tight: {type: boolean}, box: {type: ref, to: box}}
""",
}


def told(scope: str) -> list[str]:
    roles = f"roles: {{r: {{label: R, grants: {{box: {{read: '{scope}'}}}}}}}}\n"
    texts = {**FILES, "roles.yaml": roles}
    files = {name: text.encode() for name, text in texts.items()}
    return [
        str(problem) for problem in listed_problems(compile_catalog([package_from_files(files)]))
    ]


@pytest.mark.parametrize("scope", ["user in helpers", "count(lids[tight]) > 0", "all", "own"])
def test_what_can_be_asked_is_taken(scope: str) -> None:
    assert told(scope) == []


def test_what_cannot_be_asked_says_where_and_why() -> None:
    (problem,) = told("helpers[1] = user")

    assert problem.startswith("roles.yaml:1:")
    assert "error[FEEL040]: a list of `box` cannot be asked for this: cannot be SQL" in problem
    assert "help: " in problem
