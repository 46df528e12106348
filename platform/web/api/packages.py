"""Packages over HTTP: check them, apply them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from trellis.access.errors import AccessDeniedError
from trellis.access.widening import widened_roles
from trellis.engine.errors import InvalidError, LimitError, problem
from trellis.engine.publishing.install import install
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.access import Capability
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import Package, package_from_files
from trellis.storage.catalogs import load_packages
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading
from trellis.web.api.reading import check_keys, json_body, mapping_of
from trellis.web.door import proof
from trellis.web.pages.ports import NewFile
from trellis.web.pages.uploads import package_files
from trellis.web.policy import policy
from trellis.web.serving import server

MAX_PACKAGE = 40 * 1024 * 1024
MAX_FILES = 2_000


@api.post("/v1/packages/check")
@policy(capability=Capability.PACKAGES)
def check_package() -> ResponseReturnValue:
    """Tell that a package holds beside the apps that are installed; its problems are a 422."""
    package = package_from_files(_files())
    catalog = _catalog_with(package)
    return answer({"ok": True, "problems": [], "app": package.app, "version": package.version,
                   "objects": sorted(key for key, one in catalog.objects.items()
                                     if one.app == package.app)})  # fmt: skip


@api.post("/v1/packages/apply")
@policy(capability=Capability.PACKAGES)
def apply_package() -> ResponseReturnValue:
    """Install a package: its problems, or the catalog's new version."""
    package = package_from_files(_files())
    _stop_widening(_catalog_with(package))
    me, workspace = proof().principal, server().workspace
    done = install(workspace.database, [package], at=workspace.clock.now(), by=me.id,
                   notes=workspace.notes)  # fmt: skip
    return answer({"version": done.version, "changed": done.changed,
                   "operations": list(done.operations)})  # fmt: skip


def _catalog_with(package: Package) -> Catalog:
    """Return the catalog that would be."""
    with reading() as tx:
        present = load_packages(tx.connection, tx.compiled.catalog.version)
    others = [one for one in present if one.app != package.app]
    return compile_catalog([*others, package])


def _stop_widening(after: Catalog) -> None:
    """Refuse a package by which somebody who may not give rights would give themselves some."""
    me = proof().principal
    if me.can(Capability.USERS):
        return
    with reading() as tx:
        wider = widened_roles(tx.compiled.catalog, after, me.roles)
    if wider:
        names = ", ".join(f"`{role}`" for role in wider)
        raise AccessDeniedError("OWN_ROLES", f"this package gives more rights to {names}, "
                                "which you hold", "ask somebody who administers users")  # fmt: skip


def _files() -> Mapping[str, bytes]:
    """Return the files that were sent: a zip, several files of a form, or texts in JSON."""
    if request.mimetype == "application/json":
        body = json_body(MAX_PACKAGE).value
        check_keys(body, ("files",))
        return _texts(mapping_of(body, "files"))
    if (request.content_length or 0) > MAX_PACKAGE:
        raise LimitError("TOO_LARGE", f"a package has at most {MAX_PACKAGE // 2**20} MiB")
    if request.mimetype in ("application/zip", "application/octet-stream"):
        return package_files([NewFile("package.zip", request.get_data())])
    sent = [NewFile(one.filename or "", one.read()) for one in request.files.getlist("file")]
    return package_files(sent)


def _texts(files: Mapping[str, Any]) -> Mapping[str, bytes]:
    wrong = [name for name, text in files.items() if not isinstance(text, str)]
    if wrong or not files or len(files) > MAX_FILES:
        raise InvalidError([problem("files", "TYPE", "is an object of file names and texts")])
    try:
        return {name: text.encode() for name, text in files.items()}
    except UnicodeEncodeError:
        raise InvalidError(
            [problem("files", "TYPE", "holds characters that no file has")]
        ) from None
