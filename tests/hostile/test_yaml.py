"""Checks E 44–47: definition files that attack whoever reads them.

The reading is measured in a process of its own, with as much memory and time as it may use.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files
from trellis.problems import ProblemsFoundError
from trellis.storage.database import Database

from tests.fakes.depot import Depot
from tests.fakes.hostile_definitions import REFUSED, TAKEN, wide_object
from tests.hostile.surface import CANARIES, FILES, NO_FILES, PACKAGE_APPLY, PACKAGE_CHECK

MEMORY = 700 * 2**20
SECONDS = 60
HEAD = b"app: bad\nversion: 1.0.0\nlabel: Bad\n"
#: What the core takes for two million additions on which the bars were measured.
USUAL_SECONDS = 0.067
READER = Path(__file__).parents[1] / "fakes" / "read_definitions.py"


def read_apart(files: Mapping[str, bytes], folder: Path) -> dict[str, Any]:
    """Read files in a process of its own; return the outcome of each by name."""
    for name, content in files.items():
        (folder / name).write_bytes(content)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    done = subprocess.run(
        [sys.executable, str(READER), *(str(folder / name) for name in files)],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def second() -> float:
    """Return how long this core takes for a second of the one that the bars were measured on."""
    begin, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number
    return max(1.0, (time.process_time() - begin) / USUAL_SECONDS)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_apart({**REFUSED, **TAKEN}, tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("name", REFUSED)
def test_44_to_47_a_hostile_file_is_refused_at_once(
    outcomes: dict[str, Any], name: str, second: float
) -> None:
    outcome = outcomes[name]

    assert outcome["problems"], "it was read"
    assert outcome["problems"][0].startswith("META0")
    assert outcome["seconds"] < second
    assert outcome["megabytes"] < 200


@pytest.mark.parametrize("name", TAKEN)
def test_44_to_47_what_is_only_large_is_read(
    outcomes: dict[str, Any], name: str, second: float
) -> None:
    assert outcomes[name]["problems"] == []
    assert outcomes[name]["seconds"] < second


def test_44_nothing_that_a_file_names_is_run(outcomes: dict[str, Any]) -> None:
    assert outcomes

    assert list(CANARIES("canary*")) == []


@pytest.mark.skipif(not FILES.is_dir(), reason=NO_FILES)
def test_44_to_47_the_given_files_are_refused_or_hold_what_they_say(
    tmp_path: Path, second: float
) -> None:
    given = {path.name: path.read_bytes() for path in sorted(FILES.glob("[yj][as][mo][ln]_*"))}

    found = read_apart(given, tmp_path)

    assert {name for name, one in found.items() if not one["problems"]} == {"yaml_label_xss.yaml"}
    assert max(one["seconds"] for one in found.values()) < second


@pytest.fixture(scope="module")
def designing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('depot') / 'depot.db'}")
    made = Depot(database)
    yield made
    made.close()
    database.dispose()


@pytest.mark.parametrize("name", REFUSED)
def test_44_to_47_the_server_answers_with_the_problem(designing: Depot, name: str) -> None:
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.yaml", HEAD)
        archive.writestr("objects" + Path(name).suffix, REFUSED[name])

    answer = designing.caller("dan")(
        "POST", PACKAGE_CHECK, data=sent.getvalue(), content_type="application/zip"
    )

    assert answer.status_code in (413, 422)
    assert answer.status_code == 413 or answer.json["details"][0]["code"].startswith("META0")


def test_46_a_choice_keeps_the_text_of_its_author() -> None:
    options = (
        b"options:\n  answer: {no: No, yes: Yes, on: On, 12:30:45: Then, 1_000: Many, 0b1: Bits}\n"
    )

    package = package_from_files({"app.yaml": HEAD, "options.yaml": options})

    answers = package.definitions[0].source.data["options"]["answer"]
    assert list(answers) == ["no", "yes", "on", "12:30:45", "1_000", "0b1"]


@pytest.mark.parametrize("key", ["id", "created_at", "owner", "rev", "deleted_at", "source"])
def test_47_names_of_the_platform_are_refused(designing: Depot, key: str) -> None:
    objects = f"objects: {{thing: {{label: Thing, fields: {{{key}: {{type: text}}}}}}}}"
    files = {"app.yaml": HEAD.decode(), "objects.yaml": objects}

    refused = designing.caller("dan").post(PACKAGE_CHECK, {"files": files})
    twin = {**files, "objects.yaml": objects.replace(f"{{{key}:", "{other:")}
    lawful = designing.caller("dan").post(PACKAGE_CHECK, {"files": twin})

    assert [one["code"] for one in refused.json["details"]] == ["META091"]
    assert lawful.status_code == 200


@pytest.mark.parametrize(
    "key", ["select", "table", "order", "group", "null", "drop", "état", "数量"]
)
def test_47_words_of_sql_are_names_like_others(designing: Depot, key: str) -> None:
    objects = f'objects: {{thing: {{label: Thing, fields: {{"{key}": {{type: text}}}}}}}}'
    files = {"app.yaml": HEAD.decode(), "objects.yaml": objects}

    assert designing.caller("dan").post(PACKAGE_CHECK, {"files": files}).status_code == 200


def test_47_names_of_two_packages_that_clash_are_refused(designing: Depot) -> None:
    files = {"app.yaml": HEAD.decode(), "objects.yaml": "objects: {customer: {label: Customer}}"}

    refused = designing.caller("dan").post(PACKAGE_CHECK, {"files": files})

    assert refused.status_code == 422
    assert "by app `depot` and by app `bad`" in refused.json["details"][0]["message"]


def test_47_five_thousand_fields_are_refused_by_a_named_limit() -> None:
    package = package_from_files({"app.yaml": HEAD, "objects.yaml": wide_object(5_000)})

    with pytest.raises(ProblemsFoundError, match=r"META092.*at most 1000 fields"):
        compile_catalog([package])


def test_47_a_thousand_fields_are_installed_on_both_engines(database: Database) -> None:
    depot = Depot(database)
    files = {"app.yaml": HEAD.decode(), "objects.yaml": wide_object(1_000).decode(),
             "roles.yaml": "roles: {wide: {label: Wide, grants: {wide: all}}}"}  # fmt: skip

    applied = depot.caller("ada").post(PACKAGE_APPLY, {"files": files})
    depot.add_user("wim", "wide")
    made = depot.caller("wim").post("/records/wide", {"f0": "first", "f996": 7, "f997": "1.50"})

    assert applied.status_code == 200
    assert (made.status_code, made.json["f996"]) == (201, 7)
    depot.close()
